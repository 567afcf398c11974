import type { Fragment } from '../schema/fragment.ts';
import type { Select } from './statement.ts';

/** Marks the type of an expression's value. A type only. */
export declare const value: unique symbol;
/** Marks the tables and aliases that an expression reads. A type only. */
export declare const source: unique symbol;

/** A SQL expression that yields `V`. `S` names the tables and aliases it reads, so that an outer join can make it nullable. */
export interface Expr<V, S extends string = never> extends Fragment {
  readonly [value]: V;
  readonly [source]: S;
  /** Null is no operand (`isNull` and `is` are for it); a nullable column is one. */
  eq(other: Operand<V & {}>): Condition;
  ne(other: Operand<V & {}>): Condition;
  gt(other: Operand<V & {}>): Condition;
  gte(other: Operand<V & {}>): Condition;
  lt(other: Operand<V & {}>): Condition;
  lte(other: Operand<V & {}>): Condition;
  between(low: Operand<V & {}>, high: Operand<V & {}>): Condition;
  /** A list binds as one parameter, whatever its length: `id in (select value from json_each(?1))`. */
  in(list: readonly (V & {})[] | Select<Record<string, V | null>>): Condition;
  like(this: Expr<string | null, string>, pattern: Operand<string>): Condition;
  /** Null-safe equality. */
  is(other: Operand<V>): Expr<boolean>;
  isNull(): Expr<boolean>;
  /** Null where a side is null. */
  plus<W extends (V & {}) | null = V & {}, T extends string = never>(
    this: Expr<number | bigint | null, string>,
    other: (V & {}) | Expr<W, T>,
  ): Expr<V | Extract<W, null>, S | T>;
  asc(): Ordering;
  desc(): Ordering;
  as(name: string): Expr<V, S>;
}

/** A value, or an expression that yields one; the expression may be nullable. */
export type Operand<V> = V | Expr<V | null, string>;

/** True, false, or null where a side is null. */
export type Condition = Expr<boolean | null, string>;

/** A term of ORDER BY. */
export interface Ordering extends Fragment {
  nullsFirst(): Ordering;
  nullsLast(): Ordering;
}

/** An expression of any value. Its type parameter is the top of `Expr`, which is invariant in `V`. */
// oxlint-disable-next-line typescript/no-explicit-any -- `Expr` is invariant: no other argument accepts every expression
export type AnyExpr = Expr<any, string>;

/** What ORDER BY takes. */
export type By = Ordering | AnyExpr;

/** A function or window over rows. */
export interface Aggregate<V> extends Expr<V> {
  distinct(): Aggregate<V>;
  filter(condition: Condition): Aggregate<V>;
  over(window?: { partitionBy?: readonly AnyExpr[]; orderBy?: readonly By[]; frame?: string }): Expr<V>;
}

/** CASE, as it is built. */
export interface Case<V, S extends string = never> extends Expr<V | null, S> {
  when<const W, T extends string = never>(condition: Condition, then: W | Expr<W, T>): Case<V | W, S | T>;
  else<const W, T extends string = never>(then: W | Expr<W, T>): Expr<V | W, S | T>;
}
