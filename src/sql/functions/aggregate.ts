import { ConfigurationError } from '../../errors/errors.ts';
import { booleanType, doubleType, integerType } from '../../types/scalar.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { Aggregate, AnyExpr, By, Condition, Expr } from '../expr.ts';
import {
  ATOM,
  expressionOf,
  joined,
  orderOf,
  type Expression,
  type Order,
  type Piece,
  type Writer,
} from '../expression.ts';
import { Opaque } from '../opaque.ts';
import { decimalType } from './decimal.ts';
import { DialectCall, type Forms } from './dialect-call.ts';
import { frameOf } from './frame.ts';
import { orderPieces, windowPieces, type WindowNode } from './window.ts';

/** A function over rows, as data. */
export interface AggregateSpec {
  /** Its name in SQL, or what makes it. */
  readonly name: string | Expression;
  /** How messages name it. */
  readonly label: string;
  readonly args: readonly Expression[];
  readonly type: SqlType | undefined;
  /** What stands after all of it. */
  readonly end?: Expression;
  /** The type whose values it orders or counts with. */
  readonly orders?: SqlType | undefined;
  readonly orderBy?: readonly Order[];
  readonly distinct?: boolean;
  readonly filter?: Expression;
  readonly over?: WindowNode;
  /** Whether it is of a window alone. */
  readonly ranks?: true;
}

/** A call of a function over rows, perhaps over a window. */
export class AggregateCall extends Opaque implements Aggregate<never> {
  readonly #spec: AggregateSpec;

  constructor(spec: AggregateSpec) {
    super(piecesOf(spec), spec.type, ATOM, `${spec.label}()`, spec.orders);
    this.#spec = spec;
  }

  #with(change: Partial<AggregateSpec>): AggregateCall {
    const spec = { ...this.#spec, ...change };
    const fault = faultOf(spec);
    if (fault === undefined) return new AggregateCall(spec);
    throw new ConfigurationError(`${this.label}: ${fault}`);
  }
  override written(dialect: Writer): readonly Piece[] {
    const { ranks, over } = this.#spec;
    if (!ranks || over) return super.written(dialect);
    throw new ConfigurationError(`${this.label}: it takes a window: over()`);
  }
  distinct(): AggregateCall {
    if (this.#spec.args.length === 1) return this.#with({ distinct: true });
    throw new ConfigurationError(`${this.label}.distinct(): only the values of one argument are distinct`);
  }
  filter(condition: unknown): AggregateCall {
    return this.#with({ filter: expressionOf(condition, `${this.label}.filter()`) });
  }
  over(window: { partitionBy?: readonly AnyExpr[]; orderBy?: readonly By[]; frame?: string } = {}): AggregateCall {
    const { partitionBy = [], orderBy = [], frame } = window;
    return this.#with({
      over: {
        partitionBy: partitionBy.map((by) => expressionOf(by, 'partitionBy')),
        orderBy: orderBy.map(orderOf),
        frame: frame === undefined ? frame : frameOf(frame, orderBy.length, `${this.label}.over()`),
      },
    });
  }
}

function faultOf({ distinct, filter, over, orderBy = [], ranks }: AggregateSpec): string | undefined {
  if (ranks && (distinct || filter)) return 'it takes no distinct() and no filter()';
  if (over && distinct) return 'it takes no distinct() over a window';
  if (over && orderBy.length > 0) return 'it takes its order in over()';
  return undefined;
}

function piecesOf({ name, args, orderBy = [], distinct, filter, over, end }: AggregateSpec): Piece[] {
  const all: Piece[] = name === 'count' && args.length === 0 ? ['*'] : joined(args, ', ');
  const pieces: Piece[] = [name, distinct ? '(distinct ' : '(', ...all];
  if (orderBy.length > 0) pieces.push(' ', ...orderPieces(orderBy));
  pieces.push(')');
  if (filter) pieces.push(' filter (where ', filter, ')');
  if (over) pieces.push(' over (', ...windowPieces(over), ')');
  if (end) pieces.push(end);
  return pieces;
}

/** Of one argument, with a result of its type where none is given. */
function aggregateOf(
  name: string | Expression,
  label: string,
  expr: unknown,
  { type, orders = false, end }: { type?: SqlType | undefined; orders?: boolean; end?: Expression } = {},
): AggregateCall {
  const argument = expressionOf(expr, `${label}()`);
  const ordered = orders ? argument.type : undefined;
  return new AggregateCall({
    name,
    label,
    args: [argument],
    type: type ?? argument.type,
    orders: ordered,
    ...(end && { end }),
  });
}

/**
 * The number of rows, or of those in which `expr` is not null.
 *
 * @example
 * count()                                     // count(*)
 * count(Post.c.authorId).distinct()           // count(distinct "posts"."author_id")
 * count().filter(Post.c.published.eq(true))   // count(*) filter (where "posts"."published" = ?1)
 */
export function count(...given: readonly [expr?: Expr<unknown, string>]): Aggregate<number> {
  // Of a column that is not there it would be the number of all rows.
  if (given.length > 0) return aggregateOf('count', 'count', given[0], { type: integerType });
  return new AggregateCall({ name: 'count', label: 'count', args: [], type: integerType });
}

/**
 * The largest value that is not null; null of no rows.
 *
 * @example
 * max(Post.c.views)   // max("posts"."views")
 */
export function max<V>(expr: Expr<V, string>): Aggregate<V | null> {
  return aggregateOf('max', 'max', expr, { orders: true });
}

/**
 * The least value that is not null; null of no rows.
 *
 * @example
 * min(Post.c.createdAt)   // min("posts"."created_at")
 */
export function min<V>(expr: Expr<V, string>): Aggregate<V | null> {
  return aggregateOf('min', 'min', expr, { orders: true });
}

/**
 * The sum of the values that are not null; null of no rows. Exact of whole numbers and decimals: a sum beyond 64 bits is
 * an error of the database, and one of `integer()` beyond a safe integer is an `InvalidValueError`.
 *
 * @example
 * sum(Order.c.total)   // sum("orders"."total")
 */
export function sum<V extends number | bigint | string | null>(expr: Expr<V, string>): Aggregate<V | null> {
  const { type } = expressionOf(expr, 'sum()');
  // It may have more digits than its parts.
  const wide = type?.scaled && decimalType(type.scale!);
  return aggregateOf('sum', 'sum', expr, { type: wide, orders: true });
}

/**
 * The mean of the values that are not null, a floating point number; null of no rows.
 *
 * @example
 * avg(Post.c.views)   // avg("posts"."views")
 *
 * @throws ConfigurationError for decimals, whose mean would be none.
 */
export function avg(expr: Expr<number | bigint | null, string>): Aggregate<number | null> {
  return aggregateOf('avg', 'avg', inexact(expr, 'avg()'), { type: doubleType });
}

/**
 * The sum as a floating point number, 0 of no rows.
 *
 * @example
 * total(Post.c.views)   // total("posts"."views")
 *
 * @throws ConfigurationError for decimals: use `sum()`.
 */
export function total(expr: Expr<number | null, string>): Aggregate<number> {
  const end = named('total', TOTAL_END);
  return aggregateOf(named('total', TOTAL), 'total', inexact(expr, 'total()'), { type: doubleType, end });
}
const TOTAL: Forms = { sqlite: () => ['total'], postgres: () => ['coalesce(sum'] };
const TOTAL_END: Forms = { sqlite: () => [], postgres: () => [', 0)'] };

function inexact(expr: unknown, where: string): Expression {
  const argument = expressionOf(expr, where);
  if (argument.type?.kind !== 'numeric') return argument;
  throw new ConfigurationError(`${where}: of decimals it would not be one; select sum() and count()`);
}

/** A name that each database has its own of. */
export function named(label: string, forms: Forms): DialectCall {
  return new DialectCall(label, forms, [], undefined);
}

/**
 * Whether the condition holds in every row where it is not null; null of no rows.
 *
 * @example
 * boolAnd(Task.c.done)   // min("tasks"."done")
 */
export function boolAnd(condition: Condition): Aggregate<boolean | null> {
  return aggregateOf(named('boolAnd', AND), 'boolAnd', condition, { type: booleanType });
}
const AND: Forms = { sqlite: () => ['min'], postgres: () => ['bool_and'] };

/**
 * Whether the condition holds in some row; null of no rows.
 *
 * @example
 * boolOr(Task.c.done)   // max("tasks"."done")
 */
export function boolOr(condition: Condition): Aggregate<boolean | null> {
  return aggregateOf(named('boolOr', OR), 'boolOr', condition, { type: booleanType });
}
const OR: Forms = { sqlite: () => ['max'], postgres: () => ['bool_or'] };
