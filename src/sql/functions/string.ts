import { InvalidValueError } from '../../errors/errors.ts';
import { integerType, textType } from '../../types/scalar.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { kindOf } from '../../util/brand.ts';
import type { Expr, Operand } from '../expr.ts';
import {
  ATOM,
  Fragment,
  OPERATOR,
  expressionOf,
  grouped,
  joined,
  operand,
  type Expression,
  type Piece,
} from '../expression.ts';
import { Identifier } from '../identifier.ts';
import { DialectCall, pieces, type Forms } from './dialect-call.ts';

type Text = string | null;

function called(name: string, expr: unknown, more: readonly Expression[] = [], type?: SqlType): Expression {
  const argument = expressionOf(expr, `${name}()`);
  const args = joined([argument, ...more], ', ');
  return new Fragment([`${name}(`, ...args, ')'], type ?? textType, ATOM, `${name}()`);
}

/**
 * In lower case. SQLite changes the letters of ASCII only.
 *
 * @example
 * lower(User.c.name)   // lower("users"."name")
 */
export function lower<V extends Text, S extends string>(expr: Expr<V, S>): Expr<V, S> {
  return called('lower', expr);
}

/**
 * In upper case. SQLite changes the letters of ASCII only.
 *
 * @example
 * upper(User.c.name)   // upper("users"."name")
 */
export function upper<V extends Text, S extends string>(expr: Expr<V, S>): Expr<V, S> {
  return called('upper', expr);
}

/**
 * Without spaces at both ends, or without any of `characters`.
 *
 * @example
 * trim(User.c.name)         // trim("users"."name")
 * trim(User.c.name, '-_')   // trim("users"."name", ?1)
 */
export function trim<V extends Text, S extends string>(expr: Expr<V, S>, characters?: string): Expr<V, S> {
  return trimmed('trim', expr, characters);
}

/**
 * Without spaces at its start, or without any of `characters` there.
 *
 * @example
 * ltrim(User.c.name)   // ltrim("users"."name")
 */
export function ltrim<V extends Text, S extends string>(expr: Expr<V, S>, characters?: string): Expr<V, S> {
  return trimmed('ltrim', expr, characters);
}

/**
 * Without spaces at its end, or without any of `characters` there.
 *
 * @example
 * rtrim(User.c.name)   // rtrim("users"."name")
 */
export function rtrim<V extends Text, S extends string>(expr: Expr<V, S>, characters?: string): Expr<V, S> {
  return trimmed('rtrim', expr, characters);
}

function trimmed(name: string, expr: unknown, characters: string | undefined): Expression {
  return called(name, expr, characters === undefined ? [] : [operand(characters, textType, `${name}()`)]);
}

/**
 * How many characters: code points, not the UTF-16 units of JavaScript.
 *
 * @example
 * length(User.c.name)   // length("users"."name")
 */
export function length<V extends Text, S extends string>(expr: Expr<V, S>): Expr<number | Extract<V, null>, S> {
  return new DialectCall('length', LENGTH, [expressionOf(expr, 'length()')], integerType);
}
const counted = (text: Expression): Piece[] => pieces`length(${text})`;
const LENGTH: Forms = { sqlite: counted, postgres: counted };

/**
 * From character `start`, which counts from 1; to the end, or so many characters.
 *
 * @example
 * substring(User.c.name, 1, 3)
 * // substr("users"."name", cast(?1 as integer), cast(?2 as integer))
 *
 * @throws InvalidValueError for a start below 1 or a length below 0.
 */
export function substring<V extends Text, S extends string, W extends number | null = number, T extends string = never>(
  expr: Expr<V, S>,
  start: number | Expr<W, T>,
  count?: number | Expr<W, T>,
): Expr<V | Extract<W, null>, S | T> {
  const bounds = [place('substring()', start, 1)];
  if (count !== undefined) bounds.push(place('substring()', count, 0));
  return new DialectCall('substring', SUBSTRING, [expressionOf(expr, 'substring()'), ...bounds], textType);
}
const SUBSTRING: Forms = {
  sqlite: (...args) => ['substr(', ...joined(args, ', '), ')'],
  // It takes no integers of 64 bits.
  postgres: (text, ...bounds) => ['substr(', text, ...bounds.flatMap((at) => pieces`, cast(${at} as integer)`), ')'],
};

function place(where: string, input: unknown, least: number): Expression {
  if (typeof input !== 'number' || input >= least) return operand(input, integerType, where);
  throw new InvalidValueError(`${where}: expected ${least} or more; got ${kindOf(input)}`);
}

/**
 * With every occurrence of `from` replaced by `to`, as they are written: no pattern.
 *
 * @example
 * replace(User.c.name, '-', ' ')   // replace("users"."name", ?1, ?2)
 */
export function replace<V extends Text, S extends string, W extends Text = string, T extends string = never>(
  expr: Expr<V, S>,
  from: string | Expr<W, T>,
  to: string | Expr<W, T>,
): Expr<V | Extract<W, null>, S | T> {
  return called(
    'replace',
    expr,
    [from, to].map((item) => operand(item, textType, 'replace()')),
  );
}

/**
 * The place of the first occurrence of `part`, from 1; 0 where there is none.
 *
 * @example
 * position(User.c.email, '@')   // instr("users"."email", ?1)
 */
export function position<V extends Text, S extends string, W extends Text = string, T extends string = never>(
  expr: Expr<V, S>,
  part: string | Expr<W, T>,
): Expr<number | Extract<V | W, null>, S | T> {
  const args = [expressionOf(expr, 'position()'), operand(part, textType, 'position()')];
  return new DialectCall('position', POSITION, args, integerType);
}
const POSITION: Forms = {
  sqlite: (text, part) => pieces`instr(${text}, ${part})`,
  postgres: (text, part) => pieces`strpos(${text}, ${part})`,
};

/**
 * One after the other; null where one is null.
 *
 * @example
 * concat(User.c.first, ' ', User.c.last)   // "users"."first" || ?1 || "users"."last"
 */
export function concat<T extends readonly [Operand<Text>, Operand<Text>, ...Operand<Text>[]]>(
  ...parts: T
): Expr<string | Nulls<T[number]>, Sources<T[number]>> {
  const items = parts.map((part) => operand(part, textType, 'concat()'));
  return new DialectCall('concat', CONCAT, items, textType, OPERATOR);
}
const chain = (...items: Expression[]): Piece[] =>
  joined(
    items.map((item) => grouped(item)),
    ' || ',
  );
const CONCAT: Forms = { sqlite: chain, postgres: chain };
type Nulls<P> = P extends Expr<infer V, string> ? Extract<V, null> : never;
type Sources<P> = P extends Expr<unknown, infer S> ? S : never;

/**
 * Compared and ordered by a collation of the database: on SQLite `'binary'`, `'nocase'` or `'rtrim'`. The name is quoted.
 *
 * @example
 * select(User).orderBy(collate(User.c.name, 'nocase'))   // order by "users"."name" collate "nocase"
 */
export function collate<V extends Text, S extends string>(expr: Expr<V, S>, collation: string): Expr<V, S> {
  const item = expressionOf(expr, 'collate()');
  return new Fragment([grouped(item), ' collate ', new Identifier([collation], 'collate()')], item.type, OPERATOR);
}
