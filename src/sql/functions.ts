import { ConfigurationError } from '../errors/errors.ts';
import { isColumn, type Column } from '../schema/column.ts';
import { doubleType, integerType } from '../types/scalar.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { Aggregate, AnyExpr, By, Case, Condition, Expr } from './expr.ts';
import {
  ATOM,
  Fragment,
  LOGICAL,
  coalesced,
  exists as existsIn,
  expressionOf,
  grouped,
  joined,
  logical,
  negated,
  operand,
  orderOf,
  selectOf,
  type Expression,
  type Order,
} from './expression.ts';
import { Opaque } from './opaque.ts';
import type { Select } from './statement.ts';

/** A call of a SQL function, perhaps over a window. */
export class Call extends Opaque implements Aggregate<never> {
  readonly name: string;
  readonly args: readonly Expression[];
  readonly options: CallOptions;

  constructor(name: string, args: readonly Expression[], type: SqlType | undefined, options: CallOptions = {}) {
    super(piecesOf(name, args, options), type, ATOM, `${name}()`, ORDERING.has(name) ? args[0]?.type : undefined);
    this.name = name;
    this.args = args;
    this.options = options;
  }

  #with(options: CallOptions): Call {
    return new Call(this.name, this.args, this.type, { ...this.options, ...options });
  }
  distinct(): Call {
    return this.#with({ distinct: true });
  }
  filter(condition: unknown): Call {
    return this.#with({ filter: expressionOf(condition, `${this.label}.filter()`) });
  }
  over(window: { partitionBy?: readonly AnyExpr[]; orderBy?: readonly By[]; frame?: string } = {}): Call {
    const { partitionBy = [], orderBy = [], frame } = window;
    if (frame !== undefined && !FRAME.test(frame)) {
      throw new ConfigurationError(
        `${this.label}.over(): '${frame}' is no frame, like 'rows between 1 preceding and current row'`,
      );
    }
    return this.#with({
      over: {
        partitionBy: partitionBy.map((by) => expressionOf(by, 'partitionBy')),
        orderBy: orderBy.map(orderOf),
        frame,
      },
    });
  }
}

/** Aggregates that order the values of their argument, or count with them. */
const ORDERING: ReadonlySet<string> = /* @__PURE__ */ new Set(['max', 'min', 'sum', 'avg']);

const BOUND = String.raw`(?:unbounded preceding|unbounded following|current row|\d+ preceding|\d+ following)`;
const FRAME: RegExp = /* @__PURE__ */ new RegExp(
  `^(?:rows|range|groups) (?:${BOUND}|between ${BOUND} and ${BOUND})$`,
  'i',
);

export interface CallOptions {
  readonly distinct?: boolean;
  readonly filter?: Expression;
  readonly over?: Window;
}
export interface Window {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly Order[];
  readonly frame: string | undefined;
}

type Piece = string | Expression;

function piecesOf(name: string, args: readonly Expression[], { distinct, filter, over }: CallOptions): Piece[] {
  const all: Piece[] = name === 'count' && args.length === 0 ? ['*'] : joined(args, ', ');
  const pieces: Piece[] = [`${name}(${distinct ? 'distinct ' : ''}`, ...all, ')'];
  if (filter) pieces.push(' filter (where ', filter, ')');
  if (over) pieces.push(' over (', ...windowOf(over), ')');
  return pieces;
}

function windowOf({ partitionBy, orderBy, frame }: Window): Piece[] {
  const clause = (pieces: Piece[]): Fragment[] => (pieces.length > 1 ? [new Fragment(pieces, undefined, ATOM)] : []);
  const terms = orderBy.map((by) => new Fragment([by.expression, by.suffix], undefined, ATOM));
  const clauses = [
    ...clause(['partition by ', ...joined(partitionBy, ', ')]),
    ...clause(['order by ', ...joined(terms, ', ')]),
    ...(frame === undefined ? [] : [new Fragment([frame], undefined, ATOM)]),
  ];
  return joined(clauses, ' ');
}

/** CASE WHEN … THEN … ELSE … END. */
class CaseNode extends Fragment implements Case<never> {
  readonly #branches: readonly Piece[];

  constructor(branches: readonly Piece[], type: SqlType | undefined, otherwise?: Expression) {
    super(['case', ...branches, ...(otherwise ? [' else ', otherwise] : []), ' end'], type, ATOM, 'when()');
    this.#branches = branches;
  }
  when(condition: unknown, then: unknown): never {
    const value = outcome(then, this.type, 'when()');
    const branches = [...this.#branches, ...branch(condition, value, this.type)];
    return new CaseNode(branches, this.type ?? value.type) as never;
  }
  else(then: unknown): never {
    return new CaseNode(this.#branches, this.type, outcome(then, this.type, 'else()')) as never;
  }
}

function branch(condition: unknown, then: unknown, type: SqlType | undefined): Piece[] {
  return [' when ', expressionOf(condition, 'when()'), ' then ', outcome(then, type, 'when()')];
}

/** What a branch of CASE yields; null is NULL here. */
function outcome(input: unknown, type: SqlType | undefined, label: string): Expression {
  return input === null ? NULL : operand(input, type, label);
}
const NULL: Fragment = /* @__PURE__ */ new Fragment(['null'], undefined, ATOM);

function chain(symbol: 'and' | 'or', conditions: readonly unknown[]): Expression {
  if (conditions.length === 0) {
    throw new ConfigurationError(`${symbol}() without a condition: leave it out, or pass at least one`);
  }
  return logical(
    symbol,
    conditions.map((condition) => expressionOf(condition, `${symbol}()`)),
  );
}

/** All hold. Null where one is unknown and none is false. */
export function and(...conditions: Condition[]): Condition {
  return chain('and', conditions);
}

/** At least one holds. */
export function or(...conditions: Condition[]): Condition {
  return chain('or', conditions);
}

export function not(condition: Condition): Condition {
  return negated(expressionOf(condition, 'not()'));
}

/** Whether the select yields a row. */
export function exists(select: Select<unknown>): Expr<boolean> {
  return existsIn(selectOf(select, 'exists()'));
}

function unary(name: string, expr: unknown): Expression {
  const argument = expressionOf(expr, `${name}()`);
  return new Fragment([`${name}(`, argument, ')'], argument.type, ATOM, `${name}()`);
}

export function lower<V extends string | null, S extends string>(expr: Expr<V, S>): Expr<V, S> {
  return unary('lower', expr);
}
export function upper<V extends string | null, S extends string>(expr: Expr<V, S>): Expr<V, S> {
  return unary('upper', expr);
}
export function trim<V extends string | null, S extends string>(expr: Expr<V, S>): Expr<V, S> {
  return unary('trim', expr);
}

/** The first of the two that is not null. */
export function coalesce<V, W, S extends string = never>(
  first: Expr<V, string>,
  last: W | Expr<W, S>,
): Expr<(V & {}) | W, S> {
  const argument = expressionOf(first, 'coalesce()');
  return coalesced(argument, operand(last, argument.type, 'coalesce()'));
}

/** Any SQL function by its name, with the type of its result: `call('length', integer(), User.c.name)`. */
export function call<V, S extends string = never>(
  name: string,
  // oxlint-disable-next-line typescript/no-explicit-any -- any flags
  type: Column<V, any>,
  ...args: (Expr<AnyValueOf, S> | string | number)[]
): Expr<V, S> {
  if (!/^[a-z_][a-z\d_]*$/i.test(name)) throw new ConfigurationError(`call(): '${name}' is no name of a function`);
  if (!isColumn(type)) throw new ConfigurationError(`call('${name}'): its type is a column, like integer()`);
  const operands = args.map((argument) => operand(argument, undefined, `${name}()`));
  return new Opaque(piecesOf(name, operands, {}), type.spec.type, ATOM, `${name}()`);
}
// oxlint-disable-next-line typescript/no-explicit-any -- `Expr` is invariant: no other argument accepts every expression
type AnyValueOf = any;

function aggregate(name: string, expr: unknown, type?: SqlType): Call {
  const argument = expressionOf(expr, `${name}()`);
  return new Call(name, [argument], type ?? argument.type);
}

/** The number of rows, or of those in which `expr` is not null. */
export function count(expr?: Expr<unknown, string>): Aggregate<number> {
  return expr === undefined ? new Call('count', [], integerType) : aggregate('count', expr, integerType);
}
export function max<V>(expr: Expr<V, string>): Aggregate<V | null> {
  return aggregate('max', expr);
}
export function min<V>(expr: Expr<V, string>): Aggregate<V | null> {
  return aggregate('min', expr);
}
export function sum<V extends number | bigint | string | null>(expr: Expr<V, string>): Aggregate<V | null> {
  return aggregate('sum', expr);
}
export function avg(expr: Expr<number | bigint | null, string>): Aggregate<number | null> {
  const argument = expressionOf(expr, 'avg()');
  if (argument.type?.kind === 'numeric')
    throw new ConfigurationError('avg(): of decimals it would not be one; select sum() and count()');
  return aggregate('avg', argument, doubleType);
}
export function rowNumber(): Aggregate<number> {
  return new Call('row_number', [], integerType);
}
export function rank(): Aggregate<number> {
  return new Call('rank', [], integerType);
}
export function lag<V>(expr: Expr<V, string>): Aggregate<V | null> {
  return aggregate('lag', expr);
}

/** CASE: `when(User.c.age.gte(18), 'adult').else('minor')`; null where nothing holds and no `else` is given. */
export function when<const V, S extends string = never>(condition: Condition, then: V | Expr<V, S>): Case<V, S> {
  const first = outcome(then, undefined, 'when()');
  return new CaseNode(branch(condition, first, undefined), first.type);
}

/** An operator among the program's own text stands in parentheses; another text of the program's does not. */
function hole(input: unknown): Expression {
  const item = operand(input, undefined, 'sql``');
  return item instanceof Opaque ? item : grouped(item);
}

/**
 * A fragment of SQL. Values become parameters; expressions and other fragments are rendered in place.
 *
 * @example
 * sql<number>`length(${User.c.name}) + ${1}`   // length("users"."name") + ?1
 */
export function sql<V = unknown>(text: TemplateStringsArray, ...values: unknown[]): Expr<V> {
  if (!Array.isArray(text) || !Array.isArray(text.raw)) {
    throw new ConfigurationError('sql`…` is a template tag: it takes no string, so that no value can become text');
  }
  const pieces = text.flatMap((part, at): Piece[] => (at === 0 ? [part] : [hole(values[at - 1]), part]));
  return new Opaque(pieces, undefined, LOGICAL, 'sql``');
}
