import { ConfigurationError } from '../errors/errors.ts';
import { isBranded, isRecord, kindOf } from '../util/brand.ts';
import type { AnyExpr, By, Condition, Expr } from './expr.ts';
import type { Expression } from './expression.ts';
import type { Loaded, Only, With } from './loading.ts';
import type { Lockable } from './lock.ts';
import type { AnyModel, AnyTable, DefinitionOf, Entity, InstanceOf, Attributes } from './model.ts';
import type { EntitySource, JoinNode, SelectNode, SourceNode } from './nodes.ts';
import type { Filter, Values } from './plain.ts';
import type { Relation } from './relation.ts';
import { rowSelect, selectNode, shapeOf, type Rows, type Shape } from './select.ts';
import { rowReader } from './row-reader.ts';
import { SelectBuilder, type BuilderStep } from './select-builder.ts';
import {
  unknownColumn,
  ENTITY,
  entityOf,
  findDerived,
  findEntity,
  type Derived,
  type row,
  type Source,
} from './source.ts';
import { ColumnNode, Scoped } from './expression.ts';
import type { Select } from './statement.ts';

export interface EntitySelect<E extends Entity> extends Select<E>, Lockable {
  where(...conditions: Condition[]): EntitySelect<E>;
  filterBy(values: Filter<E>): EntitySelect<E>;
  join(relation: Relation<unknown>): EntitySelect<E>;
  orderBy(...by: By[]): EntitySelect<E>;
  limit(n: number): EntitySelect<E>;
  offset(n: number): EntitySelect<E>;
  with<const W extends With<E>>(relations: W): EntitySelect<Loaded<E, W>>;
  loadOnly<K extends string & keyof Values<E>>(...columns: K[]): EntitySelect<Only<E, K>>;
}

/** `Nullable`: what an outer join may leave null. */
export interface RowSelect<S, Nullable extends string>
  extends Rows<{ [K in keyof S]: Cell<S[K], Nullable> }>, Lockable {
  from(source: Source<string>): RowSelect<S, Nullable>;
  innerJoin<N extends string>(source: Source<N>, on: Condition): RowSelect<S, Exclude<Nullable, N>>;
  leftJoin<N extends string>(source: Source<N>, on: Condition): RowSelect<S, Nullable | N>;
  rightJoin<N extends string>(source: Source<N>, on: Condition): RowSelect<S, Exclude<Nullable | SourcesOf<S>, N>>;
  fullJoin(source: Source<string>, on: Condition): RowSelect<S, Nullable | SourcesOf<S>>;
  where(...conditions: Condition[]): RowSelect<S, Nullable>;
  groupBy(...by: AnyExpr[]): RowSelect<S, Nullable>;
  having(...conditions: Condition[]): RowSelect<S, Nullable>;
  distinct(): RowSelect<S, Nullable>;
}

export type Cell<X, Nullable> =
  X extends Expr<infer V, infer S>
    ? V | (S extends Nullable ? null : never)
    : X extends Source<infer N>
      ? RowOf<X> | (N extends Nullable ? null : never)
      : never;

/** A source's columns, as a shape that selects them. */
export type Cells<C> = { -readonly [K in keyof C]: C[K] };

/** The entity of a model; the plain row of anything else that has rows. */
export type RowOf<X> = X extends { readonly [row]: infer R } ? R : InstanceOf<X>;

/** Those joined later too: their own join says again whether they may be null. */
export type SourcesOf<S> = {
  // oxlint-disable-next-line typescript/no-explicit-any -- an expression of any value
  [K in keyof S]: S[K] extends Expr<any, infer T>
    ? string extends T
      ? never
      : T
    : S[K] extends Source<infer N>
      ? N
      : never;
}[keyof S];

/** The same table once more, under another name. */
export interface Alias<C, N extends string> extends Source<N> {
  readonly [row]: RowOf<C>;
  readonly c: Attributes<DefinitionOf<InstanceOf<C>>, N>;
}

/** How a relation of a class joins its target. */
export const RELATION: symbol = Symbol.for('cinnabar.relation');
export interface Joinable {
  joins(): readonly JoinNode[];
}

/** Builds a select of a model. */
export class EntitySelectBuilder extends SelectBuilder {
  protected override derive(...of: BuilderStep): this {
    return new EntitySelectBuilder(...of) as this;
  }
  get entity(): EntitySource {
    return this.node.shape[0]!.entity!;
  }
  /** Without a session: the columns that `loadOnly()` names and the key, and no relations. */
  get plain(): SelectNode {
    const { node } = this;
    if (node.load)
      throw new ConfigurationError('with(): relations are loaded by a Session; the rows of an engine are plain');
    if (!node.only) return this.whole;
    const columns = new Map(
      [...this.entity.columns].filter(
        ([attribute, read]) => node.only!.includes(attribute) || (read as ColumnNode).column?.spec.key,
      ),
    );
    const outputs = [...columns].map(([name, expression]) => ({ name, expression }));
    return { ...this.whole, outputs, shape: [{ ...node.shape[0]!, entity: { ...this.entity, columns } }] };
  }
  filterBy(values: unknown): this {
    if (!isRecord(values)) {
      throw new ConfigurationError(`filterBy(): expected an object of attributes, got ${kindOf(values)}`);
    }
    return this.change('where', this.entity.filter!(values));
  }
  join(relation: unknown): this {
    if (!isBranded(relation, RELATION)) throw new ConfigurationError(`join(): expected a relation, like User.c.posts`);
    return this.change('joins', (relation as Joinable).joins());
  }
  with(relations: Readonly<Record<string, unknown>>): this {
    return this.change('load', this.node.load ? mergeLoads(this.node.load, relations) : relations);
  }
  loadOnly(...columns: string[]): this {
    for (const attribute of columns) {
      if (!this.entity.columns.has(attribute) && !this.entity.embedded?.has(attribute))
        throw unknownColumn(this.entity, attribute, 'loadOnly()');
    }
    return this.change('only', columns);
  }
}

/** What two calls of `with()` ask for, together. Of two parts or ways to load one relation, neither would be the one meant. */
function mergeLoads(
  first: Readonly<Record<string, unknown>>,
  second: Readonly<Record<string, unknown>>,
  path = '',
): Readonly<Record<string, unknown>> {
  const merged: Record<string, unknown> = { ...first };
  for (const [name, value] of Object.entries(second)) {
    const before = merged[name];
    if (before === undefined || before === true || value === undefined || before === value)
      merged[name] = value ?? before;
    else if (isLoads(before) && isLoads(value)) merged[name] = mergeLoads(before, value, `${path}${name}.`);
    else if (!isLoads(before) || value !== true)
      throw new ConfigurationError(`with(): '${path}${name}' is asked for twice, in two ways; say it once`);
  }
  return merged;
}

/** Whether what was asked of a relation is relations of its target: no part, and no way to load. */
function isLoads(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !('brand' in value);
}

/** The select of all columns of an entity. */
export function entitySelectNode(entity: EntitySource): SelectNode {
  const outputs = [...entity.columns].map(([name, expression]) => ({ name, expression }));
  return selectNode(outputs, [{ name: undefined, start: 0, entity }], {
    from: entity.source,
    joins: entity.joins,
    where: entity.where,
  });
}

/**
 * A SELECT of the rows of a model, a table, a view or a subquery, or of named columns and expressions.
 *
 * @example
 * select(User).where(User.c.name.eq('Ann'))
 * select({ name: User.c.name, n: count() }).from(User).groupBy(User.c.name)
 * // select "users"."name" as "name", count(*) as "n" from "users" group by "users"."name"
 */
export function select<C extends AnyModel>(model: C): EntitySelect<InstanceOf<C>>;
export function select<S extends Shape>(shape: S): RowSelect<S, never>;
export function select<T extends AnyTable | Derived<unknown, string>>(source: T): RowSelect<Cells<T['c']>, never>;
export function select(input: object): unknown {
  const entity = findEntity(input);
  if (entity?.source.kind === 'alias')
    throw new ConfigurationError(`select(): an alias stands under a name: select({ ${entity.name}: … })`);
  if (entity?.builder) return new entity.builder({ ...entitySelectNode(entity), reader: rowReader });
  if (typeof input !== 'object' || input === null)
    throw new ConfigurationError(`select(): expected a model or columns by name, got ${kindOf(input)}`);
  const columns = entity
    ? Object.fromEntries(entity.columns)
    : findDerived(input)
      ? (input as Derived<unknown, string>).c
      : input;
  const { outputs, shape } = shapeOf(columns as Record<string, unknown>, 'select()');
  return rowSelect(selectNode(outputs, shape));
}

function columnsOf({ columns, embedded }: EntitySource): object {
  const c: Record<string, unknown> = Object.fromEntries(columns);
  return embedded ? embedded.nest(c) : c;
}

/** `const Boss = alias(User, 'boss')`: the same table once more. */
export function alias<C extends AnyModel | AnyTable, const N extends string>(model: C, name: N): Alias<C, N> {
  const entity = entityOf(model, 'alias()');
  if (entity.source.kind !== 'table' || entity.joins.length > 0) {
    throw new ConfigurationError(`alias(): '${entity.name}' has several tables or is an alias already`);
  }
  const source: SourceNode = { kind: 'alias', table: entity.source.table, name };
  const move = ({ column }: ColumnNode): Expression => new ColumnNode(source, column!.name, column!.type, column);
  const columns = new Map(
    [...entity.columns].map(([attribute, node]) => [attribute, move(node as ColumnNode)] as const),
  );
  const where = entity.where.map((condition) => new Scoped(condition, entity.source, name));
  const aliased: EntitySource = { ...entity, name, source, columns, where };
  return { tableName: name, c: columnsOf(aliased), [ENTITY]: aliased } as object as Alias<C, N>;
}
