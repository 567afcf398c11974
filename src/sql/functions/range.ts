import { ConfigurationError } from '../../errors/errors.ts';
import { booleanType } from '../../types/scalar.ts';
import type { Range } from '../../types/range.ts';
import type { Condition, Expr, Operand } from '../expr.ts';
import { OPERATOR, expressionOf, grouped, operand } from '../expression.ts';
import { DialectCall, pieces, type Forms } from './dialect-call.ts';

type RangeOf<V> = Expr<Range<V> | null, string>;

/**
 * Whether a value lies in a range.
 *
 * @example
 * rangeHas(Stay.c.nights, '2024-02-29')   // "stays"."nights" @> $1::text::date
 */
export function rangeHas<V>(range: RangeOf<V>, value: Operand<NonNullable<V>>): Condition {
  const item = rangeIn(range, 'rangeHas()');
  const args = [item, operand(value, item.type?.range, 'rangeHas()')];
  return new DialectCall('rangeHas', CONTAINS, args, booleanType, OPERATOR) as never;
}

/**
 * Whether all of the second range lies in the first.
 *
 * @example
 * rangeContains(Stay.c.nights, { lower: '2024-01-01', upper: '2024-01-05', bounds: '[)' })
 */
export function rangeContains<V>(range: RangeOf<V>, other: Operand<Range<V>>): Condition {
  return both('rangeContains', CONTAINS, range, other);
}
const CONTAINS: Forms = { postgres: (range, other) => pieces`${grouped(range)} @> ${grouped(other)}` };

/**
 * Whether two ranges have a value in common.
 *
 * @example
 * rangeOverlaps(Stay.c.nights, wanted)   // "stays"."nights" && $1::text::daterange
 */
export function rangeOverlaps<V>(range: RangeOf<V>, other: Operand<Range<V>>): Condition {
  return both('rangeOverlaps', OVERLAPS, range, other);
}
const OVERLAPS: Forms = { postgres: (range, other) => pieces`${grouped(range)} && ${grouped(other)}` };

/**
 * Whether one range ends where the other begins.
 *
 * @example
 * rangeAdjacent(Stay.c.nights, wanted)   // "stays"."nights" -|- $1::text::daterange
 */
export function rangeAdjacent<V>(range: RangeOf<V>, other: Operand<Range<V>>): Condition {
  return both('rangeAdjacent', ADJACENT, range, other);
}
const ADJACENT: Forms = { postgres: (range, other) => pieces`${grouped(range)} -|- ${grouped(other)}` };

function both(name: string, forms: Forms, range: unknown, other: unknown): never {
  const item = rangeIn(range, `${name}()`);
  return new DialectCall(name, forms, [item, operand(other, item.type, `${name}()`)], booleanType, OPERATOR) as never;
}

function rangeIn(input: unknown, where: string): ReturnType<typeof expressionOf> {
  const item = expressionOf(input, where);
  if (item.type?.range) return item;
  throw new ConfigurationError(`${where}: ${item.label} is no range()`);
}
