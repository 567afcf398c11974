import { ConfigurationError } from '../errors/errors.ts';
import { isColumn, type Column } from '../schema/column.ts';
import { doubleType, integerType } from '../types/scalar.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { Aggregate, AnyExpr, By, Case, Condition, Expr, Operand } from './expr.ts';
import {
  Exists,
  Expression,
  Logical,
  Not,
  expressionOf,
  operand,
  orderOf,
  selectOf,
  type Order,
} from './expression.ts';
import type { Select } from './statement.ts';

/** A call of a SQL function, perhaps over a window. */
export class Call extends Expression implements Aggregate<never> {
  readonly kind = 'call' as const;
  readonly name: string;
  readonly args: readonly Expression[];
  readonly type: SqlType | undefined;
  readonly options: CallOptions;

  constructor(name: string, args: readonly Expression[], type: SqlType | undefined, options: CallOptions = {}) {
    super();
    this.name = name;
    this.args = args;
    this.type = type;
    this.options = options;
  }
  override get label(): string {
    return `${this.name}()`;
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

const BOUND = String.raw`(?:unbounded preceding|unbounded following|current row|\d+ preceding|\d+ following)`;
const FRAME: RegExp = new RegExp(`^(?:rows|range|groups) (?:${BOUND}|between ${BOUND} and ${BOUND})$`, 'i');

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

/** CASE WHEN … THEN … ELSE … END. */
export class CaseNode extends Expression implements Case<never> {
  readonly kind = 'case' as const;
  readonly branches: readonly (readonly [Expression, Expression])[];
  readonly otherwise: Expression | undefined;

  constructor(branches: readonly (readonly [Expression, Expression])[], otherwise?: Expression) {
    super();
    this.branches = branches;
    this.otherwise = otherwise;
  }
  get type(): SqlType | undefined {
    return this.branches[0]?.[1].type;
  }
  when(condition: unknown, then: unknown): never {
    const branch = [expressionOf(condition, 'when()'), operand(then, this.type, 'when()')] as const;
    return new CaseNode([...this.branches, branch], this.otherwise) as never;
  }
  else(then: unknown): never {
    return new CaseNode(this.branches, operand(then, this.type, 'else()')) as never;
  }
}

function logical(operator: 'and' | 'or', conditions: readonly unknown[]): Expression {
  if (conditions.length === 0) {
    throw new ConfigurationError(`${operator}() without a condition: leave it out, or pass at least one`);
  }
  const items = conditions.map((condition) => expressionOf(condition, `${operator}()`));
  return items.length === 1 ? items[0]! : new Logical(operator, items);
}

/** All hold. Null where one is unknown and none is false. */
export function and(...conditions: Condition[]): Condition {
  return logical('and', conditions);
}

/** At least one holds. */
export function or(...conditions: Condition[]): Condition {
  return logical('or', conditions);
}

export function not(condition: Condition): Condition {
  return new Not(expressionOf(condition, 'not()'));
}

/** Whether the select yields a row. */
export function exists(select: Select<unknown>): Expr<boolean> {
  return new Exists(selectOf(select, 'exists()'));
}

function unary(name: string, expr: unknown): Expression {
  const argument = expressionOf(expr, `${name}()`);
  return new Call(name, [argument], argument.type);
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
  return new Call('coalesce', [argument, operand(last, argument.type, 'coalesce()')], argument.type);
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
  return new Call(
    name,
    args.map((argument) => operand(argument, undefined, `${name}()`)),
    type.spec.type,
  );
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
  return aggregate('avg', expr, doubleType);
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
export function when<const V>(condition: Condition, then: Operand<V>): Case<V> {
  return new CaseNode([[expressionOf(condition, 'when()'), operand(then, undefined, 'when()')]]);
}

/** Text of SQL with holes for values, expressions and fragments. */
export class Raw extends Expression {
  readonly kind = 'raw' as const;
  readonly type: SqlType | undefined = undefined;
  readonly texts: readonly string[];
  readonly holes: readonly Expression[];

  constructor(texts: readonly string[], holes: readonly Expression[]) {
    super();
    this.texts = texts;
    this.holes = holes;
  }
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
  return new Raw(
    text,
    values.map((item) => operand(item, undefined, 'sql``')),
  );
}
