import { InvalidValueError } from '../../errors/errors.ts';
import { doubleType, integerType } from '../../types/scalar.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { kindOf } from '../../util/brand.ts';
import type { Aggregate, Expr } from '../expr.ts';
import { Bind, expressionOf, operand, type Expression } from '../expression.ts';
import { DialectCall, pieces, type Forms } from './dialect-call.ts';
import { AggregateCall } from './aggregate.ts';

function windowCall(
  label: string,
  name: string,
  args: readonly Expression[],
  type: SqlType | undefined,
): AggregateCall {
  return new AggregateCall({ name, label, args, type, ranks: true });
}

/**
 * The place of the row in its window, from 1.
 *
 * @example
 * rowNumber().over({ orderBy: [Post.c.id] })   // row_number() over (order by "posts"."id")
 */
export function rowNumber(): Aggregate<number> {
  return windowCall('rowNumber', 'row_number', [], integerType);
}

/**
 * The place of the row among those before it; equal rows share one, and the next ones are skipped.
 *
 * @example
 * rank().over({ partitionBy: [Post.c.authorId], orderBy: [Post.c.views.desc()] })
 * // rank() over (partition by "posts"."author_id" order by "posts"."views" desc)
 */
export function rank(): Aggregate<number> {
  return windowCall('rank', 'rank', [], integerType);
}

/**
 * As `rank()`, but no place is skipped.
 *
 * @example
 * denseRank().over({ orderBy: [Post.c.views] })   // dense_rank() over (order by "posts"."views")
 */
export function denseRank(): Aggregate<number> {
  return windowCall('denseRank', 'dense_rank', [], integerType);
}

/**
 * `(rank - 1) / (rows - 1)`, from 0 to 1.
 *
 * @example
 * percentRank().over({ orderBy: [Post.c.views] })   // percent_rank() over (order by "posts"."views")
 */
export function percentRank(): Aggregate<number> {
  return windowCall('percentRank', 'percent_rank', [], doubleType);
}

/**
 * The share of the rows that stand before the row or beside it, above 0 and up to 1.
 *
 * @example
 * cumeDist().over({ orderBy: [Post.c.views] })   // cume_dist() over (order by "posts"."views")
 */
export function cumeDist(): Aggregate<number> {
  return windowCall('cumeDist', 'cume_dist', [], doubleType);
}

/**
 * The number, from 1, of the one of `buckets` nearly equal parts of the window in which the row is.
 *
 * @example
 * ntile(4).over({ orderBy: [Post.c.views] })   // ntile(cast(?1 as integer)) over (order by "posts"."views")
 *
 * @throws InvalidValueError for anything but a whole number, 1 or more.
 */
export function ntile(buckets: number): Aggregate<number> {
  return windowCall('ntile', 'ntile', [count('ntile()', buckets, 1)], integerType);
}

/**
 * The value of `expr` in the row `offset` before, within the window; else `otherwise`, or null.
 *
 * @example
 * lag(Post.c.title).over({ orderBy: [Post.c.id] })           // lag("posts"."title") over (order by "posts"."id")
 * lag(Post.c.views, 2, 0).over({ orderBy: [Post.c.id] })
 * // lag("posts"."views", cast(?1 as integer), cast(?2 as integer)) over (order by "posts"."id")
 *
 * @throws InvalidValueError for an offset that is no whole number, 0 or more.
 */
export function lag<V, S extends string, D extends (V & {}) | null = null, T extends string = never>(
  expr: Expr<V, S>,
  offset?: number,
  otherwise?: D | Expr<D, T>,
): Aggregate<V | D, S | T> {
  return shifted('lag', expr, offset, otherwise);
}

/**
 * The value of `expr` in the row `offset` after, within the window; else `otherwise`, or null.
 *
 * @example
 * lead(Post.c.title).over({ orderBy: [Post.c.id] })   // lead("posts"."title") over (order by "posts"."id")
 *
 * @throws InvalidValueError for an offset that is no whole number, 0 or more.
 */
export function lead<V, S extends string, D extends (V & {}) | null = null, T extends string = never>(
  expr: Expr<V, S>,
  offset?: number,
  otherwise?: D | Expr<D, T>,
): Aggregate<V | D, S | T> {
  return shifted('lead', expr, offset, otherwise);
}

function shifted(name: string, expr: unknown, offset: number | undefined, otherwise: unknown): AggregateCall {
  const argument = expressionOf(expr, `${name}()`);
  const args = [argument];
  if (offset !== undefined) args.push(count(`${name}()`, offset, 0));
  if (otherwise !== undefined && otherwise !== null) {
    if (offset === undefined) args.push(count(`${name}()`, 1, 0));
    args.push(operand(otherwise, argument.type, `${name}()`));
  }
  return windowCall(name, name, args, argument.type);
}

/**
 * The value in the first row of the frame.
 *
 * @example
 * firstValue(Post.c.title).over({ orderBy: [Post.c.id] })   // first_value("posts"."title") over (order by "posts"."id")
 */
export function firstValue<V>(expr: Expr<V, string>): Aggregate<V | null> {
  return framed('firstValue', 'first_value', expr);
}

/**
 * The value in the last row of the frame, which ends at the current row unless `frame` says otherwise.
 *
 * @example
 * lastValue(Post.c.title).over({
 *   orderBy: [Post.c.id],
 *   frame: 'rows between unbounded preceding and unbounded following',
 * })
 * // last_value("posts"."title") over (order by "posts"."id" rows between unbounded preceding and unbounded following)
 */
export function lastValue<V>(expr: Expr<V, string>): Aggregate<V | null> {
  return framed('lastValue', 'last_value', expr);
}

/**
 * The value in row `n` of the frame, from 1; null where the frame has fewer.
 *
 * @example
 * nthValue(Post.c.title, 2).over({ orderBy: [Post.c.id] })
 * // nth_value("posts"."title", cast(?1 as integer)) over (order by "posts"."id")
 *
 * @throws InvalidValueError for anything but a whole number, 1 or more.
 */
export function nthValue<V>(expr: Expr<V, string>, n: number): Aggregate<V | null> {
  return framed('nthValue', 'nth_value', expr, count('nthValue()', n, 1));
}

function framed(label: string, name: string, expr: unknown, ...more: Expression[]): AggregateCall {
  const argument = expressionOf(expr, `${label}()`);
  return windowCall(label, name, [argument, ...more], argument.type);
}

function count(where: string, n: number, least: number): Expression {
  if (Number.isSafeInteger(n) && n >= least) {
    return new DialectCall(where.slice(0, -2), COUNT, [new Bind(n, integerType)], integerType);
  }
  throw new InvalidValueError(`${where}: expected a whole number, ${least} or more; got ${kindOf(n)}`);
}
/** Of 64 bits PostgreSQL takes none here. */
const COUNT: Forms = { sqlite: (n) => [n], postgres: (n) => pieces`cast(${n} as integer)` };
