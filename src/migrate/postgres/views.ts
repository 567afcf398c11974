import { isSame } from '../names.ts';
import type { ObjectName, SchemaSnapshot, ViewSnapshot } from '../snapshot.ts';
import { qualified } from '../text/quote.ts';
import { mentions } from '../text/tokens.ts';
import { createView } from './text.ts';

/** The views that read tables, directly or through others, in an order in which they can be created. */
function viewsOver(tables: readonly ObjectName[], schema: SchemaSnapshot): ViewSnapshot[] {
  const found: ViewSnapshot[] = [];
  const read = new Set(tables.map(({ name }) => name));
  for (const view of schema.views) {
    if (tables.some((table) => isSame(table, view)) || ![...read].some((other) => mentions(view.query, other)))
      continue;
    found.push(view);
    read.add(view.name);
  }
  return found;
}

/** PostgreSQL changes no type of a column that a view reads: such views go and come back. */
export function withoutViews(
  tables: readonly ObjectName[],
  schema: SchemaSnapshot,
  statements: readonly string[],
): string[] {
  const views = viewsOver(tables, schema);
  return [
    ...views.toReversed().map((view) => `drop ${view.materialized ? 'materialized view' : 'view'} ${qualified(view)}`),
    ...statements,
    ...views.flatMap(createView),
  ];
}
