import type { CallOptions } from '../../driver/driver.ts';
import type { Bind } from '../../sql/expression.ts';
import type { SelectNode } from '../../sql/nodes.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { branchesOf, refuseTwoParts } from './branches.ts';
import { entityShape, hierarchyOf, lockOfShape, mapperOfSelect } from './entity-query.ts';
import { readRoot, type Loading, type RootQuery } from './load.ts';
import { keyOrder } from './related.ts';

/** What a select of a model reads, and the relations that go with it. */
export function rootQuery(node: SelectNode): RootQuery {
  const mapper = mapperOfSelect(node);
  const shape = entityShape(mapper, node.only);
  // LIMIT without a total order would give other rows the second time.
  const isCut = node.limit !== undefined || node.offset !== undefined;
  const orderBy = isCut ? [...node.orderBy, ...keyOrder(mapper, node.orderBy)] : node.orderBy;
  const asked = [...node.where, ...(isCut ? node.orderBy : []).map((by) => by.expression)];
  const joins = [...node.joins, ...(hierarchyOf(mapper)?.namedJoins(shape, asked) ?? [])];
  const core: SelectNode = { ...node, joins, load: undefined, only: undefined, orderBy: isCut ? orderBy : [] };
  const root: SelectNode = {
    ...core,
    outputs: node.extra ? [...shape.outputs, ...node.extra.outputs] : shape.outputs,
    joins: [...node.joins, ...shape.joins],
    orderBy,
    lock: lockOfShape(node, shape),
  };
  const branches = branchesOf(mapper, node.load, 'with()');
  refuseTwoParts(branches);
  return { node: root, shape, core, branches };
}

/** The entities of a select of a model. */
export async function loadEntities(
  loading: Loading,
  node: SelectNode,
  options?: CallOptions,
): Promise<InstanceState[]> {
  const read = readRoot(loading, rootQuery(node));
  return read.take(await loading.read(read.nodes, options), options);
}

/** The number of rows that a select may yield. */
export function limitOf(node: SelectNode): number {
  const given = (node.limit as Bind | undefined)?.value;
  return typeof given === 'number' ? given : Number.POSITIVE_INFINITY;
}
