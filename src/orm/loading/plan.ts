import type { SelectNode } from '../../sql/nodes.ts';
import { Opaque } from '../../sql/opaque.ts';
import { columnNode } from '../../sql/source.ts';
import { someInSelect } from '../../sql/tree.ts';
import type { InstanceState } from '../state/instance-state.ts';
import type { EntityShape } from './entity-query.ts';
import type { Loading } from './loading.ts';
import { relatedQuery, type Parents } from './related.ts';
import type { Branch, Embedded, Host, HostSelect } from './strategy.ts';

type Cells = readonly unknown[];

/** Levels that one unit may repeat: each nests the one before it. */
const MOST_LEVELS = 20;

/** Entities whose relations are loaded: those of an earlier query, or of a step before this one. */
export class Level {
  declare readonly level: number;
  declare readonly host: Host | undefined;
  declare states: readonly InstanceState[];
  /** The rows as they came; some may hold rows of relations. */
  rows: readonly Cells[] = [];
  /** Relations that go in a unit of their own: those of rows that may not be repeated, or beyond the limit. */
  readonly later: Branch[] = [];

  constructor(level: number, host: Host | undefined, states: readonly InstanceState[] = []) {
    this.level = level;
    this.host = host;
    this.states = states;
  }
}

/** A query of the unit under way, and whose relation it reads. */
export class Step extends Level {
  declare readonly branch: Branch;
  declare readonly parent: Level;
  declare readonly shape: EntityShape;
  declare readonly ownerAt: readonly number[] | undefined;
  /** Whether it reads the keys of the parents as the program has them now. */
  declare readonly byKeys: boolean;
  /** Where its rows are in those of its parents. */
  declare readonly embedded: Embedded | undefined;
  /** The same rows, to be repeated as parents. */
  declare readonly core: SelectNode | undefined;

  constructor(
    branch: Branch,
    parent: Level,
    query: Pick<Embedded, 'shape' | 'ownerAt' | 'host'>,
    { byKeys = false, embedded, core }: { byKeys?: boolean; embedded?: Embedded; core: SelectNode | undefined },
  ) {
    super(parent.level + 1, query.host);
    this.branch = branch;
    this.parent = parent;
    this.shape = query.shape;
    this.ownerAt = query.ownerAt;
    this.byKeys = byKeys;
    this.embedded = embedded;
    this.core = core;
  }
}

export function hostOf(
  node: SelectNode,
  shape: EntityShape,
  { ownerAt, core, closed: given, isJoined = false }: Partial<HostSelect>,
): Host {
  const place = columnNode;
  const isPlain = !node.distinct && node.groupBy.length === 0 && !node.lock;
  const closed = isPlain ? given : 'its parents are distinct(), grouped or locked';
  return { select: { node, shape, ownerAt, core, closed, isJoined, place, names: 0 }, place };
}

/** The statements of the steps: those within the query of their parents have none. */
export function nodesOf(steps: readonly Step[]): SelectNode[] {
  return steps.flatMap(({ embedded, host }) => (embedded ? [] : host!.select.node));
}

/** The queries of all levels below the parents, each after the one that it builds on. */
export function plan(
  loading: Loading,
  branches: readonly Branch[],
  parents: Parents | undefined,
  parent: Level,
): Step[] {
  return branches.flatMap((branch) => {
    const step = planOne(loading, branch, parents, parent);
    if (!step) {
      parent.later.push(branch);
      return [];
    }
    const { core, level, embedded } = step;
    const isRepeated = core && level < MOST_LEVELS && (!branch.part || isRepeatable(rowsOf(branch.part)));
    const below = isRepeated ? { query: core, name: `parents:${level}` } : undefined;
    const further = plan(loading, branch.branches, below, step);
    embedded?.finish?.();
    return [step, ...further];
  });
}

/** The query of one relation, or its place in that of its parents; undefined where it goes after them, by keys. */
function planOne(loading: Loading, branch: Branch, parents: Parents | undefined, parent: Level): Step | undefined {
  const query = parents && relatedQuery(branch, parents, parent.level + 1);
  const made = embed(loading, branch, parent);
  if (typeof made === 'object') return new Step(branch, parent, made, { core: query?.core, embedded: made });
  if (!query || !parents) return apart(loading, branch, made ?? 'its parents cannot be read twice');
  const byKeys = 'keys' in parents;
  const { strategy } = branch;
  if (!byKeys && strategy && !strategy.embed) return apart(loading, branch, undefined);
  loading.tell?.(branch, byKeys ? 'selectIn' : 'batch', made);
  const { node, shape, core } = query;
  return new Step(branch, parent, { ...query, host: hostOf(node, shape, query) }, { core, byKeys });
}

/** The relation within the query of its parents; or why it cannot be, where it was to be. */
function embed(loading: Loading, branch: Branch, { host }: Level): Embedded | string | undefined {
  const { strategy } = branch;
  if (!host || !strategy?.embed) return undefined;
  const made = strategy.embed(branch, host, loading.engine.driver.dialect);
  if (typeof made === 'object') loading.tell?.(branch, strategy.name, undefined);
  return made;
}

function apart(loading: Loading, branch: Branch, because: string | undefined): undefined {
  loading.tell?.(branch, 'selectIn', because);
}

/** What says which rows a part has: its order only where it is cut off. */
function rowsOf(part: SelectNode): SelectNode {
  return part.limit || part.offset ? part : { ...part, orderBy: [] };
}

/** Whether a query yields the same rows each time it stands in a unit: no raw text, no function of the program's choice. */
export function isRepeatable(core: SelectNode): boolean {
  if (core.groupBy.length > 0 || core.distinct || core.lock) return false;
  return !someInSelect(core, (node) => node instanceof Opaque);
}
