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

/** A builder of a SELECT, from which its tree can be taken. */
export interface SelectHolder extends Branded {
  readonly node: SelectNode;
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
    return compare('>', this, other);
  }
  gte(other: unknown): Expression {
    return compare('>=', this, other);
  }
  lt(other: unknown): Expression {
    return compare('<', this, other);
  }
  lte(other: unknown): Expression {
    return compare('<=', this, other);
  }
  between(low: unknown, high: unknown): Expression {
    return new Logical('and', [this.gte(low), this.lte(high)]);
  }
  in(list: unknown): Expression {
    if (isBranded(list, SELECT)) return new InSelect(this, oneColumn((list as SelectHolder).node));
    if (!Array.isArray(list)) {
      throw new InvalidValueError(`${this.label}.in(): expected an array or a select, got ${kindOf(list)}`);
    }
    return new InList(
      this,
      (list as unknown[]).map((item) => checked(item, this)),
      this.type ?? inferType(list[0], this.label),
    );
  }
  like(pattern: unknown): Expression {
    return new Binary('like', this, operand(pattern, textType, this.label), booleanType);
  }
  is(other: unknown): Expression {
    return other === null ? this.isNull() : compare('is', this, other);
  }
  isNull(): Expression {
    return new NullTest(this);
  }
  plus(other: unknown): Expression {
    return new Binary('+', this, operand(other, this.type, this.label), this.type);
  }
  asc(): Order {
    return new Order(this, false);
  }
  desc(): Order {
    return new Order(this, true);
  }
  as(name: string): Expression {
    return new Label(this, name);
  }
}

/** A term of ORDER BY. */
export class Order implements Ordering {
  readonly kind = 'order' as const;
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last' | undefined;

  constructor(expression: Expression, descending: boolean, nulls?: 'first' | 'last') {
    this.expression = expression;
    this.descending = descending;
    this.nulls = nulls;
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

  constructor(bound: unknown, type: SqlType) {
    super();
    this.value = bound;
    this.type = type;
  }
}

export type BinaryOperator = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'like' | 'is' | '+';

export class Binary extends Expression {
  readonly kind = 'binary' as const;
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly type: SqlType | undefined;

  constructor(operator: BinaryOperator, left: Expression, right: Expression, type: SqlType | undefined) {
    super();
    this.operator = operator;
    this.left = left;
    this.right = right;
    this.type = type;
  }
}

export class Logical extends Expression {
  readonly kind = 'logical' as const;
  readonly type: SqlType = booleanType;
  readonly operator: 'and' | 'or';
  readonly items: readonly Expression[];

  constructor(operator: 'and' | 'or', items: readonly Expression[]) {
    super();
    this.operator = operator;
    this.items = items;
  }
}

export class Not extends Expression {
  readonly kind = 'not' as const;
  readonly type: SqlType = booleanType;
  readonly item: Expression;

  constructor(item: Expression) {
    super();
    this.item = item;
  }
}

export class NullTest extends Expression {
  readonly kind = 'null-test' as const;
  readonly type: SqlType = booleanType;
  readonly item: Expression;

  constructor(item: Expression) {
    super();
    this.item = item;
  }
}

/** `item in (…)`, the list bound as one parameter where its type allows. */
export class InList extends Expression {
  readonly kind = 'in-list' as const;
  readonly type: SqlType = booleanType;
  readonly item: Expression;
  readonly values: readonly unknown[];
  readonly itemType: SqlType;

  constructor(item: Expression, values: readonly unknown[], itemType: SqlType) {
    super();
    this.item = item;
    this.values = values;
    this.itemType = itemType;
  }
}

/** `(a, b) in (…)`: rows of values, bound as one parameter. */
export class InRows extends Expression {
  readonly kind = 'in-rows' as const;
  readonly type: SqlType = booleanType;
  readonly items: readonly Expression[];
  readonly rows: readonly (readonly unknown[])[];
  readonly itemTypes: readonly SqlType[];

  constructor(items: readonly Expression[], rows: readonly (readonly unknown[])[], itemTypes: readonly SqlType[]) {
    super();
    this.items = items;
    this.rows = rows;
    this.itemTypes = itemTypes;
  }
}

export class InSelect extends Expression {
  readonly kind = 'in-select' as const;
  readonly type: SqlType = booleanType;
  readonly item: Expression;
  readonly select: SelectNode;

  constructor(item: Expression, select: SelectNode) {
    super();
    this.item = item;
    this.select = select;
  }
}

export class Exists extends Expression {
  readonly kind = 'exists' as const;
  readonly type: SqlType = booleanType;
  readonly select: SelectNode;

  constructor(select: SelectNode) {
    super();
    this.select = select;
  }
}

/** A select of one column, as a value. */
export class Scalar extends Expression {
  readonly kind = 'scalar' as const;
  readonly select: SelectNode;

  constructor(select: SelectNode) {
    super();
    this.select = oneColumn(select);
  }
  get type(): SqlType | undefined {
    return this.select.outputs[0]?.expression.type;
  }
}

/** An expression under a name of the program's. */
export class Label extends Expression {
  readonly kind = 'label' as const;
  readonly item: Expression;
  readonly name: string;

  constructor(item: Expression, name: string) {
    super();
    this.item = item;
    this.name = name;
  }
  get type(): SqlType | undefined {
    return this.item.type;
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
}

function compare(operator: BinaryOperator, left: Expression, other: unknown): Expression {
  if (other === null) {
    throw new InvalidValueError(
      `${left.label}: null is equal to nothing; use isNull(), or is() for null-safe equality`,
    );
  }
  return new Binary(operator, left, operand(other, left.type, left.label), booleanType);
}

/** The only door from a user's value to a node: an expression as it is, a value checked and bound. */
export function operand(input: unknown, type: SqlType | undefined, label: string): Expression {
  if (isExpression(input)) return input;
  const known = type ?? inferType(input, label);
  const expected = input === undefined || input === null ? 'a value' : known.check(input);
  if (expected !== undefined) throw new InvalidValueError(`${label}: expected ${expected}, got ${kindOf(input)}`);
  return new Bind(input, known);
}

function checked(item: unknown, left: Expression): unknown {
  const node = operand(item, left.type, `${left.label}.in()`);
  if (node instanceof Bind) return node.value;
  throw new ConfigurationError(`${left.label}.in(): a list holds values; for expressions use or()`);
}

/** The type of a value that no column stands beside. */
export function inferType(input: unknown, label: string): SqlType {
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

function oneColumn(select: SelectNode): SelectNode {
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

/** The tree of a SELECT, or a `ConfigurationError`. */
export function selectOf(input: unknown, where: string): SelectNode {
  if (isBranded(input, SELECT)) return (input as SelectHolder).node;
  throw new ConfigurationError(`${where}: expected a select, got ${kindOf(input)}`);
}

export function orderOf(by: unknown): Order {
  return by instanceof Order ? by : new Order(expressionOf(by, 'orderBy()'), false);
}

export { SELECT };
