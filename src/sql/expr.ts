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
  /**
   * Null is no operand (`isNull` and `is` are for it); a nullable column is one.
   *
   * @example
   * User.c.name.eq('Ann')   // "users"."name" = ?1
   *
   * @throws InvalidValueError for a value that the column cannot hold.
   */
  eq(other: Operand<V & {}>): Condition;
  /**
   * Null where a side is null; `isNot` is true or false.
   *
   * @example
   * User.c.name.ne('Ann')   // "users"."name" <> ?1
   */
  ne(other: Operand<V & {}>): Condition;
  /** `User.c.age.gt(18)`: `"users"."age" > ?1`. */
  gt(other: Operand<V & {}>): Condition;
  /** `User.c.age.gte(18)`: `"users"."age" >= ?1`. */
  gte(other: Operand<V & {}>): Condition;
  /** `User.c.age.lt(18)`: `"users"."age" < ?1`. */
  lt(other: Operand<V & {}>): Condition;
  /** `User.c.age.lte(18)`: `"users"."age" <= ?1`. */
  lte(other: Operand<V & {}>): Condition;
  /**
   * From one to the other, both included.
   *
   * @example
   * User.c.age.between(18, 30)   // "users"."age" between cast(?1 as integer) and cast(?2 as integer)
   */
  between(low: Operand<V & {}>, high: Operand<V & {}>): Condition;
  /** `User.c.age.notBetween(18, 30)`: `"users"."age" not between cast(?1 as integer) and cast(?2 as integer)`. */
  notBetween(low: Operand<V & {}>, high: Operand<V & {}>): Condition;
  /**
   * Among the values of a list, which binds as one parameter whatever its length, or those that a select yields.
   *
   * @example
   * User.c.id.in([1, 2])   // "users"."id" in (select value from json_each(?1))
   *
   * @throws InvalidValueError for a list with null or with a value that the column cannot hold.
   */
  in(list: readonly (V & {})[] | Select<Record<string, V | null>>): Condition;
  /**
   * True of an empty list; null where the select yields a null.
   *
   * @example
   * User.c.id.notIn([1, 2])   // "users"."id" not in (select value from json_each(?1))
   */
  notIn(list: readonly (V & {})[] | Select<Record<string, V | null>>): Condition;
  /**
   * `%` is any text and `_` any character; `like()` takes an escape, and `contains()` and `startsWith()` text as it is. On
   * SQLite letters of ASCII match in either case, and D1 takes patterns of at most 50 bytes.
   *
   * @example
   * User.c.name.like('A%')   // "users"."name" like ?1
   */
  like(this: Expr<string | null, string>, pattern: Operand<string>): Condition;
  /** `User.c.name.notLike('A%')`: `"users"."name" not like ?1`. */
  notLike(this: Expr<string | null, string>, pattern: Operand<string>): Condition;
  /**
   * Null-safe equality: null is null, and no value is.
   *
   * @example
   * User.c.nick.is(User.c.name)   // "users"."nick" is not distinct from "users"."name"
   */
  is(other: Operand<V>): Expr<boolean>;
  /** Null-safe inequality: `User.c.nick.isNot('Ann')` is `"users"."nick" is distinct from ?1`. */
  isNot(other: Operand<V>): Expr<boolean>;
  /** `User.c.nick.isNull()`: `"users"."nick" is null`. */
  isNull(): Expr<boolean>;
  /** `User.c.nick.isNotNull()`: `"users"."nick" is not null`. */
  isNotNull(): Expr<boolean>;
  /**
   * Null where a side is null. Beside a `double()` a whole number becomes one; a value is of the type of the left side. A
   * result that is no safe integer, or beyond the 64 bits of a bigint, is an `InvalidValueError` when it is read. Decimals
   * have a scale: `decimalAdd()` and its like know it.
   *
   * @example
   * User.c.score.plus(User.c.bonus)   // "users"."score" + "users"."bonus"
   *
   * @throws ConfigurationError for decimals.
   */
  plus<W extends (V & {}) | null = V & {}, T extends string = never>(
    this: Expr<number | bigint | null, string>,
    other: (V & {}) | Expr<W, T>,
  ): Expr<V | Extract<W, null>, S | T>;
  /** `User.c.score.minus(1)`: `"users"."score" - cast(?1 as integer)`; see `plus`. */
  minus<W extends (V & {}) | null = V & {}, T extends string = never>(
    this: Expr<number | bigint | null, string>,
    other: (V & {}) | Expr<W, T>,
  ): Expr<V | Extract<W, null>, S | T>;
  /** `User.c.score.times(2)`: `"users"."score" * cast(?1 as integer)`; see `plus`. */
  times<W extends (V & {}) | null = V & {}, T extends string = never>(
    this: Expr<number | bigint | null, string>,
    other: (V & {}) | Expr<W, T>,
  ): Expr<V | Extract<W, null>, S | T>;
  /**
   * Of two whole numbers the whole part: -7 by 2 is -3. Null by zero, in SQLite and MySQL.
   *
   * @example
   * User.c.score.dividedBy(2)                  // "users"."score" / cast(?1 as integer)
   * cast(User.c.score, double()).dividedBy(2)   // cast("users"."score" as real) / cast(?1 as real)
   *
   * @throws ConfigurationError for decimals.
   */
  dividedBy<T extends string = never>(
    this: Expr<number | bigint | null, string>,
    other: (V & {}) | Expr<V | null, T>,
  ): Expr<V | null, S | T>;
  /**
   * What division leaves, with the sign of the left side: -7 by 2 leaves -1. Null by zero, in SQLite and MySQL.
   *
   * @example
   * User.c.score.modulo(2)   // "users"."score" % cast(?1 as integer)
   *
   * @throws ConfigurationError for what is no whole number.
   */
  modulo<T extends string = never>(
    this: Expr<number | bigint | null, string>,
    other: (V & {}) | Expr<V | null, T>,
  ): Expr<V | null, S | T>;
  /** Upwards, in an ORDER BY. */
  asc(): Ordering;
  /** Downwards, in an ORDER BY. */
  desc(): Ordering;
  /**
   * Under a name: where ORDER BY or GROUP BY has the same object, the column of the result is meant.
   *
   * @example
   * const size = Post.c.views.dividedBy(100).as('size')
   * select({ size, posts: count() }).groupBy(size)
   * // select "posts"."views" / cast(?1 as integer) as "size", count(*) as "posts" from "posts" group by 1
   */
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
export interface Aggregate<V, S extends string = never> extends Expr<V, S> {
  /** `count(User.c.role).distinct()`: `count(distinct "users"."role")`. */
  distinct(): Aggregate<V, S>;
  /** `count().filter(User.c.age.gt(18))`: `count(*) filter (where "users"."age" > ?1)`. */
  filter(condition: Condition): Aggregate<V, S>;
  /**
   * For each row, over those that `partitionBy` holds equal, in an order and within a frame.
   *
   * @example
   * sum(Post.c.views).over({ orderBy: [Post.c.id], frame: 'rows between 1 preceding and current row' })
   * // sum("posts"."views") over (order by "posts"."id" rows between 1 preceding and current row)
   *
   * @throws ConfigurationError for a frame that is none.
   */
  over(window?: { partitionBy?: readonly AnyExpr[]; orderBy?: readonly By[]; frame?: string }): Expr<V, S>;
}

/** CASE, as it is built. */
export interface Case<V, S extends string = never> extends Expr<V | null, S> {
  when<const W, T extends string = never>(condition: Condition, then: W | Expr<W, T>): Case<V | W, S | T>;
  else<const W, T extends string = never>(then: W | Expr<W, T>): Expr<V | W, S | T>;
}

/** CASE of one expression's values, as it is built. */
export interface SimpleCase<V> {
  when<const W, T extends string = never>(value: Operand<V & {}>, then: W | Expr<W, T>): SimpleCaseOf<V, W, T>;
}

/** CASE of one expression's values with a branch: null where no value is equal and no `else` is given. */
export interface SimpleCaseOf<V, W, S extends string = never> extends Expr<W | null, S> {
  when<const X, T extends string = never>(value: Operand<V & {}>, then: X | Expr<X, T>): SimpleCaseOf<V, W | X, S | T>;
  else<const X, T extends string = never>(then: X | Expr<X, T>): Expr<W | X, S | T>;
}
