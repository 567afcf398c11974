import type { CallOptions } from '../../driver/driver.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import type { SelectNode, StatementNode } from '../../sql/nodes.ts';
import { followed, type RelationMapping } from '../mapping/mapper.ts';
import { EntityBase } from '../state/entity.ts';
import { identityOf } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { collectionOf, targetOf } from '../state/links.ts';
import { encoded, storedValue } from '../state/snapshot.ts';
import { distribute } from './distribute.ts';
import type { EntityShape } from './entity-query.ts';
import type { Loading } from './loading.ts';
import { hostOf, isRepeatable, Level, nodesOf, plan, Step } from './plan.ts';
import type { Parents } from './related.ts';
import type { Branch } from './strategy.ts';

export type { Loading } from './loading.ts';

type Cells = readonly unknown[];

/** A query of entities and the relations to load with them. */
export interface RootQuery {
  readonly node: SelectNode;
  readonly shape: EntityShape;
  /** The same rows, to be repeated as parents. */
  readonly core: SelectNode;
  readonly branches: readonly Branch[];
}

/** A read that goes with others in one unit. */
export interface Read<R> {
  readonly nodes: readonly StatementNode[];
  /** Takes the rows of its statements. Further units, where it needs some, go now. */
  take(rows: readonly (readonly Cells[])[], options?: CallOptions): Promise<R>;
}

/** The root and every relation, in one unit where the root may be repeated. */
export function readRoot(given: Loading, { node, core, branches, shape }: RootQuery): Read<InstanceState[]> {
  const note = <S extends readonly InstanceState[]>(rows: readonly Cells[], states: S): S => {
    const { extra } = node;
    if (extra)
      extra.take(
        rows,
        states.map(({ entity }) => entity),
        shape.outputs.length,
      );
    return states;
  };
  if (branches.length === 0)
    return { nodes: [node], take: ([rows = []]) => Promise.resolve(note(rows, given.hydrator.all(rows, shape))) };
  const { lifted } = node;
  // A filter that is lifted from a query is lifted from the relations that it loads.
  const lift = <N extends object>(read: N): N => (lifted && !('sql' in read) ? { ...read, lifted } : read);
  const loading: Loading = lifted
    ? { ...given, read: (nodes, options) => given.read(nodes.map(lift), options) }
    : given;
  const repeated = isRepeatable(core) ? core : undefined;
  const own = shape.candidates[shape.candidates.length - 1]!.mapper.source.joins.length;
  const top = new Level(0, hostOf(node, shape, { core: repeated, isJoined: core.joins.length > own }));
  const steps = plan(loading, branches, repeated && { query: repeated, name: 'parents:0' }, top);
  return {
    nodes: [top.host!.select.node, ...nodesOf(steps).map(lift)],
    take: async ([rows = [], ...others], options) => {
      note(fill(loading, top, rows, shape), top.states);
      await take(loading, [top, ...steps], others, options);
      return [...top.states];
    },
  };
}

/** One relation of entities that the same unit may read before: `owners` are known once those are read. */
export function readRelated(
  loading: Loading,
  relation: RelationMapping,
  parents: Parents,
  owners: () => readonly InstanceState[],
): Read<void> {
  const top = new Level(0, undefined);
  const steps = plan(loading, [{ relation, part: undefined, branches: [] }], parents, top);
  return {
    nodes: nodesOf(steps),
    take: (rows, options) => {
      top.states = owners();
      return take(loading, steps, rows, options);
    },
  };
}

/** Loads relations of entities in memory, in one unit. */
export function loadBranches(
  loading: Loading,
  states: readonly InstanceState[],
  branches: readonly Branch[],
  options?: CallOptions,
): Promise<void> {
  return loadGroups(loading, [{ states, branches }], options);
}

/** Loads what is missing of relations of entities in memory, in one unit; nothing is sent for what is there. */
export function loadMissing(
  loading: Loading,
  states: readonly InstanceState[],
  branches: readonly Branch[],
  options?: CallOptions,
): Promise<void> {
  return loadGroups(loading, missing(states, branches), options);
}

function missing(states: readonly InstanceState[], branches: readonly Branch[]): Group[] {
  return branches.flatMap((branch) => {
    assertOwners(states, branch);
    const { relation, part } = branch;
    const isThere = (state: InstanceState): boolean => part === undefined && isLoaded(state, relation);
    const lacking = states.filter((state) => !isThere(state));
    const beyond = unique(states.filter(isThere).flatMap((state) => related(state, relation)));
    const here: Group[] = lacking.length > 0 ? [{ states: lacking, branches: [branch] }] : [];
    return beyond.length > 0 ? [...here, ...missing(beyond, branch.branches)] : here;
  });
}

export function isLoaded(state: InstanceState, relation: RelationMapping): boolean {
  if (relation.way === 'forward') return targetOf(state, relation.link!) !== undefined;
  return collectionOf(state, relation).loaded;
}

/** The loaded entities at the far end of a relation. */
function related(state: InstanceState, relation: RelationMapping): InstanceState[] {
  if (relation.way === 'forward') return [targetOf(state, relation.link!) ?? []].flat();
  return (collectionOf(state, relation).peek() ?? []).flatMap((entity) => EntityBase.state(entity) ?? []);
}

interface Group {
  readonly states: readonly InstanceState[];
  readonly branches: readonly Branch[];
}

async function loadGroups(loading: Loading, groups: readonly Group[], options?: CallOptions): Promise<void> {
  const steps = groups.flatMap(({ states, branches }) =>
    branches.flatMap((branch) => {
      assertOwners(states, branch);
      const { relation, strategy } = branch;
      if (strategy?.note) {
        strategy.note(states, relation);
        return [];
      }
      const keys = keysOf(states, branch);
      if (keys.length > 0) return plan(loading, [branch], { keys }, new Level(0, undefined, states));
      distribute({ branch, byKeys: true }, states, [], []);
      return [];
    }),
  );
  if (steps.length === 0) return;
  await take(loading, steps, await loading.read(nodesOf(steps), options), options);
}

function assertOwners(states: readonly InstanceState[], { relation }: Branch): void {
  const stranger = states.find((state) => !state.mapper.isA(relation.owner));
  if (!stranger) return;
  throw new ConfigurationError(
    `${relation.owner.name}.${relation.name} is no relation of ${stranger.mapper.name}, which is among the entities`,
  );
}

/** Hydrates the answers in order and hands them to their parents. */
async function take(
  loading: Loading,
  levels: readonly Level[],
  results: readonly (readonly Cells[])[],
  options?: CallOptions,
): Promise<void> {
  let next = 0;
  for (const step of levels) {
    if (!(step instanceof Step)) continue;
    const { parent, embedded } = step;
    const rows = fill(loading, step, embedded ? embedded.rows(parent.rows) : results[next++]!, step.shape);
    if (step.host!.select === parent.host?.select) step.rows = parent.rows;
    distribute(step, unique(parent.states), rows, step.states, step.ownerAt);
  }
  const groups = levels.filter(({ later }) => later.length > 0);
  if (groups.length === 0) return;
  await loadGroups(
    loading,
    groups.map(({ states, later }) => ({ states: unique(states), branches: later })),
    options,
  );
}

/** Makes entities of the rows of a level; gives the rows, each once. */
function fill(loading: Loading, level: Level, rows: readonly Cells[], shape: EntityShape): readonly Cells[] {
  level.rows = rows;
  const isOwn = !(level instanceof Step) || level.host!.select !== level.parent.host?.select;
  const own = (isOwn && level.host!.select.reduce?.(rows)) || rows;
  level.states = loading.hydrator.all(own, shape);
  return own;
}

/** Distinct values of the columns by which the parents' relation is followed; a foreign key as the program has it now. */
function keysOf(states: readonly InstanceState[], branch: Branch): unknown[][] {
  const columns = followed(branch.relation);
  const distinct = new Map<string | number, unknown[]>();
  for (const state of states) {
    const isForward = branch.relation.way === 'forward';
    if (state.isNew && !isForward) continue;
    const values = isForward ? state.values(columns) : columns.map((mapped) => storedValue(state, mapped));
    if (values.some((value) => value === null || value === undefined)) continue;
    distinct.set(identityOf(encoded(state.codecs, columns, values)), values);
  }
  return [...distinct.values()];
}

function unique(states: readonly InstanceState[]): InstanceState[] {
  return [...new Set(states)];
}
