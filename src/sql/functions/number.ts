import { ConfigurationError } from '../../errors/errors.ts';
import { doubleType, integerType } from '../../types/scalar.ts';
import type { Expr } from '../expr.ts';
import {
  ATOM,
  Fragment,
  OPERATOR,
  expressionOf,
  grouped,
  operand,
  type Expression,
  type Piece,
} from '../expression.ts';
import { nameOf, widerType } from '../forms.ts';
import { DialectCall, pieces, type Forms } from './dialect-call.ts';

type Numeric = number | bigint | null;

/**
 * With the other sign.
 *
 * @example
 * negate(Account.c.balance)   // -("accounts"."balance")
 */
export function negate<V extends Numeric, S extends string>(expr: Expr<V, S>): Expr<V, S> {
  const item = expressionOf(expr, 'negate()');
  // Always in parentheses: beside another minus it would begin a comment.
  return new Fragment(['-(', item, ')'], item.type, OPERATOR, 'negate()');
}

/**
 * Without its sign.
 *
 * @example
 * abs(Account.c.balance)   // abs("accounts"."balance")
 */
export function abs<V extends Numeric, S extends string>(expr: Expr<V, S>): Expr<V, S> {
  const item = expressionOf(expr, 'abs()');
  return new Fragment(['abs(', item, ')'], item.type, ATOM, 'abs()');
}

/**
 * Rounded to so many digits after the point, halves away from zero: a floating point number.
 *
 * @example
 * round(Product.c.weight, 1)   // round("products"."weight", cast(?1 as integer))
 *
 * @throws ConfigurationError for decimals: `decimalRound()` is exact.
 */
export function round<V extends number | null, S extends string>(expr: Expr<V, S>, digits: number = 0): Expr<V, S> {
  const item = expressionOf(expr, 'round()');
  if (item.type?.kind === 'numeric') throw new ConfigurationError('round(): of decimals use decimalRound()');
  const args = [item, operand(digits, integerType, 'round()')];
  return new DialectCall('round', ROUND, args, doubleType);
}
const ROUND: Forms = {
  sqlite: (item, digits) => pieces`round(${item}, ${digits})`,
  postgres: (item, digits) =>
    pieces`cast(round(cast(${item} as numeric), cast(greatest(${digits}, 0) as integer)) as double precision)`,
};

/**
 * The bits that both have.
 *
 * @example
 * bitAnd(User.c.flags, 4)   // "users"."flags" & cast(?1 as integer)
 */
export function bitAnd<
  V extends Numeric,
  S extends string,
  W extends (V & {}) | null = V & {},
  T extends string = never,
>(left: Expr<V, S>, right: (V & {}) | Expr<W, T>): Expr<V | Extract<W, null>, S | T> {
  return bits('bitAnd', AND, left, right);
}
const AND: Forms = symbolForms(' & ');

/**
 * The bits that one of them has.
 *
 * @example
 * bitOr(User.c.flags, 4)   // "users"."flags" | cast(?1 as integer)
 */
export function bitOr<
  V extends Numeric,
  S extends string,
  W extends (V & {}) | null = V & {},
  T extends string = never,
>(left: Expr<V, S>, right: (V & {}) | Expr<W, T>): Expr<V | Extract<W, null>, S | T> {
  return bits('bitOr', OR, left, right);
}
const OR: Forms = symbolForms(' | ');

/**
 * The bits that one of them has and the other has not.
 *
 * @example
 * bitXor(User.c.flags, 4)
 * // ("users"."flags" | cast(?1 as integer)) - ("users"."flags" & cast(?2 as integer))
 */
export function bitXor<
  V extends Numeric,
  S extends string,
  W extends (V & {}) | null = V & {},
  T extends string = never,
>(left: Expr<V, S>, right: (V & {}) | Expr<W, T>): Expr<V | Extract<W, null>, S | T> {
  return bits('bitXor', XOR, left, right);
}
const XOR: Forms = {
  sqlite: (left, right) => {
    const [a, b] = [grouped(left), grouped(right)];
    return pieces`(${a} | ${b}) - (${a} & ${b})`;
  },
  postgres: (left, right) => pieces`${grouped(left)} # ${grouped(right)}`,
};

/**
 * The bits that it has not, of 64.
 *
 * @example
 * bitNot(User.c.flags)   // ~"users"."flags"
 */
export function bitNot<V extends Numeric, S extends string>(expr: Expr<V, S>): Expr<V, S> {
  const item = whole(expressionOf(expr, 'bitNot()'), 'bitNot()');
  return new Fragment(['~', grouped(item)], item.type, OPERATOR, 'bitNot()');
}

/**
 * Moved to higher bits.
 *
 * @example
 * shiftLeft(User.c.flags, 2)   // "users"."flags" << cast(?1 as integer)
 */
export function shiftLeft<
  V extends Numeric,
  S extends string,
  W extends number | null = number,
  T extends string = never,
>(expr: Expr<V, S>, by: number | Expr<W, T>): Expr<V | Extract<W, null>, S | T> {
  return shifted(LEFT, expr, by, 'shiftLeft()');
}
const LEFT: Forms = shiftForms(' << ');

/**
 * Moved to lower bits; the sign stays.
 *
 * @example
 * shiftRight(User.c.flags, 2)   // "users"."flags" >> cast(?1 as integer)
 */
export function shiftRight<
  V extends Numeric,
  S extends string,
  W extends number | null = number,
  T extends string = never,
>(expr: Expr<V, S>, by: number | Expr<W, T>): Expr<V | Extract<W, null>, S | T> {
  return shifted(RIGHT, expr, by, 'shiftRight()');
}
const RIGHT: Forms = shiftForms(' >> ');

function shiftForms(symbol: string): Forms {
  return {
    sqlite: (item, by) => [grouped(item), symbol, grouped(by)],
    postgres: (item, by) => [grouped(item), symbol, 'cast(', by, ' as integer)'],
  };
}

function shifted(forms: Forms, expr: unknown, by: unknown, where: string): Expression {
  const item = whole(expressionOf(expr, where), where);
  const args = [item, whole(operand(by, integerType, where), where)];
  return new DialectCall(where.slice(0, -2), forms, args, item.type, OPERATOR);
}

function symbolForms(symbol: string): Forms {
  const form = (left: Expression, right: Expression): Piece[] => [grouped(left), symbol, grouped(right)];
  return { sqlite: form, postgres: form };
}

function bits(name: string, forms: Forms, left: unknown, right: unknown): Expression {
  const where = `${name}()`;
  const item = whole(expressionOf(left, where), where);
  const other = whole(operand(right, item.type, where), where);
  return new DialectCall(name, forms, [item, other], widerType(item.type, other.type), OPERATOR);
}

function whole(item: Expression, where: string): Expression {
  const { type } = item;
  if (!type || type.kind === 'integer' || type.kind === 'bigint') return item;
  throw new ConfigurationError(`${where}: expected a whole number, got ${nameOf(type)}`);
}
