import {
  ATOM,
  ColumnNode,
  List,
  Order,
  SelectPart,
  exists,
  within as isWithin,
  type Bind,
  type Expression,
} from '../../sql/expression.ts';
import { windowPieces } from '../../sql/functions/window.ts';
import { Opaque } from '../../sql/opaque.ts';
import type { JoinNode, Output, SelectNode } from '../../sql/nodes.ts';
import { columnNode, derivedNode, tableSource } from '../../sql/source.ts';
import type { TableColumn } from '../../schema/table.ts';
import { selectNode } from '../../sql/select.ts';
import { integerType } from '../../types/scalar.ts';
import { allEqual } from '../mapping/entity-source.ts';
import { followed, type MappedColumn, type Mapper, type RelationMapping } from '../mapping/mapper.ts';
import { entityCore, entityShape, lockOfShape, mapperOfSelect, type EntityShape } from './entity-query.ts';
import type { Branch } from './strategy.ts';

/** The parents of a relation: the query that reads them, or their rows of key values. */
export type Parents = ParentQuery | { readonly keys: readonly (readonly unknown[])[] };

/** Parsers nest a dozen levels of subqueries and no more: each level of parents is a CTE of its own, under its own name. */
export interface ParentQuery {
  readonly query: SelectNode;
  readonly name: string;
}

/** A query of the entities at the far end of a relation. */
export interface RelatedQuery {
  readonly node: SelectNode;
  readonly shape: EntityShape;
  /** The same rows, to be repeated as the parents of a further relation. */
  readonly core: SelectNode;
  readonly mapper: Mapper;
  /** Where the row says which parent it belongs to; undefined when the parent's own key does. */
  readonly ownerAt: readonly number[] | undefined;
  /** Why no relation can be put into it. */
  readonly closed?: string;
}

/** What a relation reads, whoever the parents are. */
export interface RelatedRows {
  readonly mapper: Mapper;
  readonly shape: EntityShape;
  /** The tables and conditions; neither outputs nor order. */
  readonly core: SelectNode;
  readonly order: readonly Order[];
  /** The columns at the far end that hold the parents' key (or are it). */
  readonly ends: readonly ColumnNode[];
  readonly outputs: readonly Output[];
  readonly ownerAt: readonly number[] | undefined;
}

export function relatedRows({ relation, part }: Branch): RelatedRows {
  const mapper = part ? mapperOfSelect(part) : relation.target;
  // By what the parents refer to the rows of a part has to be read with it.
  const referred = relation.way === 'forward' ? relation.link!.references.map((mapped) => mapped.attribute) : [];
  const shape = entityShape(mapper, part?.only && [...part.only, ...referred]);
  const { joins, ends } = farEnd(relation);
  const base = part ?? entityCore(mapper);
  const order = [...base.orderBy, ...defaultOrder(relation, mapper, base)];
  const core: SelectNode = {
    ...base,
    load: undefined,
    only: undefined,
    outputs: [],
    joins: [...joins, ...base.joins],
    where: relation.view ? [...base.where, ...relation.view()] : base.where,
    orderBy: [],
  };
  return { mapper, shape, core, order, ends, ...withOwner(relation, shape, ends) };
}

/**
 * The query for one relation of many parents. Where the parents are a query, it is repeated as a condition, so that all
 * levels go in one round trip.
 *
 * @example
 * // select … from "posts" where "posts"."author_id" in (select "users"."id" from "users" where …) order by "posts"."id"
 */
export function relatedQuery(branch: Branch, parents: Parents, level: number): RelatedQuery {
  const rows = relatedRows(branch);
  const { mapper, shape, order, ends, outputs, ownerAt } = rows;
  const core: SelectNode = {
    ...rows.core,
    where: [...rows.core.where, within(ends, followed(branch.relation), parents)],
  };
  if (core.limit || core.offset) return limited(core, order, shape, mapper, ends, level);
  const node: SelectNode = { ...core, outputs, joins: [...core.joins, ...shape.joins], orderBy: order };
  if (core.lock) return { node: { ...node, lock: lockOfShape(branch.part!, shape) }, shape, core, mapper, ownerAt };
  return { node, shape, core, mapper, ownerAt };
}

/** The columns to read, and where the parent's key is among them: a foreign key that is read anyway, or columns of its own. */
function withOwner(
  relation: RelationMapping,
  shape: EntityShape,
  ends: readonly Expression[],
): { readonly outputs: readonly Output[]; readonly ownerAt: readonly number[] | undefined } {
  const { outputs, candidates } = shape;
  if (relation.way === 'forward') return { outputs, ownerAt: undefined };
  const { positions } = candidates[candidates.length - 1]!;
  const read = relation.link?.columns.map((mapped) => positions[mapped.index]!);
  if (read?.every((at) => at >= 0)) return { outputs, ownerAt: read };
  return { outputs: [...outputs, ...named('owner', ends)], ownerAt: ends.map((_, at) => outputs.length + at) };
}

/** The columns at the far end that hold the parents' key (or are it), and the link table where there is one. */
function farEnd(relation: RelationMapping): { joins: readonly JoinNode[]; ends: readonly ColumnNode[] } {
  const { table, link, way } = relation;
  if (!table) {
    return {
      joins: [],
      ends: (way === 'forward' ? link!.references : link!.columns).map(({ column }) => columnNode(column)),
    };
  }
  const on = allEqual(
    table.targetColumns.map(columnNode),
    table.targetKey.map(({ column }) => columnNode(column)),
  );
  return {
    joins: [{ type: 'inner', source: tableSource(table.table), on }],
    ends: table.ownerColumns.map(columnNode),
  };
}

/** Rows come in a total order: the relation's own, then by key. */
function defaultOrder(relation: RelationMapping, mapper: Mapper, base: SelectNode): Order[] {
  if (relation.way === 'forward') return [];
  const own = base.orderBy.length === 0 ? (relation.orderBy?.() ?? []) : [];
  return [...own, ...keyOrder(mapper, own.length > 0 ? own : base.orderBy)];
}

/** The key as the last terms of an order, in the direction of the last term given. */
export function keyOrder(mapper: Mapper, orderBy: readonly Order[]): Order[] {
  const descending = orderBy[orderBy.length - 1]?.descending ?? false;
  const isGiven = (column: TableColumn): boolean =>
    orderBy.some((by) => by.expression instanceof ColumnNode && by.expression.column === column);
  return mapper.key.flatMap(({ column }) => (isGiven(column) ? [] : [new Order(columnNode(column), descending)]));
}

/** Whether the columns are among the parents' keys. */
export function within(columns: readonly Expression[], keys: readonly MappedColumn[], parents: Parents): Expression {
  if ('keys' in parents)
    return isWithin(
      columns,
      new List(
        parents.keys,
        keys.map((mapped) => mapped.type),
      ),
    );
  const query = {
    ...parents.query,
    outputs: named(
      'key',
      keys.map(({ column }) => columnNode(column)),
    ),
  };
  return inQuery(columns, query, parents.name);
}

/** Whether the columns, together, are a row of the query. */
export function inQuery(columns: readonly Expression[], query: SelectNode, name: string): Expression {
  const parents = derivedNode(query, name, true);
  const parts = query.outputs.map((output) => new ColumnNode(parents, output.name, output.expression.type));
  if (columns.length > 1) return exists(selectNode([], [], { from: parents, where: [allEqual(parts, columns)] }));
  return isWithin(
    columns,
    new SelectPart(selectNode([{ name: 'key0', expression: parts[0]! }], [], { from: parents })),
  );
}

export function named(prefix: string, expressions: readonly Expression[]): Output[] {
  return expressions.map((expression, at) => ({ name: `${prefix}${at}`, expression }));
}

/** At most so many rows for each parent: numbered within it, then cut off. */
function limited(
  core: SelectNode,
  order: readonly Order[],
  shape: EntityShape,
  mapper: Mapper,
  ends: readonly Expression[],
  level: number,
): RelatedQuery {
  const pieces = ['row_number() over (', ...windowPieces({ partitionBy: ends, orderBy: order }), ')'];
  const number = new Opaque(pieces, integerType, ATOM);
  const numbered: SelectNode = {
    ...core,
    outputs: [
      ...named(
        'c',
        shape.outputs.map((output) => output.expression),
      ),
      ...named('owner', ends),
      { name: 'number', expression: number },
    ],
    joins: [...core.joins, ...shape.joins],
    limit: undefined,
    offset: undefined,
  };
  const derived = derivedNode(numbered, 'numbered:0', false);
  const read = ({ name, expression }: Output): Expression => new ColumnNode(derived, name, expression.type);
  const rank = new ColumnNode(derived, 'number', integerType);
  const skip = (core.offset as Bind | undefined)?.value ?? 0;
  const take = (core.limit as Bind | undefined)?.value;
  const where: Expression[] = [rank.gt(skip)];
  if (take !== undefined) where.push(rank.lte(Number(skip) + Number(take)));
  const outputs = numbered.outputs.slice(0, -1).map((output) => ({ name: output.name, expression: read(output) }));
  const node = selectNode(outputs, [], { from: derived, where, orderBy: [new Order(rank, false)] });
  // A further level reads the keys of the rows that were kept.
  const keys = mapper.key.map(({ column }) => {
    const at = shape.outputs.findIndex((output) => (output.expression as ColumnNode).column === column);
    return outputs[at]!;
  });
  const kept = inQuery(
    mapper.key.map(({ column }) => columnNode(column)),
    { ...node, outputs: keys, orderBy: [] },
    `kept:${level}`,
  );
  const base = entityCore(mapper);
  const ownerAt = ends.map((_, at) => shape.outputs.length + at);
  const closed = 'its parents are cut off for each of theirs';
  return { node, shape, core: { ...base, where: [...base.where, kept] }, mapper, ownerAt, closed };
}
