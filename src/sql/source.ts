import { ConfigurationError } from '../errors/errors.ts';
import type { Table, TableColumn } from '../schema/table.ts';
import { kindOf } from '../util/brand.ts';
import type { Expr } from './expr.ts';
import { ColumnNode, type Expression } from './expression.ts';
import type { DerivedSource, EntitySource, SelectNode, TableSource, ViewSource } from './nodes.ts';

/** Marks the row type of a source. A type only. */
export declare const row: unique symbol;

/** What FROM and JOIN take: a model, or an alias, a subquery or a CTE. */
export interface Source<N extends string> {
  readonly tableName: N;
}

/** A subquery or a CTE. */
export interface Derived<R, N extends string> extends Source<N> {
  readonly [row]: R;
  readonly c: { readonly [K in keyof R]: Expr<R[K], N> };
}

/** Where a model or an alias keeps its `EntitySource`, and a subquery its node. */
export const ENTITY: symbol = Symbol.for('cinnabar.entity');
/** Marks an attribute that is several columns. */
export const EMBEDDED: symbol = Symbol.for('cinnabar.embedded');
export const DERIVED: symbol = Symbol.for('cinnabar.derived');

/** What an object or a class keeps under a registered symbol, which JSON cannot forge. */
function hidden<T>(input: unknown, mark: symbol): T | undefined {
  const holds = (typeof input === 'object' && input !== null) || typeof input === 'function';
  return holds ? (input as { readonly [key: symbol]: T | undefined })[mark] : undefined;
}

/** The table behind a model or an alias, or undefined for anything else. */
export function findEntity(input: unknown): EntitySource | undefined {
  return hidden<EntitySource>(input, ENTITY);
}

/** The table behind a model or an alias, or a `ConfigurationError`. */
export function entityOf(input: unknown, where: string): EntitySource {
  const entity = findEntity(input);
  if (entity) return entity;
  throw new ConfigurationError(`${where}: expected a model, got ${kindOf(input)}`);
}

/** The node behind a subquery, a CTE or a view, or undefined for anything else. */
export function findDerived(input: unknown): DerivedSource | ViewSource | undefined {
  return hidden<DerivedSource | ViewSource>(input, DERIVED);
}

/** The error for a name that no column of a model has; it may not even be one. */
export function unknownColumn(entity: EntitySource, attribute: unknown, where: string): Error {
  const name = typeof attribute === 'string' ? `'${attribute}'` : kindOf(attribute);
  return new ConfigurationError(
    `${where}: '${entity.name}' has no column ${name}; it has ${[...entity.columns.keys()].join(', ')}`,
  );
}

/** What a row may hold as a whole: a model, an alias, a table, a subquery or a view. */
export function findMember(input: unknown): EntitySource | undefined {
  const entity = findEntity(input);
  const source = entity ? undefined : findDerived(input);
  if (!source) return entity;
  const columns = new Map(Object.entries((input as { c: Record<string, Expression> }).c));
  return { name: source.name, source, joins: [], where: [], columns };
}

/** The source behind what FROM or JOIN was given, and the tables that come with it. */
export function sourceOf(input: unknown, where: string): Pick<EntitySource, 'source' | 'joins' | 'where'> {
  const entity = findEntity(input);
  if (entity) return entity;
  const node = findDerived(input);
  if (node) return { source: node, joins: [], where: [] };
  throw new ConfigurationError(`${where}: expected a model, an alias or a subquery, got ${kindOf(input)}`);
}

/** A subquery or CTE as the program sees it. */
export function derived<R, N extends string>(node: DerivedSource): Derived<R, N> {
  const columns: Record<string, Expression> = Object.create(null) as Record<string, Expression>;
  const names = new Set<string>();
  for (const { name, expression } of node.select.outputs) {
    // A database may tell names apart by more than case, and yields the first of two that it does not.
    if (names.size === names.add(name.toLowerCase()).size)
      throw new ConfigurationError(`the subquery '${node.name}' has two columns '${name}': name one of them otherwise`);
    columns[name] = new ColumnNode(node, name, expression.type);
  }
  return { tableName: node.name, c: columns, [DERIVED]: node } as object as Derived<R, N>;
}

export function derivedNode(select: SelectNode, name: string, cte: boolean, recursive = false): DerivedSource {
  return { kind: 'derived', name, cte, recursive, select };
}

const tableSources = new WeakMap<Table, TableSource>();

/** The one node by which every statement names the table itself. */
export function tableSource(table: Table): TableSource {
  let node = tableSources.get(table);
  if (!node) tableSources.set(table, (node = { kind: 'table', table, name: table.name }));
  return node;
}

/** A column of the table itself. */
export function columnNode(column: TableColumn): ColumnNode {
  return new ColumnNode(tableSource(column.table), column.name, column.type, column);
}
