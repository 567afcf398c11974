import type { Column, ForeignKeyOptions } from '../schema/column.ts';
import type { MetaData } from '../schema/metadata.ts';
import type { TableSettings } from '../schema/table.ts';
import type { AnyExpr, Condition, Expr } from './expr.ts';
import type { Json } from './plain.ts';
import type { Many, ManyRelation, One, OneRelation, WriteOnly, WriteOnlyRelation } from './relation.ts';
import type { Select } from './statement.ts';

/** Any model class. */
// oxlint-disable-next-line typescript/no-explicit-any -- `unknown[]` would refuse every class with a parameter
export type AnyModel = abstract new (...args: any) => any;

/** Any entity. (Names that begin with `~` are types only: no entity has them at run time.) */
export interface Entity {
  readonly '~table': unknown;
}

/** Any table of `table()`: what a model is to an ORM, without classes. */
export interface AnyTable {
  readonly 'tableName': string;
  readonly 'c': object;
  readonly '~row': Entity;
}

/** The entity of a model class. Read off `prototype`, because inferring it from the constructor would resolve `Init`. */
export type InstanceOf<C> = C extends { readonly prototype: infer E extends Entity } ? E : Constructed<C>;
type Constructed<C> =
  // oxlint-disable-next-line typescript/no-explicit-any -- see AnyModel
  C extends (abstract new (...args: any) => infer E extends Entity)
    ? E
    : C extends { readonly '~row': infer E extends Entity }
      ? E
      : never;

// oxlint-disable-next-line typescript/no-explicit-any -- a column of any flags
type ColumnOf<V> = Column<V, any>;

export type Attribute<A> =
  A extends ColumnOf<infer V>
    ? V
    : A extends ManyRelation<infer C>
      ? Many<InstanceOf<C>>
      : A extends OneRelation<infer C, infer N>
        ? One<InstanceOf<C> | N>
        : A extends WriteOnlyRelation<infer C>
          ? WriteOnly<InstanceOf<C>>
          : never;

/** Columns can be assigned. Relations, being getters, are read-only. */
export type Instance<D> = { [K in keyof D]: Attribute<D[K]> };

export type Given<A> =
  A extends ColumnOf<infer V>
    ? V
    : A extends ManyRelation<infer C>
      ? Iterable<InstanceOf<C>>
      : A extends OneRelation<infer C, infer N>
        ? InstanceOf<C> | N
        : A extends WriteOnlyRelation<infer C>
          ? Iterable<InstanceOf<C>>
          : never;

export type AnyValue = {} | null;

// Keys are picked by distribution over `K`: it costs a compiler less than a mapped type.
export type Needed<D, K extends keyof D = keyof D> = K extends unknown
  ? // oxlint-disable-next-line typescript/no-explicit-any -- a column of any value
    D[K] extends Column<any, 'key' | 'hidden'>
    ? K
    : never
  : never;

/** What a new row may be given: nothing where the database computes the column from others. */
// oxlint-disable-next-line typescript/no-explicit-any -- a column of any value
export type Taken<A> = A extends Column<any, infer F> ? ('computed' extends F ? never : Given<A>) : Given<A>;

/**
 * What a constructor takes. A foreign key is not needed: its relation may give it, or the collection that the entity is put
 * into. What the database computes is not taken.
 */
export type Init<D> = { [K in Needed<D>]: AnyValue } & { [K in keyof D]?: Taken<D[K]> };

/** An attribute over several columns, each by its name within the value. */
export interface Parted {
  readonly parts: object;
}
// Asked for without `infer`: that costs a compiler less.
export type ClassAttribute<A, S extends string> = A extends Parted
  ? Attributes<A['parts'], S>
  : A extends ColumnOf<infer V>
    ? Expr<V, S>
    : A;
export type Attributes<D, S extends string> = { readonly [K in keyof D]: ClassAttribute<D[K], S> };

/** What the type of an entity carries beside its attributes. A class with accessors, so that the type of a spread copy is without it. */
declare abstract class EntityOf<D, N> implements Entity {
  get '~definition'(): D;
  /** So that two models alike are still two. */
  get '~table'(): N;
  /** The columns that are not `hidden`. For relations: `serialize(entity, shape)`. */
  'toJSON'(): Json<this>;
}
export type { EntityOf };

export type DefinitionOf<E> = E extends { readonly '~definition': infer D } ? D : never;

export interface ModelStatics<N extends string, D> {
  /** Class-level attributes, for queries: `User.c.name.eq('Ann')`, `User.c.posts.some(...)`. */
  readonly c: Attributes<D, N>;
  readonly tableName: N;
  readonly prototype: unknown;
  /** `class User extends Model(…).constrain((c) => ({ checks: { adult: c.age.gte(18) } })) {}` */
  constrain(rules: (c: Attributes<D, N>) => { checks?: Record<string, Condition>; indexes?: readonly Index[] }): this;
}

export interface ModelClass<N extends string, D> extends ModelStatics<N, D> {
  new (init: Init<D>): Instance<D> & EntityOf<D, { readonly [K in N]: true }>;
}

/** An index, as it is built. */
export interface Index {
  unique(): Index;
  where(condition: Condition): Index;
  named(name: string): Index;
  /** How it is built: `gin`, `gist`, `hash`, `brin`, or what an extension brings. PostgreSQL alone has it. */
  using(method: string): Index;
  /** Columns that are kept in it, and not searched by. PostgreSQL alone has it. */
  include(...columns: AnyExpr[]): Index;
  /** NULLs are one value to a unique index. PostgreSQL alone has it, from 15 on. */
  nullsNotDistinct(): Index;
}

export interface TableOptions<D> extends TableSettings {
  /** Of a base: which rows are of the base itself. A row that is neither of it nor of a subclass is an error. */
  rows?: { readonly [K in keyof D]?: unknown };
  /**
   * A view of the database, read only: `true` where it is there already, or a select of its attributes, which `createAll`
   * creates it as.
   */
  view?: true | (() => Select<unknown>);
  /** Of a base: no row is of the base itself, and none can be made. */
  abstract?: true;
  unique?: readonly (readonly (keyof D)[])[];
  foreignKeys?: readonly (ForeignKeyOptions & { columns: readonly (keyof D)[]; references: string })[];
}

/** Owns a registry of tables and the columns that every model of this base shares. */
export interface DeclarativeBase<Shared> {
  <const N extends string, D>(table: N, attributes: D, options?: TableOptions<Shared & D>): ModelClass<N, Shared & D>;
  /** A base with more shared columns, in the same registry. */
  with<More>(columns: More): DeclarativeBase<Shared & More>;
  /** A class is known once a query, a relation or `new` names it. One that rows alone lead to (a child, in a query of its base; a target given by name) is made known here. */
  register(...models: AnyModel[]): void;
  readonly metadata: MetaData;
}

/** The base's own statics, the attributes of both; what `rows` says is set by itself. */
export type SubModel<B, N extends string, D, W> = Omit<B, keyof ModelStatics<string, unknown>> &
  ModelStatics<N, DefinitionOf<InstanceOf<B>> & D> & {
    new (
      init: Init<Omit<DefinitionOf<InstanceOf<B>>, keyof W> & D>,
    ): InstanceOf<B> & Instance<D> & W & EntityOf<D, { readonly [K in N]: true }>;
  };
