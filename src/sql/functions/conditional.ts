import { ConfigurationError } from '../../errors/errors.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { Case, Condition, Expr, Operand, SimpleCase } from '../expr.ts';
import { ATOM, Fragment, expressionOf, grouped, joined, operand, type Expression, type Piece } from '../expression.ts';
import { widerType } from '../forms.ts';
import { DialectCall, type Forms } from './dialect-call.ts';

/** CASE WHEN … THEN … ELSE … END, of conditions or of the values of `subject`. */
class CaseNode extends Fragment implements Case<never> {
  readonly #subject: Expression | undefined;
  readonly #branches: readonly Piece[];

  constructor(
    subject: Expression | undefined,
    branches: readonly Piece[],
    type: SqlType | undefined,
    otherwise?: Expression,
  ) {
    const head = subject ? ['case ', grouped(subject)] : ['case'];
    super([...head, ...branches, ...(otherwise ? [' else ', otherwise] : []), ' end'], type, ATOM, 'when()');
    this.#subject = subject;
    this.#branches = branches;
  }
  when(test: unknown, then: unknown): never {
    const subject = this.#subject;
    const held = subject ? grouped(operand(test, subject.type, subject.label)) : expressionOf(test, 'when()');
    const value = outcome(then, this.type, 'when()');
    const branches = [...this.#branches, ' when ', held, ' then ', value];
    return new CaseNode(subject, branches, unite(this.type, value)) as never;
  }
  else(then: unknown): never {
    const value = outcome(then, this.type, 'else()');
    return new CaseNode(this.#subject, this.#branches, unite(this.type, value), value) as never;
  }
}

/** What a branch of CASE yields; null is NULL here. */
function outcome(input: unknown, type: SqlType | undefined, label: string): Expression {
  return input === null ? NULL : operand(input, type, label);
}
const NULL: Fragment = /* @__PURE__ */ new Fragment(['null'], undefined, ATOM);

function unite(type: SqlType | undefined, value: Expression): SqlType | undefined {
  return type ? widerType(type, value.type) : value.type;
}

/**
 * CASE: the value of the first condition that holds, or that of `else`; null where nothing holds and there is none.
 *
 * @example
 * when(User.c.age.gte(18), 'adult').else('minor')   // case when "users"."age" >= ?1 then ?2 else ?3 end
 */
export function when<const V, S extends string = never>(condition: Condition, then: V | Expr<V, S>): Case<V, S> {
  return new CaseNode(undefined, [], undefined).when(condition, then);
}

/**
 * CASE of the values of one expression, evaluated once.
 *
 * @example
 * caseOf(User.c.role).when('admin', 2).when('editor', 1).else(0)
 * // case "users"."role" when ?1 then cast(?2 as integer) when ?3 then cast(?4 as integer) else cast(?5 as integer) end
 */
export function caseOf<V>(expr: Expr<V, string>): SimpleCase<V> {
  return new CaseNode(expressionOf(expr, 'caseOf()'), [], undefined) as object as SimpleCase<V>;
}

/**
 * The first that is not null.
 *
 * @example
 * coalesce(User.c.nick, User.c.name, 'nobody')   // coalesce("users"."nick", "users"."name", ?1)
 */
export function coalesce<V, W, S extends string = never>(
  first: Expr<V, string>,
  ...rest: [...Operand<V | null>[], W | Expr<W, S>]
): Expr<(V & {}) | W, S> {
  return calledOf('coalesce', operands('coalesce()', first, rest));
}

/**
 * `expr`, or `otherwise` where it is null: `coalesce()` of two.
 *
 * @example
 * ifNull(User.c.nick, 'nobody')   // coalesce("users"."nick", ?1)
 */
export function ifNull<V, W, S extends string = never>(
  expr: Expr<V, string>,
  otherwise: W | Expr<W, S>,
): Expr<(V & {}) | W, S> {
  return calledOf('coalesce', operands('ifNull()', expr, [otherwise]));
}

/**
 * Null where the two are equal, else the first.
 *
 * @example
 * nullIf(User.c.nick, '')   // nullif("users"."nick", ?1)
 */
export function nullIf<V, S extends string>(expr: Expr<V, S>, other: Operand<V & {}>): Expr<V | null, S> {
  const items = operands('nullIf()', expr, [other]);
  return new Fragment(['nullif(', ...joined(items, ', '), ')'], items[0]!.type, ATOM, 'nullIf()');
}

/**
 * The largest of several values; null where one is null.
 *
 * @example
 * greatest(Post.c.views, Post.c.likes, 0)   // max("posts"."views", "posts"."likes", cast(?1 as integer))
 */
export function greatest<V, S extends string, W extends (V & {}) | null = V & {}, T extends string = never>(
  first: Expr<V, S>,
  ...rest: [(V & {}) | Expr<W, T>, ...((V & {}) | Expr<W, T>)[]]
): Expr<V | Extract<W, null>, S | T> {
  return extreme('greatest', GREATEST, first, rest);
}
const GREATEST: Forms = extremeForms('max', 'greatest');

/**
 * The least of several values; null where one is null.
 *
 * @example
 * least(Post.c.views, 100)   // min("posts"."views", cast(?1 as integer))
 */
export function least<V, S extends string, W extends (V & {}) | null = V & {}, T extends string = never>(
  first: Expr<V, S>,
  ...rest: [(V & {}) | Expr<W, T>, ...((V & {}) | Expr<W, T>)[]]
): Expr<V | Extract<W, null>, S | T> {
  return extreme('least', LEAST, first, rest);
}
const LEAST: Forms = extremeForms('min', 'least');

/** PostgreSQL leaves NULL out of account. */
function extremeForms(sqlite: string, postgres: string): Forms {
  return {
    sqlite: (...items) => [`${sqlite}(`, ...joined(items, ', '), ')'],
    postgres: (...items) => {
      const all = joined(items, ', ');
      return ['case when num_nulls(', ...all, `) = 0 then ${postgres}(`, ...all, ') end'];
    },
  };
}

function extreme(name: string, forms: Forms, first: unknown, rest: readonly unknown[]): Expression {
  const items = operands(`${name}()`, first, rest);
  // What it orders is looked at where it is rendered.
  const ordered = items.map((item) => new Fragment([item], item.type, ATOM, `${name}()`, item.type));
  return new DialectCall(name, forms, ordered, typeOf(items));
}

function calledOf(name: string, items: readonly Expression[]): Expression {
  return new Fragment([`${name}(`, ...joined(items, ', '), ')'], typeOf(items), ATOM, `${name}()`);
}

function typeOf(items: readonly Expression[]): SqlType | undefined {
  return items.map((item) => item.type).reduce(widerType);
}

function operands(where: string, first: unknown, rest: readonly unknown[]): Expression[] {
  const start = expressionOf(first, where);
  if (rest.length === 0) throw new ConfigurationError(`${where}: expected two operands or more`);
  return [start, ...rest.map((item) => operand(item, start.type, where))];
}
