import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import type { TableColumn } from '../schema/table.ts';
import { bigintType, booleanType, doubleType, integerType, textType } from '../types/scalar.ts';
import type { SqlType } from '../types/sql-type.ts';
import { bytesType } from '../types/structured.ts';
import { timestampType } from '../types/temporal.ts';
import { isBranded, kindOf, type Branded } from '../util/brand.ts';
import type { Expr, Ordering, source, value } from './expr.ts';
import type { SelectNode, SourceNode } from './nodes.ts';

const EXPRESSION: symbol = Symbol.for('cinnabar.expression');
const SELECT: symbol = Symbol.for('cinnabar.select');
const ORDER: symbol = Symbol.for('cinnabar.order');

/** How tightly text binds: what stands alone, what an operator makes, what AND, OR or the program makes. */
export type Level = 0 | 1 | 2;
export const ATOM = 0;
const OPERATOR = 1;
export const LOGICAL = 2;

/** A builder of a SELECT, from which its tree can be taken. */
export interface SelectHolder extends Branded {
  readonly node: SelectNode;
  /** The tree with the FROM that its columns call for. */
  readonly whole: SelectNode;
}

/** The marks of `Expr`, which no object has: types only. */
export interface Expression {
  readonly [value]: never;
  readonly [source]: never;
}

/** A node of an expression tree, with the methods that build larger ones. */
export abstract class Expression implements Expr<never, never> {
  abstract readonly kind: string;
  /** The type of its value, where it is known. */
  abstract readonly type: SqlType | undefined;

  get brand(): symbol {
    return EXPRESSION;
  }

  /** How tightly it binds. */
  get level(): Level {
    return ATOM;
  }

  /** How messages name it. */
  get label(): string {
    return this.kind;
  }

  eq(other: unknown): Expression {
    return compare('=', this, other);
  }
  ne(other: unknown): Expression {
    return compare('<>', this, other);
  }
  gt(other: unknown): Expression {
    return compare('>', this, other, true);
  }
  gte(other: unknown): Expression {
    return compare('>=', this, other, true);
  }
  lt(other: unknown): Expression {
    return compare('<', this, other, true);
  }
  lte(other: unknown): Expression {
    return compare('<=', this, other, true);
  }
  between(low: unknown, high: unknown): Expression {
    const limits = [low, high].map((limit) => grouped(operand(notNull(limit, this), this.type, this.label)));
    const pieces = [grouped(this), ' between ', limits[0]!, ' and ', limits[1]!];
    return new Fragment(pieces, booleanType, OPERATOR, undefined, this.type);
  }
  in(list: unknown): Expression {
    if (isBranded(list, SELECT)) {
      const part = new SelectPart(oneColumn((list as SelectHolder).whole));
      assertSameForm(this.type, part.type, this.label);
      return within([this], part);
    }
    if (!Array.isArray(list)) {
      throw new InvalidValueError(`${this.label}.in(): expected an array or a select, got ${kindOf(list)}`);
    }
    const values = (list as unknown[]).map((item) => [checked(item, this)]);
    return within([this], new List(values, [this.type ?? inferType(list[0], this.label)]));
  }
  like(pattern: unknown): Expression {
    return operator('like', this, operand(pattern, textType, this.label), booleanType);
  }
  is(other: unknown): Expression {
    return other === null ? this.isNull() : compare('is', this, other);
  }
  isNull(): Expression {
    return new Fragment([grouped(this), ' is null'], booleanType, OPERATOR);
  }
  plus(other: unknown): Expression {
    const pieces = [grouped(this), ' + ', grouped(operand(other, this.type, this.label))];
    return new Fragment(pieces, this.type, OPERATOR, undefined, this.type);
  }
  asc(): Order {
    return new Order(this, false);
  }
  desc(): Order {
    return new Order(this, true);
  }
  as(name: string): Expression {
    return new Fragment([this], this.type, this.level, name);
  }
}

/** A term of ORDER BY. */
export class Order implements Ordering {
  readonly kind = 'order' as const;
  get brand(): symbol {
    return ORDER;
  }
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last' | undefined;

  constructor(expression: Expression, descending: boolean, nulls?: 'first' | 'last') {
    this.expression = expression;
    this.descending = descending;
    this.nulls = nulls;
  }
  /** What stands after the expression. */
  get suffix(): string {
    return (this.descending ? ' desc' : '') + (this.nulls ? ` nulls ${this.nulls}` : '');
  }
  nullsFirst(): Order {
    return new Order(this.expression, this.descending, 'first');
  }
  nullsLast(): Order {
    return new Order(this.expression, this.descending, 'last');
  }
}

/** A column of a table, an alias, a subquery or the row that a conflict excluded. */
export class ColumnNode extends Expression {
  readonly kind = 'column' as const;
  readonly source: SourceNode | 'excluded';
  readonly name: string;
  readonly type: SqlType | undefined;
  /** Undefined for a column of a subquery. */
  readonly column: TableColumn | undefined;

  constructor(from: SourceNode | 'excluded', name: string, type: SqlType | undefined, column?: TableColumn) {
    super();
    this.source = from;
    this.name = name;
    this.type = type;
    this.column = column;
  }
  override get label(): string {
    return this.column?.path ?? this.name;
  }
}

/** A value that travels as a parameter. */
export class Bind extends Expression {
  readonly kind = 'bind' as const;
  readonly value: unknown;
  readonly type: SqlType;
  /** Whether a column beside it gives it its type, so that the placeholder can stand alone. */
  readonly bare: boolean;

  constructor(bound: unknown, type: SqlType, bare = false) {
    super();
    this.value = bound;
    this.type = type;
    this.bare = bare;
  }
}

/** Rows of values, bound as one parameter where their types allow. */
export class List extends Expression {
  readonly kind = 'list' as const;
  readonly type: undefined = undefined;
  readonly rows: readonly (readonly unknown[])[];
  readonly types: readonly SqlType[];

  constructor(rows: readonly (readonly unknown[])[], types: readonly SqlType[]) {
    super();
    this.rows = rows;
    this.types = types;
  }
}

/** A select within an expression, without its parentheses. */
export class SelectPart extends Expression {
  readonly kind = 'select' as const;
  readonly node: SelectNode;

  constructor(node: SelectNode) {
    super();
    this.node = node;
  }
  get type(): SqlType | undefined {
    return this.node.outputs[0]?.expression.type;
  }
}

/** Text with expressions in it: every operator, function and fragment of the program's own. */
export class Fragment extends Expression {
  readonly kind = 'fragment' as const;
  readonly pieces: readonly (string | Expression)[];
  readonly type: SqlType | undefined;
  /** The type whose values it orders or counts with, which a database may not be able to. */
  readonly orders: SqlType | undefined;
  readonly #level: Level;
  readonly #name: string | undefined;

  constructor(
    pieces: readonly (string | Expression)[],
    type: SqlType | undefined,
    level: Level,
    name?: string,
    orders?: SqlType,
  ) {
    super();
    this.pieces = pieces;
    this.type = type;
    this.orders = orders;
    this.#level = level;
    this.#name = name;
  }
  override get level(): Level {
    return this.#level;
  }
  override get label(): string {
    return this.#name ?? 'an expression';
  }
}

/** A condition within which the columns of `from` are those of its alias `name`. */
export class Scoped extends Expression {
  readonly kind = 'scoped' as const;
  readonly type: SqlType = booleanType;
  readonly item: Expression;
  readonly from: SourceNode;
  readonly name: string;

  constructor(item: Expression, from: SourceNode, name: string) {
    super();
    this.item = item;
    this.from = from;
    this.name = name;
  }
  override get level(): Level {
    return this.item.level;
  }
}

/** Every kind of expression: the passes over a tree switch on `kind`. */
export type ExpressionNode = ColumnNode | Bind | List | SelectPart | Fragment | Scoped;

function compare(symbol: string, left: Expression, other: unknown, orders = false): Expression {
  const right = operand(notNull(other, left), left.type, left.label);
  const typed = right instanceof Bind && left instanceof ColumnNode && left.column !== undefined;
  const pieces = [grouped(left), ` ${symbol} `, typed ? new Bind(right.value, right.type, true) : grouped(right)];
  return new Fragment(pieces, booleanType, OPERATOR, undefined, orders ? left.type : undefined);
}

function notNull(other: unknown, left: Expression): unknown {
  if (other !== null) return other;
  throw new InvalidValueError(`${left.label}: null is equal to nothing; use isNull(), or is() for null-safe equality`);
}

/** `left symbol right`, each in parentheses where it is an operator itself. */
export function operator(symbol: string, left: Expression, right: Expression, type: SqlType | undefined): Expression {
  return new Fragment([grouped(left), ` ${symbol} `, grouped(right)], type, OPERATOR);
}

/** In parentheses where it binds less tightly than what is around it. */
export function grouped(item: Expression, below: Level = OPERATOR): Expression {
  return item.level < below ? item : new Fragment(['(', item, ')'], item.type, ATOM);
}

/** `(a, b) in (…)`. */
export function within(items: readonly Expression[], list: Expression): Expression {
  const left = items.length === 1 ? [grouped(items[0]!)] : ['(', ...joined(items, ', '), ')'];
  return new Fragment([...left, ' in (', list, ')'], booleanType, OPERATOR);
}

export function exists(select: SelectNode): Expression {
  return new Fragment(['exists (', new SelectPart(select), ')'], booleanType, ATOM);
}

export function coalesced(first: Expression, last: Expression): Expression {
  return new Fragment(['coalesce(', first, ', ', last, ')'], first.type, ATOM, 'coalesce()');
}

export function negated(item: Expression): Expression {
  return new Fragment(['not (', item, ')'], booleanType, OPERATOR);
}

/** Joined as a balanced tree, so that the depth of a long chain stays below the limit of a parser. */
export function logical(symbol: 'and' | 'or', items: readonly Expression[]): Expression {
  if (items.length === 1) return items[0]!;
  const middle = items.length >> 1;
  const halves =
    items.length > 16 ? [logical(symbol, items.slice(0, middle)), logical(symbol, items.slice(middle))] : items;
  return new Fragment(
    joined(
      halves.map((item) => grouped(item, LOGICAL)),
      ` ${symbol} `,
    ),
    booleanType,
    LOGICAL,
  );
}

export function joined(items: readonly Expression[], separator: string): (string | Expression)[] {
  return items.flatMap((item, at) => (at === 0 ? [item] : [separator, item]));
}

/** The only door from a user's value to a node: an expression as it is, a value checked and bound. */
export function operand(input: unknown, type: SqlType | undefined, label: string): Expression {
  if (isExpression(input)) {
    assertSameForm(type, input.type, label);
    return input;
  }
  const known = type ?? inferType(input, label);
  const expected = input === undefined || input === null ? 'a value' : known.check(input);
  if (expected !== undefined) throw new InvalidValueError(`${label}: expected ${expected}, got ${kindOf(input)}`);
  return new Bind(input, known);
}

/** Decimals are stored by their scale, and long ones in a form of their own: those of two forms never meet. */
export function assertSameForm(left: SqlType | undefined, right: SqlType | undefined, label: string): void {
  if (left === right || !left || !right || (left.kind !== 'numeric' && right.kind !== 'numeric')) return;
  const isLong = ({ precision = 0 }: SqlType): boolean => precision > 18;
  if (left.kind === right.kind && left.scale === right.scale && isLong(left) === isLong(right)) return;
  throw new ConfigurationError(`${label}: ${nameOf(left)} and ${nameOf(right)} are stored in different forms`);
}

function nameOf({ kind, precision, scale }: SqlType): string {
  return kind === 'numeric' ? `numeric(${precision}, ${scale})` : `${kind}()`;
}

function checked(item: unknown, left: Expression): unknown {
  const node = operand(item, left.type, `${left.label}.in()`);
  if (node instanceof Bind) return node.value;
  throw new ConfigurationError(`${left.label}.in(): a list holds values; for expressions use or()`);
}

/** The type of a value that no column stands beside. */
function inferType(input: unknown, label: string): SqlType {
  switch (typeof input) {
    case 'string':
      return textType;
    case 'number':
      return Number.isSafeInteger(input) ? integerType : doubleType;
    case 'bigint':
      return bigintType;
    case 'boolean':
      return booleanType;
    default:
      if (input instanceof Date) return timestampType;
      if (input instanceof Uint8Array) return bytesType;
      if (input === undefined) return textType;
      throw new InvalidValueError(`${label}: ${kindOf(input)} is no value of SQL; pass a scalar`);
  }
}

export function oneColumn(select: SelectNode): SelectNode {
  if (select.outputs.length === 1) return select;
  throw new ConfigurationError(`a select used as a value or a list has one column, not ${select.outputs.length}`);
}

export function isExpression(input: unknown): input is Expression {
  return isBranded(input, EXPRESSION);
}

/** An expression, or a `ConfigurationError` that says where one was expected. */
export function expressionOf(input: unknown, where: string): Expression {
  if (isExpression(input)) return input;
  throw new ConfigurationError(`${where}: expected an expression, got ${kindOf(input)}`);
}

/** The tree of a SELECT, with the FROM that its columns call for, or a `ConfigurationError`. */
export function selectOf(input: unknown, where: string): SelectNode {
  if (isBranded(input, SELECT)) return (input as SelectHolder).whole;
  throw new ConfigurationError(`${where}: expected a select, got ${kindOf(input)}`);
}

export function orderOf(by: unknown): Order {
  return isBranded(by, ORDER) ? (by as Order) : new Order(expressionOf(by, 'orderBy()'), false);
}

export { SELECT };
