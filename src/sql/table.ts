import { ConfigurationError } from '../errors/errors.ts';
import { isColumn } from '../schema/column.ts';
import { MetaData } from '../schema/metadata.ts';
import { Table as SchemaTable } from '../schema/table.ts';
import { kindOf } from '../util/brand.ts';
import type { Expression } from './expression.ts';
import type { Attributes, Entity, TableOptions } from './model.ts';
import type { Rules } from './indexes.ts';
import type { EntitySource } from './nodes.ts';
import type { ValuesIn } from './plain.ts';
import { columnNode, ENTITY, tableSource, type row, type Source } from './source.ts';

/** What the type of a table carries beside its columns. */
export interface TableRow<N extends string, D> extends Entity {
  readonly '~table': { readonly [K in N]: true };
  readonly '~definition': D;
}

/** A table without a model: for statements, wherever they take a model. Its rows are plain objects. */
export interface Table<N extends string, D> extends Source<N> {
  readonly [row]: ValuesIn<D>;
  readonly '~row': TableRow<N, D>;
  /** Its columns, for statements: `users.c.name.eq('Ann')`. */
  readonly 'c': Attributes<D, N>;
  readonly 'metadata': MetaData;
}

export interface CoreTableOptions<N extends string, D> extends TableOptions<D> {
  /** Where the table is registered, and found by the foreign keys of others. One of its own unless given. */
  metadata?: MetaData;
  /** Checks and indexes, over the columns. */
  constrain?: (c: Attributes<D, N>) => Rules;
}

/**
 * A table for the SQL toolkit alone: no classes, no session.
 *
 * @example
 * const metadata = new MetaData()
 * const orgs = table('orgs', { id: integer().primaryKey() }, { metadata })
 * const users = table('users', { id: integer().primaryKey(), name: text(), orgId: integer().references('orgs.id') }, {
 *   metadata,
 *   constrain: (c) => ({ indexes: [index(c.name)] }),
 * })
 * await engine.all(select({ name: users.c.name }).from(users).where(users.c.orgId.eq(1)))
 * // select "users"."name" from "users" where "users"."org_id" = ?1
 * @throws ConfigurationError where two columns or two tables have one name.
 */
// `D` has no constraint: it would be what `text()` infers its type from.
export function table<const N extends string, D extends object>(
  name: N,
  columns: D,
  options: CoreTableOptions<N, D> = {},
): Table<N, D> {
  const { metadata = new MetaData(), constrain } = options;
  const made = new SchemaTable(metadata, name, options);
  const nodes = new Map<string, Expression>();
  for (const [attribute, column] of Object.entries(columns as Readonly<Record<string, unknown>>)) {
    if (!isColumn(column)) {
      throw new ConfigurationError(`${name}.${attribute}: expected a column, like text(); got ${kindOf(column)}`);
    }
    nodes.set(attribute, columnNode(made.add(attribute, column.spec)));
  }
  made.constrain(options);
  if (!made.settings.readOnly) metadata.add(made);
  const c: object = Object.fromEntries(nodes);
  if (constrain) made.rules.push(() => constrain(c as Attributes<D, N>));
  const entity: EntitySource = { name, source: tableSource(made), joins: [], where: [], columns: nodes };
  const result: object = { tableName: name, c, metadata, [ENTITY]: entity };
  return result as Table<N, D>;
}
