import { ConfigurationError } from '../../errors/errors.ts';
import type { Condition, Expr } from '../expr.ts';
import { exists as existsIn, expressionOf, logical, negated, selectOf, type Expression } from '../expression.ts';
import type { Select } from '../statement.ts';

function chain(symbol: 'and' | 'or', conditions: readonly unknown[]): Expression {
  if (conditions.length === 0) {
    throw new ConfigurationError(`${symbol}() without a condition: leave it out, or pass at least one`);
  }
  return logical(
    symbol,
    conditions.map((condition) => expressionOf(condition, `${symbol}()`)),
  );
}

/**
 * All hold. Null where one is unknown and none is false.
 *
 * @example
 * and(User.c.age.gte(18), User.c.email.isNotNull())   // "users"."age" >= ?1 and "users"."email" is not null
 *
 * @throws ConfigurationError without a condition.
 */
export function and(...conditions: Condition[]): Condition {
  return chain('and', conditions);
}

/**
 * At least one holds.
 *
 * @example
 * or(User.c.age.lt(18), User.c.email.isNull())   // "users"."age" < ?1 or "users"."email" is null
 *
 * @throws ConfigurationError without a condition.
 */
export function or(...conditions: Condition[]): Condition {
  return chain('or', conditions);
}

/**
 * The condition does not hold; null where it is unknown.
 *
 * @example
 * not(User.c.name.eq('Ann'))   // not ("users"."name" = ?1)
 */
export function not(condition: Condition): Condition {
  return negated(expressionOf(condition, 'not()'));
}

/**
 * Whether the select yields a row.
 *
 * @example
 * exists(select({ id: Post.c.id }).where(Post.c.authorId.eq(User.c.id)))
 * // exists (select "posts"."id" from "posts" where "posts"."author_id" = "users"."id")
 */
export function exists(select: Select<unknown>): Expr<boolean> {
  return existsIn(selectOf(select, 'exists()'));
}
