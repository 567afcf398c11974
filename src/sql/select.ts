import { ConfigurationError } from '../errors/errors.ts';
import { kindOf } from '../util/brand.ts';
import type { AnyExpr, By, Expr } from './expr.ts';
import {
  ATOM,
  Fragment,
  SelectPart,
  expressionOf,
  isExpression,
  logical,
  oneColumn,
  type Expression,
} from './expression.ts';
import type { JoinNode, Output, SelectNode, ShapeEntry, SourceNode } from './nodes.ts';
import { rowReader } from './row-reader.ts';
import { SelectBuilder, expressions, type BuilderStep } from './select-builder.ts';
import { derived, derivedNode, findMember, sourceOf, type Derived, type Source } from './source.ts';
import type { Select } from './statement.ts';
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
  const selects = [start, step];
  const text = (render: (select: SelectNode) => string): string => selects.map(render).join(' union ');
  return selectNode(start.outputs, [], { compound: { operator: 'union', selects, text } });
}

/** Builds a SELECT of columns by name. */
class RowSelectBuilder extends SelectBuilder implements Rows<never> {
  protected override derive(...of: BuilderStep): this {
    return new RowSelectBuilder(...of) as this;
  }
  override get whole(): SelectNode {
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
  groupBy(...by: unknown[]): this {
    return this.change('groupBy', expressions(by, 'groupBy()'));
  }
  having(...conditions: unknown[]): this {
    return this.change('having', expressions(conditions, 'having()'));
  }
  distinct(): this {
    return this.change('distinct', true);
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

/** A select of the program's own, with what reads its rows. */
export function rowSelect(node: SelectNode): RowSelectBuilder {
  return new RowSelectBuilder({ ...node, reader: rowReader });
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
