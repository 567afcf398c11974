import { ConfigurationError } from '../../errors/errors.ts';
import type { AnyExpr, Expr } from '../expr.ts';
import { LOGICAL, expressionOf, grouped, operand, type Expression, type Piece } from '../expression.ts';
import { Identifier } from '../identifier.ts';
import { Opaque } from '../opaque.ts';

/** An operator among the program's own text stands in parentheses; another text of the program's does not. */
function hole(input: unknown): Expression {
  const item = operand(input, undefined, 'sql``');
  return item instanceof Opaque ? item : grouped(item);
}

function tag(text: TemplateStringsArray, ...values: unknown[]): Expression {
  if (!Array.isArray(text) || !Array.isArray(text.raw)) {
    throw new ConfigurationError('sql`…` is a template tag: it takes no string, so that no value can become text');
  }
  const pieces = text.flatMap((part, at): Piece[] => (at === 0 ? [part] : [hole(values[at - 1]), part]));
  return new Opaque(pieces, undefined, LOGICAL, 'sql``');
}

function join(parts: readonly unknown[], separator?: unknown): Expression {
  if (!Array.isArray(parts)) throw new ConfigurationError('sql.join(): expected an array of expressions and values');
  const between = separator === undefined ? ', ' : expressionOf(separator, 'sql.join()');
  const pieces = parts.flatMap((part, at): Piece[] => (at === 0 ? [hole(part)] : [between, hole(part)]));
  return new Opaque(pieces, undefined, LOGICAL, 'sql.join()');
}

/** The tag `sql`, and what makes the parts of a fragment. */
export interface SqlTag {
  <V = unknown>(text: TemplateStringsArray, ...values: unknown[]): Expr<V>;
  /**
   * A name in the database, quoted: `sql.identifier('main', 'users')`.
   *
   * @example
   * sql`${sql.identifier('users', 'name')} is not null`   // "users"."name" is not null
   */
  identifier(...names: [string, ...string[]]): Expr<unknown>;
  /**
   * Expressions, fragments and values with a separator, which is a comma unless a fragment says otherwise.
   *
   * @example
   * sql`${User.c.id} in (${sql.join([1, 2])})`   // "users"."id" in (cast(?1 as integer), cast(?2 as integer))
   * sql.join(conditions, sql` and `)
   */
  join(parts: readonly unknown[], separator?: AnyExpr): Expr<unknown>;
  /** No text: for a part that may be left out. */
  readonly empty: Expr<unknown>;
}

/**
 * A fragment of SQL. Values become parameters; expressions and other fragments are rendered in place.
 *
 * @example
 * sql<number>`length(${User.c.name}) + ${1}`   // length("users"."name") + cast(?1 as integer)
 *
 * @throws ConfigurationError when it is called with a string: text comes from the template alone.
 */
export const sql: SqlTag = /* @__PURE__ */ Object.assign(tag as (text: TemplateStringsArray) => never, {
  identifier: (...names: string[]): never =>
    new Opaque([new Identifier(names, 'sql.identifier()')], undefined, 0) as never,
  join: join as (parts: readonly unknown[]) => never,
  empty: /* @__PURE__ */ new Opaque([], undefined, LOGICAL, 'sql.empty') as never,
});
