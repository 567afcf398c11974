import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { numericType } from '../../types/numeric.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { Expr } from '../expr.ts';
import { Fragment, OPERATOR, expressionOf, grouped, isExpression, operand, type Expression } from '../expression.ts';
import { nameOf } from '../forms.ts';
import { DialectCall, type Forms } from './dialect-call.ts';

/** The digits that a scaled integer of 64 bits holds, all of them. */
const DIGITS = 18;

/** One type for each scale, as a statement is known by its types. */
const TYPES: SqlType[] = [];

export function decimalType(scale: number): SqlType {
  return (TYPES[scale] ??= numericType(DIGITS, scale));
}

/** A decimal, or a whole number beside one. */
type Decimal = string | number | bigint | null;

/**
 * The exact sum, with the larger of the two scales.
 *
 * @example
 * decimalAdd(Order.c.total, Order.c.shipping)   // "orders"."total" + "orders"."shipping"
 * decimalAdd(Order.c.total, '1.50')             // "orders"."total" + cast(?1 as integer)
 *
 * @throws ConfigurationError for decimals of more than 18 digits and for what is no number.
 */
export function decimalAdd<V extends string | null, W extends Decimal, S extends string, T extends string = never>(
  left: Expr<V, S>,
  right: (W & {}) | Expr<W, T>,
): Expr<string | Extract<V | W, null>, S | T> {
  return aligned('decimalAdd()', ' + ', left, right);
}

/**
 * The exact difference, with the larger of the two scales.
 *
 * @example
 * decimalSubtract(Order.c.total, Order.c.discount)   // "orders"."total" - "orders"."discount"
 *
 * @throws ConfigurationError for decimals of more than 18 digits and for what is no number.
 */
export function decimalSubtract<V extends string | null, W extends Decimal, S extends string, T extends string = never>(
  left: Expr<V, S>,
  right: (W & {}) | Expr<W, T>,
): Expr<string | Extract<V | W, null>, S | T> {
  return aligned('decimalSubtract()', ' - ', left, right);
}

/**
 * The exact product, whose scale is the sum of the two. One beyond 64 bits cannot be read: an `InvalidValueError`.
 *
 * @example
 * decimalMultiply(Line.c.price, Line.c.quantity)              // "lines"."price" * "lines"."quantity"
 * decimalMultiply(Line.c.price, literal('1.15', numeric(4, 2)))   // "lines"."price" * cast(?1 as integer)
 *
 * @throws ConfigurationError for a scale above 18, for decimals of more than 18 digits and for what is no number.
 */
export function decimalMultiply<V extends string | null, W extends Decimal, S extends string, T extends string = never>(
  left: Expr<V, S>,
  right: (W & {}) | Expr<W, T>,
): Expr<string | Extract<V | W, null>, S | T> {
  const [one, other] = both('decimalMultiply()', left, right);
  const scale = one.scale + other.scale;
  if (scale > DIGITS) throw new ConfigurationError(`decimalMultiply(): a scale of ${scale} is above ${DIGITS}`);
  const pieces = [grouped(one.item), ' * ', grouped(other.item)];
  return new Fragment(pieces, decimalType(scale), OPERATOR, 'decimalMultiply()');
}

/**
 * With so many digits after the point, exactly where they are more, else rounded, halves away from zero. A decimal that is
 * rounded stands in the statement twice.
 *
 * @example
 * decimalRound(decimalMultiply(Line.c.price, literal('1.15', numeric(4, 2))), 2)
 * // ("lines"."price" * cast(?1 as integer)) / 50 - ("lines"."price" * cast(?2 as integer)) / 50 / 2
 *
 * @throws ConfigurationError for a scale that is none, and for what is no decimal of 18 digits or less.
 */
export function decimalRound<V extends string | null, S extends string>(expr: Expr<V, S>, scale: number): Expr<V, S> {
  const where = 'decimalRound()';
  const item = expressionOf(expr, where);
  const from = scaleOf(item, where);
  if (!Number.isInteger(scale) || scale < 0 || scale > DIGITS) {
    throw new ConfigurationError(`${where}: a scale is a whole number from 0 to ${DIGITS}`);
  }
  const type = decimalType(scale);
  if (scale >= from) return scaled(where, item, from, scale, type);
  return new DialectCall('decimalRound', roundForms(from - scale, scale), [item], type, OPERATOR);
}

/** By half of the power first, so that the last step sees whether the rest is a half: halves go away from zero. */
function roundForms(digits: number, scale: number): Forms {
  const half = ` / 5${'0'.repeat(digits - 1)}`;
  return {
    sqlite: (item) => [grouped(item), half, ' - ', grouped(item), half, ' / 2'],
    postgres: (item) => ['round(', item, `, ${scale})`],
  };
}

function aligned(where: string, symbol: string, left: unknown, right: unknown): Expression {
  const [one, other] = both(where, left, right);
  const scale = Math.max(one.scale, other.scale);
  const type = decimalType(scale);
  const items = [one, other].map(({ item, scale: from }) => grouped(scaled(where, item, from, scale, type)));
  return new Fragment([items[0]!, symbol, items[1]!], type, OPERATOR, where);
}

interface Scaled {
  readonly item: Expression;
  readonly scale: number;
}

function both(where: string, left: unknown, right: unknown): [Scaled, Scaled] {
  const item = expressionOf(left, where);
  const scale = scaleOf(item, where);
  if (typeof right === 'number' && !Number.isSafeInteger(right)) {
    throw new InvalidValueError(`${where}: expected a safe integer or a decimal as text`);
  }
  // Text is a decimal of the form beside it; a number is whole, and of no scale.
  const other = isExpression(right) ? right : operand(right, typeof right === 'string' ? item.type : undefined, where);
  return [
    { item, scale },
    { item: other, scale: scaleOf(other, where) },
  ];
}

/** How many digits after the point the stored integer has, or a `ConfigurationError` for what is stored otherwise. */
export function scaleOf({ type, label }: Expression, where: string): number {
  if (type?.kind === 'integer' || type?.kind === 'bigint') return 0;
  if (type?.kind === 'numeric' && type.precision! <= DIGITS) return type.scale!;
  throw new ConfigurationError(
    `${where}: ${label} is ${type ? nameOf(type) : 'of no known type'}; it counts with numeric() of ${DIGITS} digits or less, and with whole numbers`,
  );
}

/** With more digits after the point: where it is stored as an integer, and where the database has decimals. */
export function scaled(where: string, item: Expression, from: number, to: number, type: SqlType): Expression {
  if (from === to) return new Fragment([item], type, item.level, item.label);
  const forms: Forms = {
    sqlite: (value) => [grouped(value), ` * 1${'0'.repeat(to - from)}`],
    postgres: (value) => ['round(', value, `, ${to})`],
  };
  return new DialectCall(where.slice(0, -2), forms, [item], type, OPERATOR);
}
