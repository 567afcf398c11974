import { MetaData } from '../schema/metadata.ts';
import { snakeCase } from '../schema/naming.ts';
import { ColumnNode, selectOf, type Expression } from './expression.ts';
import type { ViewSource } from './nodes.ts';
import { DERIVED, type Derived } from './source.ts';
import type { Select } from './statement.ts';

/** A view of the database, for statements: read as a subquery is. */
export interface View<R, N extends string> extends Derived<R, N> {
  readonly metadata: MetaData;
}

export interface ViewOptions {
  /** Where the view is registered. One of its own unless given. */
  readonly metadata?: MetaData;
  readonly schema?: string;
}

/**
 * A view: a select that the database keeps under a name. `createAll` creates it after its tables.
 *
 * @example
 * const adults = view('adults', select({ id: users.c.id, fullName: users.c.fullName }).where(users.c.age.gte(18)), { metadata })
 * await engine.all(select(adults).where(adults.c.id.gt(5)))
 * // create view "adults" ("id", "full_name") as select "users"."id", … where "users"."age" >= 18
 * // select "adults"."id", "adults"."full_name" as "fullName" from "adults" where "adults"."id" > ?1
 */
export function view<const N extends string, R>(
  name: N,
  query: Select<R>,
  { metadata = new MetaData(), schema = metadata.schema }: ViewOptions = {},
): View<R, N> {
  const select = selectOf(query, 'view()');
  const node: ViewSource = { kind: 'view', table: { schema, name }, name };
  const columns: string[] = [];
  const c: Record<string, Expression> = Object.create(null) as Record<string, Expression>;
  for (const output of select.outputs) {
    const column = metadata.naming.column?.(output.name) ?? snakeCase(output.name);
    columns.push(column);
    c[output.name] = new ColumnNode(node, column, output.expression.type);
  }
  metadata.put(metadata.views, { schema, name, columns, query: select });
  const result: object = { tableName: name, c, metadata, [DERIVED]: node };
  return result as View<R, N>;
}
