import { ConfigurationError } from '../../errors/errors.ts';
import { booleanType, integerType } from '../../types/scalar.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { Condition, Expr, Operand } from '../expr.ts';
import { ATOM, OPERATOR, expressionOf, grouped, operand, type Expression } from '../expression.ts';
import { DialectCall, pieces, type Forms } from './dialect-call.ts';

type ArrayOf<V> = Expr<readonly V[] | null, string>;

/**
 * Whether a value is a member of an array. Null where the array is, and, unless the value is found, where a member is.
 *
 * @example
 * arrayHas(Post.c.tags, 'sql')
 * // $1::text = any("posts"."tags")                                        PostgreSQL
 * // ?1 in (select value from json_each("posts"."tags"))                   SQLite
 */
export function arrayHas<V>(array: ArrayOf<V>, value: Operand<NonNullable<V>>): Condition {
  const { item, element } = arrayIn(array, 'arrayHas()', 1);
  return new DialectCall(
    'arrayHas',
    HAS,
    [item, operand(value, element, 'arrayHas()')],
    booleanType,
    OPERATOR,
  ) as never;
}
const HAS: Forms = {
  postgres: (array, value) => pieces`${grouped(value)} = any(${array})`,
  // json_each() of NULL has no members: it would be false.
  sqlite: (array, value) =>
    pieces`case when ${grouped(array)} is not null then ${grouped(value)} in (select value from json_each(${array})) end`,
};

/**
 * Whether every member of the second array is one of the first; how often does not count, and null is no member.
 *
 * @example
 * arrayContains(Post.c.tags, ['sql', 'edge'])   // "posts"."tags" @> $1::text::text[]
 */
export function arrayContains<V>(array: ArrayOf<V>, others: Operand<readonly NonNullable<V>[]>): Condition {
  return both('arrayContains', CONTAINS, array, others);
}
const CONTAINS: Forms = {
  postgres: (array, others) => pieces`${grouped(array)} @> ${grouped(others)}`,
  sqlite: (array, others) =>
    pieces`case when ${grouped(array)} is not null then not exists (select 1 from json_each(${others}) as others where others.value is null or others.value not in (select value from json_each(${array}) where value is not null)) end`,
};

/**
 * Whether two arrays have a member in common; null is none.
 *
 * @example
 * arrayOverlaps(Post.c.tags, ['sql', 'edge'])   // "posts"."tags" && $1::text::text[]
 */
export function arrayOverlaps<V>(array: ArrayOf<V>, others: Operand<readonly NonNullable<V>[]>): Condition {
  return both('arrayOverlaps', OVERLAPS, array, others);
}
const OVERLAPS: Forms = {
  postgres: (array, others) => pieces`${grouped(array)} && ${grouped(others)}`,
  sqlite: (array, others) =>
    pieces`case when ${grouped(array)} is not null then exists (select 1 from json_each(${others}) as others where others.value in (select value from json_each(${array}))) end`,
};

/**
 * How many members an array has, in its first dimension.
 *
 * @example
 * arrayLength(Post.c.tags)   // coalesce(array_length("posts"."tags", 1), case … end)
 */
export function arrayLength<S extends string>(array: Expr<readonly unknown[] | null, S>): Expr<number | null, S> {
  const { item } = arrayIn(array, 'arrayLength()');
  return new DialectCall('arrayLength', LENGTH, [item], integerType, ATOM) as never;
}
const LENGTH: Forms = {
  // Of an empty array PostgreSQL says that it has no dimensions.
  postgres: (array) => pieces`case when ${grouped(array)} = '{}' then 0 else array_length(${array}, 1) end`,
  sqlite: (array) => pieces`json_array_length(${array})`,
};

/**
 * The member at a place, counted from 0; null where there is none.
 *
 * @example
 * arrayGet(Post.c.tags, 0)   // ("posts"."tags")[$1::text::bigint + 1]
 */
export function arrayGet<V, S extends string>(
  array: Expr<readonly V[] | null, S>,
  at: Operand<number>,
): Expr<V | null, S> {
  const { item, element } = arrayIn(array, 'arrayGet()', 1);
  return new DialectCall('arrayGet', GET, [item, operand(at, integerType, 'arrayGet()')], element, ATOM) as never;
}
const GET: Forms = {
  postgres: (array, at) => pieces`(${array})[(${at} + 1)::integer]`,
  sqlite: (array, at) => pieces`(select value from json_each(${array}) where key = ${grouped(at)})`,
};

function both(name: string, forms: Forms, array: unknown, others: unknown): never {
  const where = `${name}()`;
  const { item } = arrayIn(array, where, 1);
  return new DialectCall(name, forms, [item, operand(others, item.type, where)], booleanType, OPERATOR) as never;
}

/** An array and what its members are. */
function arrayIn(input: unknown, where: string, depth?: number): { item: Expression; element: SqlType } {
  const item = expressionOf(input, where);
  const array = item.type?.array;
  if (!array) throw new ConfigurationError(`${where}: ${item.label} is no array()`);
  if (depth !== undefined && array.depth !== depth) {
    throw new ConfigurationError(`${where}: ${item.label} has ${array.depth} dimensions, and must have one`);
  }
  return { item, element: array.element };
}
