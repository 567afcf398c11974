import type { CallOptions } from '../../driver/driver.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import { ColumnNode } from '../../sql/expression.ts';
import type { LoadedMany, LoadedOne } from '../../sql/loading.ts';
import type { Entity } from '../../sql/model.ts';
import type { SelectNode } from '../../sql/nodes.ts';
import type { Many, One } from '../../sql/relation.ts';
import { recursion, selectNode } from '../../sql/select.ts';
import { columnNode, derivedNode } from '../../sql/source.ts';
import { distribute } from '../loading/distribute.ts';
import { mapperOfSelect, type EntityShape } from '../loading/entity-query.ts';
import { readRoot } from '../loading/load.ts';
import type { Loading } from '../loading/loading.ts';
import { isRepeatable } from '../loading/plan.ts';
import { inQuery, named, relatedRows, within, type Parents } from '../loading/related.ts';
import { rootQuery } from '../loading/root-query.ts';
import type { Branch } from '../loading/strategy.ts';
import { allEqual } from '../mapping/entity-source.ts';
import { followed, type Mapper } from '../mapping/mapper.ts';
import { stateOf } from '../state/entity.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { storedValue } from '../state/snapshot.ts';
import { QueryBuilder, type Query } from './query.ts';
import { Session } from './session.ts';

/** The relations of a model to itself. */
export type TreeRelation<E> = {
  [K in keyof E]: E[K] extends Many<infer T>
    ? E extends T
      ? K
      : never
    : E[K] extends One<infer T>
      ? E extends T
        ? K
        : never
      : never;
}[keyof E];

/** An entity of which a relation to its own model is loaded, and of those that it leads to, without an end. */
export type Tree<E, K extends keyof E> = {
  readonly [P in K]: E[P] extends Many<unknown>
    ? LoadedMany<Tree<E, K>>
    : E[P] extends One<infer T>
      ? LoadedOne<Tree<E, K> | Extract<T, null>>
      : never;
} & E;

/**
 * Loads all that a relation of a model to itself leads to, however deep: of a to-many relation the whole subtrees, of a
 * to-one relation all ancestors. With a query that goes in its round trip, for entities in memory in one of its own; one
 * recursive statement either way, and a circle among the rows ends.
 *
 * @example
 * const roots = await loadTree(session.query(Folder).where(Folder.c.parentId.isNull()), 'children')
 * roots[0].children.items[0].children.items[0].children.items
 * await loadTree(session, [folder], 'parent')
 * // with recursive "tree" ("key0") as (select … union select …) select … from "folders" where "folders"."parent_id" in (select "key0" from "tree")
 * @throws ConfigurationError for a relation to another model.
 */
export function loadTree<E extends Entity, K extends TreeRelation<E>>(
  query: Query<E>,
  relation: K,
  options?: CallOptions,
): Promise<Tree<E, K>[]>;
export function loadTree<E extends Entity, K extends TreeRelation<E>>(
  session: Session,
  entities: readonly E[],
  relation: K,
  options?: CallOptions,
): Promise<Tree<E, K>[]>;
export async function loadTree(from: unknown, ...given: readonly unknown[]): Promise<unknown[]> {
  if (from instanceof QueryBuilder) {
    const [name, options] = given;
    const states = await loadWithQuery(from, name as string, options as CallOptions | undefined);
    return states.map(({ entity }) => entity);
  }
  const [entities, name, options] = given;
  const { loading, holdings } = Session.parts(from as Session, 'loadTree()');
  const states = Array.from(entities as Iterable<unknown>, (entity) => stateOf(entity, 'loadTree()'));
  const stranger = states.find(({ context }) => context !== holdings.context);
  if (stranger) throw new ConfigurationError(`loadTree(): ${stranger.label} is not in this session`);
  const first = states[0];
  if (first) await loadFor(loading, states, branchOf(first.mapper, name as string), options as CallOptions | undefined);
  return entities as unknown[];
}

function branchOf(mapper: Mapper, name: string): Branch {
  const relation = mapper.relations.get(name);
  if (relation && !relation.kind!.neverLoaded && relation.target.isA(relation.owner) && mapper.isA(relation.owner))
    return { relation, part: undefined, branches: [] };
  throw new ConfigurationError(
    relation
      ? `loadTree(): ${mapper.name}.${name} leads to ${relation.target.name}, which has no such relation to follow`
      : `loadTree(): ${mapper.name} has no relation '${name}'; it has ${[...mapper.relations.keys()].join(', ') || 'none'}`,
    { model: mapper.name, attributes: [name] },
  );
}

async function loadWithQuery(query: QueryBuilder, name: string, options?: CallOptions): Promise<InstanceState[]> {
  const { loading } = query;
  const root = rootQuery(query.node);
  const branch = branchOf(mapperOfSelect(query.node), name);
  const read = readRoot(loading, root);
  const isRepeated = isRepeatable(root.core);
  const tree = isRepeated && treeQuery(branch, { query: root.core, name: 'parents:0' });
  const { lifted } = root.node;
  const nodes = tree ? [...read.nodes, lifted ? { ...tree.node, lifted } : tree.node] : read.nodes;
  const answers = await loading.read(nodes, options);
  const states = await read.take(answers.slice(0, read.nodes.length), options);
  if (tree) take(loading, branch, tree, answers.at(-1)!, states, false);
  // What may not be read twice is followed by the keys that came.
  else await loadFor(loading, states, branch, options, lifted);
  return states;
}

async function loadFor(
  loading: Loading,
  states: readonly InstanceState[],
  branch: Branch,
  options?: CallOptions,
  lifted?: readonly object[],
): Promise<void> {
  const columns = followed(branch.relation);
  const isForward = branch.relation.way === 'forward';
  const keys = states
    .filter((state) => isForward || !state.isNew)
    // A foreign key as the program has it now.
    .map((state) => (isForward ? state.values(columns) : columns.map((mapped) => storedValue(state, mapped))))
    .filter((values) => values.every((value) => value !== null && value !== undefined));
  const tree = keys.length > 0 ? treeQuery(branch, { keys }) : undefined;
  const [rows = []] = tree ? await loading.read([lifted ? { ...tree.node, lifted } : tree.node], options) : [];
  if (tree) take(loading, branch, tree, rows, states, true);
  else distribute({ branch, byKeys: true }, states, [], []);
}

interface TreeQuery {
  readonly node: SelectNode;
  readonly shape: EntityShape;
  readonly ownerAt: readonly number[] | undefined;
}

/** The rows that the parents lead to, those that these lead to, and so on: keys first, each once. */
function treeQuery(branch: Branch, parents: Parents): TreeQuery {
  const { relation } = branch;
  const { core, shape, order, ends, outputs, ownerAt } = relatedRows(branch);
  const columns = followed(relation);
  const start: SelectNode = {
    ...core,
    outputs: named('key', ends),
    where: [...core.where, within(ends, columns, parents)],
  };
  const tree = { ...derivedNode(start, 'tree', true, true) };
  const found = ends.map((end, at) => new ColumnNode(tree, `key${at}`, end.type));
  const step: SelectNode = {
    ...core,
    outputs: named(
      'key',
      columns.map(({ column }) => columnNode(column)),
    ),
    joins: [...core.joins, { type: 'inner', source: tree, on: allEqual(ends, found) }],
  };
  Object.assign(tree, { select: recursion(start, step) });
  const keys = selectNode(named('key', found), [], { from: tree });
  const where = [...core.where, inQuery(ends, keys, 'keys')];
  return { node: { ...core, outputs, joins: [...core.joins, ...shape.joins], where, orderBy: order }, shape, ownerAt };
}

/** Gives each of them, those found included, what its rows lead to. */
function take(
  { hydrator }: Loading,
  branch: Branch,
  { shape, ownerAt }: TreeQuery,
  rows: readonly (readonly unknown[])[],
  roots: readonly InstanceState[],
  byKeys: boolean,
): void {
  const states = hydrator.all(rows, shape);
  distribute({ branch, byKeys }, [...new Set([...roots, ...states])], rows, states, ownerAt);
}
