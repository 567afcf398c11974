import { isSame } from '../names.ts';
import type { ObjectName, SchemaSnapshot, ViewSnapshot } from '../snapshot.ts';
import { qualified } from '../text/quote.ts';
import { mentions } from '../text/tokens.ts';
import { createView } from './text.ts';

/** The views that read a table, directly or through others, in an order in which they can be created. */
function viewsOver(name: ObjectName, schema: SchemaSnapshot): ViewSnapshot[] {
  const found: ViewSnapshot[] = [];
  const read = new Set([name.name]);
  for (const view of schema.views) {
    if (isSame(view, name) || ![...read].some((other) => mentions(view.query, other))) continue;
    found.push(view);
    read.add(view.name);
  }
  return found;
}

/** PostgreSQL changes no type of a column that a view reads: such views go and come back. */
export function withoutViews(table: ObjectName, schema: SchemaSnapshot, statements: readonly string[]): string[] {
  const views = viewsOver(table, schema);
  return [
    ...views.toReversed().map((view) => `drop ${view.materialized ? 'materialized view' : 'view'} ${qualified(view)}`),
    ...statements,
    ...views.flatMap(createView),
  ];
}
