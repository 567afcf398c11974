import { assertNever } from '../errors/errors.ts';
import type { Bind, Expression, InList, InRows, Order } from '../sql/expression.ts';
import type { Call } from '../sql/functions.ts';
import type { InsertNode, Output, SelectNode, SourceNode, StatementNode } from '../sql/nodes.ts';
import type { ExpressionNode } from '../sql/tree.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { Dialect } from './dialect.ts';

/** A place for values in a statement. */
export type Hole = Bind | InList | InRows;

/** A statement's structure as text, equal for statements that differ in values alone, and its values in order. */
export interface Shape {
  readonly key: string;
  readonly holes: readonly Hole[];
}

/** Reads the structure of a statement off its tree, in one pass. */
export function shapeOf(node: StatementNode, dialect: Dialect): Shape {
  const walk = new Walk(dialect);
  walk.statement(node);
  return { key: walk.key, holes: walk.holes };
}

const typeIds = new WeakMap<SqlType, number>();
let nextType = 0;

/** Types of one kind may differ (scale, labels, a custom codec), so each object has a number. */
function typeId(type: SqlType | undefined): string {
  if (!type) return '';
  let id = typeIds.get(type);
  if (id === undefined) typeIds.set(type, (id = nextType++));
  return id.toString(36);
}

/** List lengths that have a statement of their own where each value needs a parameter: 1, 2, 4, 8, … */
export function paddedLength(length: number): number {
  return length < 2 ? 1 : 2 ** Math.ceil(Math.log2(length));
}

class Walk {
  key = '';
  readonly holes: Hole[] = [];
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Text of the program's own, of any content: its length says where it ends. */
  #text(text: string): void {
    this.key += `${text.length}"${text}`;
  }

  #all(mark: string, expressions: readonly Expression[]): void {
    if (expressions.length === 0) return;
    this.key += mark + expressions.length;
    for (const expression of expressions) this.expression(expression);
  }

  statement(node: StatementNode): void {
    if (node.kind === 'select') return this.select(node);
    this.key += `${node.kind}${node.table.id};`;
    if (node.kind === 'insert') this.#insert(node);
    else {
      if (node.kind === 'update') this.#assignments(node.set);
      this.#all('w', node.where);
    }
    this.#outputs(node.returning);
  }

  #insert(node: InsertNode): void {
    for (const column of node.columns) this.key += `${column.index},`;
    for (const row of node.rows) this.#all('r', row);
    if (node.select) this.select(node.select);
    if (node.conflict) {
      this.key += `c${node.conflict.target.map((column) => column.index).join()};`;
      if (node.conflict.set) this.#assignments(node.conflict.set);
    }
  }

  #assignments(set: readonly (readonly [{ readonly index: number }, Expression])[]): void {
    for (const [column, item] of set) {
      this.key += `s${column.index}=`;
      this.expression(item);
    }
  }

  select(node: SelectNode): void {
    this.key += node.distinct ? 'D(' : 'S(';
    this.#outputs(node.outputs);
    if (node.compound) {
      this.key += node.compound.all ? 'A' : 'U';
      for (const part of node.compound.selects) this.select(part);
    }
    if (node.from) this.source(node.from);
    for (const join of node.joins) {
      this.key += `j${join.type[0]!}`;
      this.source(join.source);
      this.expression(join.on);
    }
    this.#all('w', node.where);
    this.#all('g', node.groupBy);
    this.#all('h', node.having);
    for (const by of node.orderBy) this.#order(by);
    if (node.limit) {
      this.key += 'l';
      this.expression(node.limit);
    }
    if (node.offset) {
      this.key += 'f';
      this.expression(node.offset);
    }
    this.key += ')';
  }

  #outputs(outputs: readonly Output[]): void {
    for (const { name, expression } of outputs) {
      this.#text(name);
      this.expression(expression);
    }
  }

  #order(by: Order): void {
    this.key += `o${by.descending ? 'd' : 'a'}${by.nulls?.[0] ?? ''}`;
    this.expression(by.expression);
  }

  /** A CTE is walked where it is first named; its name says the rest. */
  readonly #named = new Set<SourceNode>();

  source(source: SourceNode): void {
    this.key += source.kind[0]!;
    if (source.kind !== 'derived') this.key += `${source.table.id};`;
    this.#text(source.name);
    if (source.kind !== 'derived' || this.#named.has(source)) return;
    if (source.cte) {
      this.#named.add(source);
      this.key += source.recursive ? 'R' : 'C';
    }
    this.select(source.select);
  }

  expression(expression: Expression): void {
    const node = expression as ExpressionNode;
    switch (node.kind) {
      case 'column':
        if (node.source === 'excluded') this.key += 'x';
        else if (node.source.kind === 'table') this.key += `.${node.source.table.id}`;
        else this.#text(node.source.name);
        if (node.column) this.key += `.${node.column.index};`;
        else this.#text(node.name);
        return;
      case 'bind':
        this.key += `?${typeId(node.type)};`;
        this.holes.push(node);
        return;
      case 'binary':
        this.key += `(${node.operator}`;
        this.expression(node.left);
        this.expression(node.right);
        return;
      case 'logical':
        return this.#all(node.operator === 'and' ? '&' : '|', node.items);
      case 'not':
      case 'null-test':
        this.key += node.kind === 'not' ? '!' : 'N';
        return this.expression(node.item);
      case 'in-list':
        return this.#list(node);
      case 'in-select':
        this.key += 'i';
        this.expression(node.item);
        return this.select(node.select);
      case 'exists':
      case 'scalar':
        this.key += node.kind[0]!;
        return this.select(node.select);
      default:
        return this.#rare(node);
    }
  }

  #rare(
    node: Exclude<
      ExpressionNode,
      {
        kind:
          | 'column'
          | 'bind'
          | 'binary'
          | 'logical'
          | 'not'
          | 'null-test'
          | 'in-list'
          | 'in-select'
          | 'exists'
          | 'scalar';
      }
    >,
  ): void {
    switch (node.kind) {
      case 'label':
        this.key += 'L';
        this.#text(node.name);
        return this.expression(node.item);
      case 'scoped':
        this.key += '>';
        this.#text(node.name);
        this.source(node.from);
        return this.expression(node.item);
      case 'call':
        return this.#call(node);
      case 'case':
        this.key += `W${node.branches.length}`;
        for (const [condition, then] of node.branches) this.#all('t', [condition, then]);
        if (node.otherwise) this.#all('e', [node.otherwise]);
        return;
      case 'in-rows':
        this.key += `m${node.itemTypes.map(typeId).join()};`;
        this.#all('v', node.items);
        this.holes.push(node);
        return;
      case 'raw':
        for (const text of node.texts) this.#text(text);
        return this.#all('q', node.holes);
      default:
        return assertNever(node, 'expression');
    }
  }

  #list(node: InList): void {
    this.key += `n${typeId(node.itemType)};`;
    const asOne = this.#dialect.list(this.#dialect.codec(node.itemType)) !== undefined;
    if (!asOne) this.key += `${paddedLength(node.values.length)}${node.values.length === 0 ? 'z' : ''};`;
    this.expression(node.item);
    this.holes.push(node);
  }

  #call(node: Call): void {
    const { distinct, filter, over } = node.options;
    this.key += `f${distinct ? 'd' : ''}${typeId(node.type)}`;
    this.#text(node.name);
    this.#all('a', node.args);
    if (filter) this.#all('F', [filter]);
    if (!over) return;
    this.key += 'O';
    this.#all('p', over.partitionBy);
    for (const by of over.orderBy) this.#order(by);
    this.#text(over.frame ?? '');
  }
}
