import { InvalidValueError } from '../../errors/errors.ts';
import { booleanType, integerType, textType } from '../../types/scalar.ts';
import type { Condition, Expr, Operand } from '../expr.ts';
import {
  Bind,
  Fragment,
  OPERATOR,
  expressionOf,
  grouped,
  operand,
  type Expression,
  type Piece,
} from '../expression.ts';
import { DialectCall, pieces, type Forms } from './dialect-call.ts';

type Text = Expr<string | null, string>;

/** The character before `%`, `_` or itself that makes the pattern mean that character. */
export interface LikeOptions {
  readonly escape?: string;
}

/**
 * `like` with a character that makes `%`, `_` and itself mean themselves. On SQLite letters of ASCII match in either case.
 *
 * @example
 * like(User.c.name, '100!%', { escape: '!' })   // "users"."name" like ?1 escape ?2
 *
 * @throws InvalidValueError where `escape` is not one character.
 */
export function like(expr: Text, pattern: Operand<string>, options: LikeOptions = {}): Condition {
  return matching('like', LIKE, expr, pattern, options);
}
const LIKE: Forms = {
  sqlite: (text, pattern, escape) => likePieces(' like ', text, pattern, escape),
  postgres: (text, pattern, escape) => likePieces(' like ', text, pattern, escape ?? NO_ESCAPE),
};
/** PostgreSQL has one where none is given. */
const NO_ESCAPE = `''`;

/**
 * As `like()`, and letters match in either case; on SQLite those of ASCII.
 *
 * @example
 * ilike(User.c.name, 'a%')   // "users"."name" like ?1
 *
 * @throws InvalidValueError where `escape` is not one character.
 */
export function ilike(expr: Text, pattern: Operand<string>, options: LikeOptions = {}): Condition {
  return matching('ilike', ILIKE, expr, pattern, options);
}
const ILIKE: Forms = {
  sqlite: LIKE['sqlite']!,
  postgres: (text, pattern, escape) => likePieces(' ilike ', text, pattern, escape ?? NO_ESCAPE),
};

function matching(name: string, forms: Forms, expr: unknown, pattern: unknown, { escape }: LikeOptions): Expression {
  const where = `${name}()`;
  const args = [expressionOf(expr, where), operand(pattern, textType, where)];
  if (escape !== undefined) {
    if (typeof escape !== 'string' || Array.from(escape).length !== 1) {
      throw new InvalidValueError(`${where}: an escape is one character`);
    }
    args.push(operand(escape, textType, where));
  }
  return new DialectCall(name, forms, args, booleanType, OPERATOR);
}

function likePieces(symbol: string, text: Expression, pattern: Expression, escape: Piece | undefined): Piece[] {
  const match = [grouped(text), symbol, grouped(pattern)];
  return escape ? [...match, ' escape ', escape] : match;
}

/**
 * Whether `part` stands somewhere in the text, as it is written: no character of it is a pattern, and case counts.
 *
 * @example
 * contains(Post.c.title, '100%')   // instr("posts"."title", ?1) > 0
 */
export function contains(expr: Text, part: Operand<string>): Condition {
  return test('contains', CONTAINS, expr, part);
}
const CONTAINS: Forms = {
  sqlite: (text, part) => pieces`instr(${text}, ${part}) > 0`,
  postgres: (text, part) => pieces`strpos(${text}, ${part}) > 0`,
};

/**
 * Whether the text starts with `part`, as it is written: no character of it is a pattern, and case counts.
 *
 * @example
 * startsWith(Post.c.title, 'A_')   // substr("posts"."title", 1, cast(?1 as integer)) = ?2
 */
export function startsWith(expr: Text, part: Operand<string>): Condition {
  return test('startsWith', STARTS, expr, part);
}
const STARTS: Forms = {
  sqlite: (text, part) => pieces`substr(${text}, 1, ${lengthOf(part)}) = ${grouped(part)}`,
  postgres: (text, part) => pieces`starts_with(${text}, ${part})`,
};

/**
 * Whether the text ends with `part`, as it is written: no character of it is a pattern, and case counts.
 *
 * @example
 * endsWith(Post.c.title, '?')
 * // substr("posts"."title", length("posts"."title") - cast(?1 as integer) + 1) = ?2
 */
export function endsWith(expr: Text, part: Operand<string>): Condition {
  return test('endsWith', ENDS, expr, part);
}
const ENDS: Forms = {
  sqlite: (text, part) => pieces`substr(${text}, length(${text}) - ${lengthOf(part)} + 1) = ${grouped(part)}`,
  postgres: (text, part) => pieces`right(${text}, length(${part})) = ${grouped(part)}`,
};

function test(name: string, forms: Forms, expr: unknown, part: unknown): Expression {
  const args = [expressionOf(expr, `${name}()`), operand(part, textType, `${name}()`)];
  return new DialectCall(name, forms, args, booleanType, OPERATOR);
}

function lengthOf(part: Expression): Expression {
  return part instanceof Bind
    ? new Bind(Array.from(part.value as string).length, integerType)
    : new Fragment(['length(', part, ')'], integerType, 0);
}
