import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import { integerType } from '../types/scalar.ts';
import { kindOf } from '../util/brand.ts';
import type { AnyExpr, By, Expr } from './expr.ts';
import {
  Bind,
  SELECT,
  ATOM,
  Fragment,
  SelectPart,
  assertSameForm,
  logical,
  oneColumn,
  expressionOf,
  isExpression,
  orderOf,
  selectOf,
  type Expression,
  type SelectHolder,
} from './expression.ts';
import type { JoinNode, Output, SelectNode, ShapeEntry, SourceNode } from './nodes.ts';
import { derived, derivedNode, findEntity, sourceOf, type Derived, type Source } from './source.ts';
import type { rows, Select } from './statement.ts';
import { columnSources } from './tree.ts';

/** What a select of columns takes: expressions and sources by name. */
export type Shape = Record<string, AnyExpr | Source<string>>;

/** A select whose rows are objects of columns. */
export interface Rows<R> extends Select<R> {
  orderBy(...by: By[]): Rows<R>;
  limit(n: number): Rows<R>;
  offset(n: number): Rows<R>;
  subquery<const N extends string>(name: N): Derived<R, N>;
  cte<const N extends string>(name: N): Derived<R, N>;
  /** The only column of the only row. */
  scalar(): Expr<R[keyof R] | null>;
}

const EMPTY: Omit<SelectNode, 'outputs' | 'shape'> = {
  kind: 'select',
  from: undefined,
  joins: [],
  where: [],
  groupBy: [],
  having: [],
  orderBy: [],
  limit: undefined,
  offset: undefined,
  distinct: false,
  compound: undefined,
};

/** A select of `outputs`, shaped as `shape` says. */
export function selectNode(
  outputs: readonly Output[],
  shape: readonly ShapeEntry[],
  rest: Partial<SelectNode> = {},
): SelectNode {
  return { ...EMPTY, outputs, shape, ...rest };
}

/** The mark of `Select`, which no object has: a type only. */
export interface SelectBuilder {
  readonly [rows]: never;
}

/** Builds a SELECT: each call returns a new one. */
export class SelectBuilder implements Rows<never>, SelectHolder {
  readonly node: SelectNode;

  constructor(node: SelectNode) {
    this.node = node;
  }

  get brand(): symbol {
    return SELECT;
  }

  protected change(change: Partial<SelectNode>): this {
    return new (this.constructor as new (node: SelectNode) => this)({ ...this.node, ...change });
  }

  get whole(): SelectNode {
    return complete(this.node);
  }

  from(input: unknown): this {
    const { source, joins, where } = sourceOf(input, 'from()');
    return this.change({ from: source, joins: [...this.node.joins, ...joins], where: [...this.node.where, ...where] });
  }
  innerJoin(input: unknown, on: unknown): this {
    return this.#join('inner', input, on);
  }
  leftJoin(input: unknown, on: unknown): this {
    return this.#join('left', input, on);
  }
  rightJoin(input: unknown, on: unknown): this {
    return this.#join('right', input, on);
  }
  fullJoin(input: unknown, on: unknown): this {
    return this.#join('full', input, on);
  }
  #join(type: JoinNode['type'], input: unknown, on: unknown): this {
    const { source, joins, where } = sourceOf(input, `${type}Join()`);
    if (where.length > 0 && (type === 'right' || type === 'full')) {
      throw new ConfigurationError(
        `${type}Join(): only some rows of '${source.name}' are meant; join a subquery() of them`,
      );
    }
    const condition = logical('and', [expressionOf(on, `${type}Join()`), ...where]);
    const join: JoinNode = { type, source, on: condition, ...(joins.length > 0 ? { within: joins } : {}) };
    return this.change({ joins: [...this.node.joins, join] });
  }
  where(...conditions: unknown[]): this {
    return this.change({ where: [...this.node.where, ...conditions.map((item) => expressionOf(item, 'where()'))] });
  }
  groupBy(...by: unknown[]): this {
    return this.change({ groupBy: [...this.node.groupBy, ...by.map((item) => expressionOf(item, 'groupBy()'))] });
  }
  having(...conditions: unknown[]): this {
    return this.change({ having: [...this.node.having, ...conditions.map((item) => expressionOf(item, 'having()'))] });
  }
  distinct(): this {
    return this.change({ distinct: true });
  }
  orderBy(...by: unknown[]): this {
    return this.change({ orderBy: [...this.node.orderBy, ...by.map(orderOf)] });
  }
  limit(n: number): this {
    return this.change({ limit: rowCount(n, 'limit()') });
  }
  offset(n: number): this {
    return this.change({ offset: rowCount(n, 'offset()') });
  }
  subquery(name: string): never {
    return derived(derivedNode(this.whole, name, false)) as never;
  }
  cte(name: string): never {
    return derived(derivedNode(this.whole, name, true)) as never;
  }
  scalar(): Expression {
    const part = new SelectPart(oneColumn(this.whole));
    return new Fragment(['(', part, ')'], part.type, ATOM);
  }
}

function rowCount(n: number, where: string): Bind {
  if (Number.isSafeInteger(n) && n >= 0) return new Bind(n, integerType, true);
  throw new InvalidValueError(`${where}: expected a whole number of rows, 0 or more; got ${kindOf(n)}`);
}

/** A row of `select(shape)`: each value by its name, an entity's columns together. */
export function shapeOf(
  shape: Readonly<Record<string, unknown>>,
  where: string,
): Pick<SelectNode, 'outputs' | 'shape'> {
  const outputs: Output[] = [];
  const entries: ShapeEntry[] = [];
  for (const [name, item] of Object.entries(shape)) {
    const entity = findEntity(item);
    if (!entity && !isExpression(item)) {
      throw new ConfigurationError(
        `${where}: '${name}' is ${kindOf(item)}; expected a column, an expression or a model`,
      );
    }
    entries.push({ name, start: outputs.length, entity });
    if (!entity) outputs.push({ name, expression: item as Expression });
    else
      for (const [attribute, expression] of entity.columns) outputs.push({ name: `${name}.${attribute}`, expression });
  }
  if (outputs.length === 0) throw new ConfigurationError(`${where}: select at least one column`);
  return { outputs, shape: entries };
}

/** A select without FROM reads the one source that its columns name. */
function complete(node: SelectNode): SelectNode {
  if (node.from || node.compound) return node;
  const sources = new Set<SourceNode>();
  for (const { expression } of node.outputs) columnSources(expression, sources);
  const entity = node.shape.find((entry) => entry.entity)?.entity;
  const own = entity && [entity.source, ...entity.joins.map((join) => join.source)];
  if (entity && [...sources].every((source) => own!.includes(source))) {
    const { source, joins, where } = entity;
    return { ...node, from: source, joins: [...joins, ...node.joins], where: [...where, ...node.where] };
  }
  if (sources.size > 1)
    throw new ConfigurationError('select(): its columns are of several tables; say which with from() and a join');
  return sources.size === 0 ? node : { ...node, from: [...sources][0] };
}

function compound(all: boolean, selects: readonly unknown[]): SelectBuilder {
  const nodes = selects.map((item) => selectOf(item, 'union()'));
  const first = nodes[0];
  if (!first || nodes.length < 2) throw new ConfigurationError('union(): expected two selects or more');
  if (nodes.some((node) => node.outputs.length !== first.outputs.length)) {
    throw new ConfigurationError('union(): the selects have different numbers of columns');
  }
  for (const { outputs } of nodes) {
    outputs.forEach(({ expression, name }, at) =>
      assertSameForm(first.outputs[at]!.expression.type, expression.type, `union(): ${name}`),
    );
  }
  return new SelectBuilder(selectNode(first.outputs, first.shape, { compound: { all, selects: nodes } }));
}

/** The rows of all, each once. */
export function union<R>(...selects: Select<R>[]): Rows<R> {
  return compound(false, selects) as Rows<never>;
}

/** The rows of all. */
export function unionAll<R>(...selects: Select<R>[]): Rows<R> {
  return compound(true, selects) as Rows<never>;
}

/** A recursive CTE: `recursive('tree', roots, (tree) => select(…).from(Node).innerJoin(tree, Node.c.parentId.eq(tree.c.id)))`. */
export function recursive<const N extends string, R>(
  name: N,
  start: Select<R>,
  step: (self: Derived<R, N>) => Select<R>,
): Derived<R, N> {
  const first = selectOf(start, 'recursive()');
  const self: { -readonly [K in keyof ReturnType<typeof derivedNode>]: ReturnType<typeof derivedNode>[K] } =
    derivedNode(first, name, true, true);
  const result = derived<R, N>(self);
  const next = selectOf(step(result), 'recursive()');
  self.select = selectNode(first.outputs, first.shape, { compound: { all: true, selects: [first, next] } });
  return result;
}
