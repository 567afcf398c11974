import type { Column, Flag } from '../schema/column.ts';
import type { AnyValue, DefinitionOf, Entity, Given, Taken } from './model.ts';
import type { Many, ManyRelation, One, Relation, WriteOnlyRelation } from './relation.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- a column of any value
type AnyColumn<F extends Flag> = Column<any, F>;

// Keys are picked by distribution over `K`: it costs a compiler less than a mapped type.
export type ColumnKeys<D, F extends Flag = Flag, K extends keyof D = keyof D> = K extends unknown
  ? D[K] extends AnyColumn<F>
    ? K
    : never
  : never;
export type KeyNames<D, K extends keyof D = keyof D> = K extends unknown
  ? D[K] extends AnyColumn<Exclude<Flag, 'key'>> | Relation<unknown> | WriteOnlyRelation<unknown>
    ? never
    : K
  : never;
export type ValuesIn<D> = { [K in ColumnKeys<D>]: Given<D[K]> };
export type NewValuesIn<D> = { [K in ColumnKeys<D, 'key' | 'hidden' | 'foreign'>]: AnyValue } & {
  [K in ColumnKeys<D>]?: Taken<D[K]>;
};

/** The columns of an entity. */
export type Values<E> = ValuesIn<DefinitionOf<E>>;
/** What an INSERT takes: columns only, foreign keys needed. */
export type NewValues<E> = NewValuesIn<DefinitionOf<E>>;
export type Changes<E> = Partial<Values<E>>;

/** A row as an engine yields it: the columns of an entity as plain data, since only a session makes entities. */
export type Plain<R> = R extends Entity ? Values<R> : R extends object ? { [K in keyof R]: PlainCell<R[K]> } : R;
export type PlainCell<V> = V extends Entity ? Values<V> : V;

/** The value of a sole key; of a composite one, an object by attribute. */
export type KeyOf<E> = KeyIn<DefinitionOf<E>, KeyNames<DefinitionOf<E>>>;
export type KeyIn<D, All extends keyof D> =
  IsSole<All> extends true ? Given<D[All]> : { readonly [K in All]: Given<D[K]> };
export type IsSole<All, K = All> = K extends unknown ? ([All] extends [K] ? true : false) : never;

/** Columns by value, to-one relations by entity; null asks for NULL. */
export type Filter<E> = FilterIn<DefinitionOf<E>>;
export type FilterIn<D> = { readonly [K in FilterKeys<D>]?: Given<D[K]> };
export type FilterKeys<D, K extends keyof D = keyof D> = K extends unknown
  ? // oxlint-disable-next-line typescript/no-explicit-any -- a relation to any model
    D[K] extends ManyRelation<any> | WriteOnlyRelation<any>
    ? never
    : K
  : never;

/** What `toJSON` yields: the columns that are not `hidden`; Date, bigint and bytes as text. With a shape, its relations too. */
export type Json<E, W = {}> = JsonColumns<DefinitionOf<E>> & { [K in keyof W & keyof E]: JsonRelation<E[K], W[K]> };
export type JsonColumns<D> = {
  [K in keyof D as D[K] extends AnyColumn<Exclude<Flag, 'hidden'>> ? K : never]: JsonAttribute<D[K]>;
};
export type JsonAttribute<A> = A extends Column<infer V, Flag> ? JsonValue<V> : never;
export type JsonRelation<A, W> = W extends undefined
  ? undefined
  : A extends Many<infer T>
    ? Json<T, W extends true ? {} : W>[]
    : A extends One<infer T>
      ? T extends null
        ? null
        : Json<T, W extends true ? {} : W>
      : never;
export type JsonValue<V> = V extends string | number | boolean | null
  ? V
  : V extends bigint | Uint8Array
    ? string
    : V extends { toJSON(): infer J }
      ? J
      : V;
