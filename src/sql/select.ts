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
  logical,
  oneColumn,
  expressionOf,
  isExpression,
  orderOf,
  type Expression,
  type SelectHolder,
} from './expression.ts';
import { lockOf, type LockOptions } from './lock.ts';
import type { JoinNode, Output, SelectNode, ShapeEntry, SourceNode } from './nodes.ts';
import { derived, derivedNode, findMember, sourceOf, type Derived, type Source } from './source.ts';
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
  /** A common table expression: `with "name" as (…)`. `materialized` says whether it is computed once. */
  cte<const N extends string>(name: N, options?: { materialized?: boolean }): Derived<R, N>;
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
  rest?: Partial<SelectNode>,
): SelectNode {
  const node: SelectNode = { ...EMPTY, outputs, shape };
  return rest ? { ...node, ...rest } : node;
}

/** What a recursive common table expression is of: where it starts, and what is made of the rows found last; each row once. */
export function recursion(start: SelectNode, step: SelectNode): SelectNode {
  const text = (selects: readonly string[]): string => selects.join(' union ');
  return selectNode(start.outputs, [], { compound: { operator: 'union', selects: [start, step], text } });
}

/** The mark of `Select`, which no object has: a type only. */
export interface SelectBuilder {
  readonly [rows]: never;
}

/** Builds a SELECT: each call returns a new one, which notes what it changes. */
export class SelectBuilder implements Rows<never>, SelectHolder {
  #node: SelectNode | undefined;
  readonly #from: SelectBuilder | undefined;
  readonly #part: keyof SelectNode | undefined;
  readonly #value: unknown;

  constructor(node: SelectNode | undefined, from?: SelectBuilder, part?: keyof SelectNode, given?: unknown) {
    this.#node = node;
    this.#from = from;
    this.#part = part;
    this.#value = given;
  }

  get brand(): symbol {
    return SELECT;
  }

  /** The tree, put together when it is first asked for. */
  get node(): SelectNode {
    if (this.#node) return this.#node;
    const steps: SelectBuilder[] = [this];
    let start = this.#from!;
    for (; !start.#node; start = start.#from!) steps.push(start);
    const node: { -readonly [P in keyof SelectNode]: SelectNode[P] } = { ...start.#node };
    for (let step = steps.pop(); step; step = steps.pop()) assign(node, step.#part!, step.#value as never);
    return (this.#node = node);
  }

  /** The same select with another value of a part, or with more in it where it is a list. */
  change<K extends keyof SelectNode>(part: K, given: SelectNode[K]): this {
    return this.derive(undefined, this, part, given);
  }
  /** A builder of the same class. */
  protected derive(...of: ConstructorParameters<typeof SelectBuilder>): this {
    return new SelectBuilder(...of) as this;
  }

  get whole(): SelectNode {
    return complete(this.node);
  }

  from(input: unknown): this {
    const { source, joins, where } = sourceOf(input, 'from()');
    const read = this.change('from', source);
    return joins.length + where.length === 0 ? read : read.change('joins', joins).change('where', where);
  }
  innerJoin(input: unknown, on: unknown): this {
    return this.#join('inner', 'innerJoin()', input, on);
  }
  leftJoin(input: unknown, on: unknown): this {
    return this.#join('left', 'leftJoin()', input, on);
  }
  rightJoin(input: unknown, on: unknown): this {
    return this.#join('right', 'rightJoin()', input, on);
  }
  fullJoin(input: unknown, on: unknown): this {
    return this.#join('full', 'fullJoin()', input, on);
  }
  #join(type: JoinNode['type'], called: string, input: unknown, on: unknown): this {
    return this.change('joins', [joinNode(type, called, input, on)]);
  }
  where(...conditions: unknown[]): this {
    return this.change('where', expressions(conditions, 'where()'));
  }
  groupBy(...by: unknown[]): this {
    return this.change('groupBy', expressions(by, 'groupBy()'));
  }
  having(...conditions: unknown[]): this {
    return this.change('having', expressions(conditions, 'having()'));
  }
  distinct(): this {
    return this.change('distinct', true);
  }
  orderBy(...by: unknown[]): this {
    return this.change('orderBy', by.map(orderOf));
  }
  limit(n: number): this {
    return this.change('limit', rowCount(n, 'limit()'));
  }
  offset(n: number): this {
    return this.change('offset', rowCount(n, 'offset()'));
  }
  forUpdate(options?: LockOptions): this {
    return this.change('lock', lockOf('update', options));
  }
  forNoKeyUpdate(options?: LockOptions): this {
    return this.change('lock', lockOf('no key update', options));
  }
  forShare(options?: LockOptions): this {
    return this.change('lock', lockOf('share', options));
  }
  forKeyShare(options?: LockOptions): this {
    return this.change('lock', lockOf('key share', options));
  }
  subquery(name: string): never {
    return derived(derivedNode(this.whole, name, false)) as never;
  }
  cte(name: string, { materialized }: { materialized?: boolean } = {}): never {
    return derived({ ...derivedNode(this.whole, name, true), materialized }) as never;
  }
  scalar(): Expression {
    const part = new SelectPart(oneColumn(this.whole));
    return new Fragment(['(', part, ')'], part.type, ATOM);
  }
}

/** What a join is given, with the tables and conditions that come with a model. */
export function joinNode(type: JoinNode['type'], called: string, input: unknown, on: unknown): JoinNode {
  const { source, joins, where } = sourceOf(input, called);
  let condition = expressionOf(on, called);
  if (where.length > 0) {
    if (type === 'right' || type === 'full')
      throw new ConfigurationError(
        `${called}: only some rows of '${source.name}' are meant; join a subquery() of them`,
      );
    condition = logical('and', [condition, ...where]);
  }
  return { type, source, on: condition, within: joins.length > 0 ? joins : undefined };
}

/** Sets a part, or adds to it where it is a list. By name each: it is what every select is put together with. */
function assign(
  node: { -readonly [P in keyof SelectNode]: SelectNode[P] },
  part: keyof SelectNode,
  given: never,
): void {
  switch (part) {
    case 'from':
      node.from = given;
      break;
    case 'joins':
      node.joins = added(node.joins, given);
      break;
    case 'where':
      node.where = added(node.where, given);
      break;
    case 'groupBy':
      node.groupBy = added(node.groupBy, given);
      break;
    case 'having':
      node.having = added(node.having, given);
      break;
    case 'orderBy':
      node.orderBy = added(node.orderBy, given);
      break;
    default:
      node[part] = given;
  }
}

function added<T>(items: readonly T[], more: readonly T[]): readonly T[] {
  return items.length === 0 ? more : [...items, ...more];
}

function expressions(items: readonly unknown[], where: string): readonly Expression[] {
  return items.map((item) => expressionOf(item, where));
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
  for (const name of Object.keys(shape)) {
    const item = shape[name];
    if (isExpression(item)) {
      entries.push({ name, start: outputs.length, entity: undefined });
      outputs.push({ name, expression: item });
      continue;
    }
    const entity = findMember(item);
    if (!entity) {
      throw new ConfigurationError(
        `${where}: '${name}' is ${kindOf(item)}; expected a column, an expression or a model`,
      );
    }
    entries.push({ name, start: outputs.length, entity });
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
