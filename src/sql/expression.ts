import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import type { TableColumn } from '../schema/table.ts';
import { booleanType, textType } from '../types/scalar.ts';
import type { SqlType } from '../types/sql-type.ts';
import { isBranded, kindOf, type Branded } from '../util/brand.ts';
import type { Expr, Ordering, source, value } from './expr.ts';
import { arithmeticType, assertSameForm, inferType } from './forms.ts';
import type { SelectNode, SourceNode } from './nodes.ts';

const EXPRESSION: symbol = Symbol.for('cinnabar.expression');
const SELECT: symbol = Symbol.for('cinnabar.select');
const ORDER: symbol = Symbol.for('cinnabar.order');

/** How tightly text binds: what stands alone, what an operator makes, what AND, OR or the program makes. */
export type Level = 0 | 1 | 2;
export const ATOM = 0;
export const OPERATOR = 1;
export const LOGICAL = 2;

/** A builder of a SELECT, from which its tree can be taken. */
export interface SelectHolder extends Branded {
  readonly node: SelectNode;
  /** The tree with the FROM that its columns call for. */
  readonly whole: SelectNode;
  /** The tree for rows that are no entities, where that is another. */
  readonly plain?: SelectNode;
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

  /** The expression where another of the type stands beside it. */
  beside(_type: SqlType | undefined): Expression {
    return this;
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
    return range('between', this, low, high);
  }
  notBetween(low: unknown, high: unknown): Expression {
    return range('not between', this, low, high);
  }
  in(list: unknown): Expression {
    return member('in', this, list);
  }
  notIn(list: unknown): Expression {
    return member('not in', this, list);
  }
  like(pattern: unknown): Expression {
    return new Like([grouped(this), ' like ', grouped(operand(pattern, textType, this.label))], booleanType, OPERATOR);
  }
  notLike(pattern: unknown): Expression {
    return new Like(
      [grouped(this), ' not like ', grouped(operand(pattern, textType, this.label))],
      booleanType,
      OPERATOR,
    );
  }
  is(other: unknown): Expression {
    return other === null ? this.isNull() : compare('is not distinct from', this, other);
  }
  isNot(other: unknown): Expression {
    return other === null ? this.isNotNull() : compare('is distinct from', this, other);
  }
  isNull(): Expression {
    return new Fragment([grouped(this), ' is null'], booleanType, OPERATOR);
  }
  isNotNull(): Expression {
    return new Fragment([grouped(this), ' is not null'], booleanType, OPERATOR);
  }
  plus(other: unknown): Expression {
    return arithmetic('+', this, other);
  }
  minus(other: unknown): Expression {
    return arithmetic('-', this, other);
  }
  times(other: unknown): Expression {
    return arithmetic('*', this, other);
  }
  dividedBy(other: unknown): Expression {
    return arithmetic('/', this, other);
  }
  modulo(other: unknown): Expression {
    return arithmetic('%', this, other);
  }
  asc(): Order {
    return new Order(this, false);
  }
  desc(): Order {
    return new Order(this, true);
  }
  as(name: string): Expression {
    return new Label([this], this.type, this.level, name);
  }
}

/** A term of ORDER BY. */
export class Order implements Ordering {
  readonly kind = 'order' as const;
  get brand(): symbol {
    return ORDER;
  }
  declare readonly expression: Expression;
  declare readonly descending: boolean;
  declare readonly nulls: 'first' | 'last' | undefined;

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
  declare readonly source: SourceNode | 'excluded';
  declare readonly name: string;
  declare readonly type: SqlType | undefined;
  /** Undefined for a column of a subquery. */
  declare readonly column: TableColumn | undefined;

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
  declare readonly value: unknown;
  declare readonly type: SqlType;
  /** Whether a column beside it gives it its type, so that the placeholder can stand alone. */
  declare readonly bare: boolean;

  constructor(bound: unknown, type: SqlType, bare = false) {
    super();
    this.value = bound;
    this.type = type;
    this.bare = bare;
  }
  /** The same beside a column. */
  alone(_nullable?: boolean): Expression {
    return new Bind(this.value, this.type, true);
  }
}

/** Rows of values, bound as one parameter where their types allow. */
export class List extends Expression {
  readonly kind = 'list' as const;
  readonly type: undefined = undefined;
  declare readonly rows: readonly (readonly unknown[])[];
  declare readonly types: readonly SqlType[];
  /** Whether each row counts, or only which there are. */
  declare readonly counted: boolean;

  constructor(rows: readonly (readonly unknown[])[], types: readonly SqlType[], counted = false) {
    super();
    this.rows = rows;
    this.types = types;
    this.counted = counted;
  }
}

/** A select within an expression, without its parentheses. */
export class SelectPart extends Expression {
  readonly kind = 'select' as const;
  declare readonly node: SelectNode;

  constructor(node: SelectNode) {
    super();
    this.node = node;
  }
  get type(): SqlType | undefined {
    return this.node.outputs[0]?.expression.type;
  }
}

/** What a fragment may ask of the dialect that renders it. */
export interface Writer {
  readonly name: string;
  quote(identifier: string): string;
  /** What ends a LIKE in which no character makes another mean itself, where the database has one by itself. */
  readonly plainLike?: string;
}

/** Text of the library, or an expression. */
export type Piece = string | Expression;

/** Text with expressions in it: every operator, function and fragment of the program's own. */
export class Fragment extends Expression {
  readonly kind = 'fragment' as const;
  declare readonly pieces: readonly Piece[];
  declare readonly type: SqlType | undefined;
  /** The type whose values it orders or counts with, which a database may not be able to. */
  declare readonly orders: SqlType | undefined;
  declare readonly binds: Level;
  declare readonly named: string | undefined;
  /** The operator, alone between its pieces, for which `(a b) c` and `a (b c)` are one. */
  declare readonly chain: string | undefined;
  /** Where its values are no parameters: their text. */
  declare readonly literal?: (value: null | string | number | Uint8Array) => string;

  constructor(
    pieces: readonly Piece[],
    type: SqlType | undefined,
    level: Level,
    name?: string,
    orders?: SqlType,
    chain?: string,
  ) {
    super();
    this.pieces = pieces;
    this.type = type;
    this.orders = orders;
    this.binds = level;
    this.named = name;
    this.chain = chain;
  }
  /** The pieces as a dialect writes them. */
  written(_dialect: Writer): readonly Piece[] {
    return this.pieces;
  }
  override get level(): Level {
    return this.binds;
  }
  override get label(): string {
    return this.named ?? 'an expression';
  }
}

/** A pattern is the same on every database: a backslash in it is one. */
class Like extends Fragment {
  override written({ plainLike }: Writer): readonly Piece[] {
    return plainLike ? [...this.pieces, plainLike] : this.pieces;
  }
}

/** An expression under a name: where ORDER BY or GROUP BY has it too, the column of the result is meant. */
export class Label extends Fragment {}

/** An expression within which the columns of `from` are those of its alias `name`. */
export class Scoped extends Expression {
  readonly kind = 'scoped' as const;
  declare readonly type: SqlType | undefined;
  declare readonly item: Expression;
  declare readonly from: SourceNode;
  declare readonly name: string;

  constructor(item: Expression, from: SourceNode, name: string) {
    super();
    this.item = item;
    this.type = item.type;
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
  const isStored = left instanceof ColumnNode && left.column !== undefined;
  const pieces = [grouped(left), ` ${symbol} `, isStored && isBind(right) ? right.alone() : grouped(right)];
  return new Fragment(pieces, booleanType, OPERATOR, undefined, orders ? left.type : undefined);
}

export function isBind(item: Expression): item is Bind {
  return (item as Bind).kind === 'bind';
}

function range(symbol: string, item: Expression, low: unknown, high: unknown): Expression {
  const [from, to] = [low, high].map((limit) => grouped(operand(notNull(limit, item), item.type, item.label)));
  const pieces = [grouped(item), ` ${symbol} `, from!, ' and ', to!];
  return new Fragment(pieces, booleanType, OPERATOR, undefined, item.type);
}

function member(symbol: string, item: Expression, list: unknown): Expression {
  if (isBranded(list, SELECT)) {
    const part = new SelectPart(oneColumn((list as SelectHolder).whole));
    assertSameForm(item.type, part.type, item.label);
    return within([item], part, symbol);
  }
  if (!Array.isArray(list)) {
    throw new InvalidValueError(`${item.label}.in(): expected an array or a select, got ${kindOf(list)}`);
  }
  const label = `${item.label}.in()`;
  const values: unknown[][] = [];
  // `map` would skip the holes of an array.
  for (const value of list as unknown[]) values.push([checked(value, item.type, label)]);
  return within([item], new List(values, [item.type ?? inferType(list[0], item.label)]), symbol);
}

function arithmetic(symbol: string, left: Expression, other: unknown): Expression {
  const right = operand(other, left.type, left.label);
  return operator(symbol, left, right, arithmeticType(symbol, left.type, right.type, left.label));
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
export function within(items: readonly Expression[], list: Expression, symbol = 'in'): Expression {
  const left = items.length === 1 ? [grouped(items[0]!)] : ['(', ...joined(items, ', '), ')'];
  return new Fragment([...left, ` ${symbol} (`, list, ')'], booleanType, OPERATOR);
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

/** Conditions side by side. The renderer balances a long chain, however it was put together. */
export function logical(symbol: 'and' | 'or', items: readonly Expression[]): Expression {
  if (items.length === 1) return items[0]!;
  const chain = symbol === 'and' ? ' and ' : ' or ';
  const parts = items.map((item) => (item instanceof Fragment && item.chain === chain ? item : grouped(item, LOGICAL)));
  return new Fragment(joined(parts, chain), booleanType, LOGICAL, undefined, undefined, chain);
}

export function joined(items: readonly Expression[], separator: string): Piece[] {
  const pieces: Piece[] = [];
  for (const item of items) {
    if (pieces.length > 0) pieces.push(separator);
    pieces.push(item);
  }
  return pieces;
}

/** The only door from a user's value to a node: an expression as it is, a value checked and bound. */
export function operand(input: unknown, type: SqlType | undefined, label: string): Expression {
  if (isExpression(input)) {
    assertSameForm(type, input.type, label);
    return input.beside(type);
  }
  const known = type ?? inferType(input, label);
  const expected = input === undefined || input === null ? 'a value' : known.check(input);
  if (expected !== undefined) throw new InvalidValueError(`${label}: expected ${expected}, got ${kindOf(input)}`);
  return new Bind(input, known);
}

function checked(item: unknown, type: SqlType | undefined, label: string): unknown {
  const node = operand(item, type, label);
  if (node instanceof Bind) return node.value;
  throw new ConfigurationError(`${label}: a list holds values; for expressions use or()`);
}

export function oneColumn(select: SelectNode): SelectNode {
  if (select.outputs.length === 1) return select;
  throw new ConfigurationError(`a select used as a value or a list has one column, not ${select.outputs.length}`);
}

export function isExpression(input: unknown): input is Expression {
  return input instanceof Expression || isBranded(input, EXPRESSION);
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
