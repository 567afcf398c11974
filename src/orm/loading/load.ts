import type { CallOptions, Statement } from '../../driver/driver.ts';
import type { EngineCore } from '../../engine/engine.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import { Opaque } from '../../sql/opaque.ts';
import type { SelectNode, StatementNode } from '../../sql/nodes.ts';
import { someInSelect } from '../../sql/tree.ts';
import { followed, type Link, type RelationMapping } from '../mapping/mapper.ts';
import { EntityBase } from '../state/entity.ts';
import type { Hydrator } from './hydrate.ts';
import { identityOf, identityOfSole } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { collectionOf, targetOf } from '../state/links.ts';
import { loadedTarget } from '../state/handles.ts';
import { encoded, isChanged, rawValues, storedValue } from '../state/snapshot.ts';
import type { Branch } from './branches.ts';
import type { EntityShape } from './entity-query.ts';
import { relatedQuery, type Parents, type RelatedQuery } from './related.ts';

type Cells = readonly unknown[];

/** What loading needs of a session. */
export interface Loading {
  readonly engine: EngineCore;
  readonly hydrator: Hydrator;
  /** The text of a statement, under the filters of the session. */
  prepare(node: StatementNode): Statement;
  /** Sends statements, or texts of selects that are kept, as one unit. */
  read(nodes: readonly (StatementNode | Statement)[], options?: CallOptions): Promise<readonly (readonly Cells[])[]>;
}

/** A query of entities and the relations to load with them. */
export interface RootQuery {
  readonly node: SelectNode;
  readonly shape: EntityShape;
  /** The same rows, to be repeated as parents. */
  readonly core: SelectNode;
  readonly branches: readonly Branch[];
}

/** Levels that one unit may repeat: each nests the one before it. */
const MOST_LEVELS = 20;

/** Entities whose relations are loaded: those of an earlier query, or of a step before this one. */
interface Level {
  readonly level: number;
  states: readonly InstanceState[];
}

/** A query of the unit under way, and whose relation it reads. */
interface Step extends Level {
  readonly branch: Branch;
  readonly parent: Level;
  readonly query: RelatedQuery;
  /** Whether it reads the keys of the parents as the program has them now. */
  readonly byKeys: boolean;
  /** Relations that go in a unit of their own: those of rows that may not be repeated, or beyond the limit. */
  readonly later: readonly Branch[];
}

/** A read that goes with others in one unit. */
export interface Read<R> {
  readonly nodes: readonly StatementNode[];
  /** Takes the rows of its statements. Further units, where it needs some, go now. */
  take(rows: readonly (readonly Cells[])[], options?: CallOptions): Promise<R>;
}

/** The root and every relation, in one unit where the root may be repeated. */
export function readRoot(given: Loading, root: RootQuery): Read<InstanceState[]> {
  const { node, core, branches, shape } = root;
  const { lifted } = node;
  // A filter that is lifted from a query is lifted from the relations that it loads.
  const lift = <N extends object>(read: N): N => (lifted && !('sql' in read) ? { ...read, lifted } : read);
  const loading: Loading = lifted
    ? { ...given, read: (nodes, options) => given.read(nodes.map(lift), options) }
    : given;
  const isOne = branches.length > 0 && isRepeatable(core);
  const top: Level = { level: 0, states: [] };
  const steps = isOne ? plan(branches, { query: core, name: 'parents:0' }, top) : [];
  return {
    nodes: [node, ...steps.map((step) => lift(step.query.node))],
    take: async ([rows = [], ...others], options) => {
      const states = loading.hydrator.all(rows, shape);
      top.states = states;
      if (isOne) await take(loading, steps, others, options);
      else if (branches.length > 0) await loadBranches(loading, unique(states), branches, options);
      return states;
    },
  };
}

/** One relation of entities that the same unit may read before: their keys are known, and `owners` once those are read. */
export function readRelated(
  loading: Loading,
  relation: RelationMapping,
  keys: readonly (readonly unknown[])[],
  owners: () => readonly InstanceState[],
): Read<void> {
  const top: Level = { level: 0, states: [] };
  const steps = plan([{ relation, part: undefined, branches: [] }], { keys }, top);
  return {
    nodes: steps.map((step) => step.query.node),
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
): Promise<void> {
  return loadGroups(loading, missing(states, branches));
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
      const keys = keysOf(states, branch);
      if (keys.length > 0) return plan([branch], { keys }, { level: 0, states });
      distribute({ branch, byKeys: true }, states, [], []);
      return [];
    }),
  );
  if (steps.length === 0) return;
  const nodes = steps.map((step) => step.query.node);
  await take(loading, steps, await loading.read(nodes, options), options);
}

function assertOwners(states: readonly InstanceState[], { relation }: Branch): void {
  const stranger = states.find((state) => !state.mapper.isA(relation.owner));
  if (!stranger) return;
  throw new ConfigurationError(
    `${relation.owner.name}.${relation.name} is no relation of ${stranger.mapper.name}, which is among the entities`,
  );
}

/** The queries of all levels below the parents, each after the one that it builds on. */
function plan(branches: readonly Branch[], parents: Parents, parent: Level): Step[] {
  const level = parent.level + 1;
  return branches.flatMap((branch) => {
    const query = relatedQuery(branch, parents, level);
    const isRepeated = level < MOST_LEVELS && (!branch.part || isRepeatable(rowsOf(branch.part)));
    const later = isRepeated ? [] : branch.branches;
    const step: Step = { branch, parent, query, level, byKeys: 'keys' in parents, later, states: [] };
    if (!isRepeated) return [step];
    return [step, ...plan(branch.branches, { query: query.core, name: `parents:${level}` }, step)];
  });
}

/** What says which rows a part has: its order only where it is cut off. */
function rowsOf(part: SelectNode): SelectNode {
  return part.limit || part.offset ? part : { ...part, orderBy: [] };
}

/** Hydrates the answers in order and hands them to their parents. */
async function take(
  loading: Loading,
  steps: readonly Step[],
  results: readonly (readonly Cells[])[],
  options?: CallOptions,
): Promise<void> {
  steps.forEach((step, index) => {
    const rows = results[index]!;
    step.states = loading.hydrator.all(rows, step.query.shape);
    distribute(step, unique(step.parent.states), rows, step.states, step.query.ownerAt);
  });
  const groups = steps.filter((step) => step.later.length > 0);
  if (groups.length === 0) return;
  await loadGroups(
    loading,
    groups.map((step) => ({ states: unique(step.states), branches: step.later })),
    options,
  );
}

function unique(states: readonly InstanceState[]): InstanceState[] {
  return [...new Set(states)];
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

/** Gives each parent its related entities. */
function distribute(
  step: Pick<Step, 'branch' | 'byKeys'>,
  parents: readonly InstanceState[],
  rows: readonly Cells[],
  children: readonly InstanceState[],
  ownerAt?: readonly number[],
): void {
  const { relation, part } = step.branch;
  if (relation.way === 'forward' && !part) return distributeTargets(step, parents, children);
  const groups = new Map<string | number, InstanceState[]>();
  const sole = ownerAt?.length === 1 ? ownerAt[0]! : undefined;
  rows.forEach((row, index) => {
    const child = children[index]!;
    const owner =
      sole === undefined
        ? identityOf(ownerAt ? ownerAt.map((at) => row[at]) : rawValues(child, relation.link!.references))
        : identityOfSole(row[sole]);
    const group = groups.get(owner);
    if (group) group.push(child);
    else groups.set(owner, [child]);
  });
  const columns = followed(relation);
  for (const parent of parents) {
    if (parent.isNew) continue;
    const members: object[] = [];
    for (const child of groups.get(identityOf(rawValues(parent, columns))) ?? [])
      if (part || belongs(child, relation.link, parent)) members.push(child.entity);
    const collection = collectionOf(parent, relation);
    if (part) collection.subset = members;
    else collection.receive(members);
  }
}

/** A row that the program has moved to another parent since is not its old parent's any more. */
function belongs(child: InstanceState, link: Link | undefined, parent: InstanceState): boolean {
  if (!link || child.isNew) return true;
  if (!link.columns.some((mapped) => isChanged(child, mapped))) return true;
  return targetOf(child, link) === parent;
}

function distributeTargets(
  { branch, byKeys }: Pick<Step, 'branch' | 'byKeys'>,
  parents: readonly InstanceState[],
  children: readonly InstanceState[],
): void {
  const { relation } = branch;
  const link = relation.link!;
  const byReference = new Map(children.map((child) => [identityOf(rawValues(child, link.references)), child] as const));
  for (const parent of parents) {
    const values = parent.values(link.columns);
    if (values.some((value) => value === null || value === undefined)) continue;
    const target = byReference.get(identityOf(encoded(parent.codecs, link.columns, values)));
    if (target) loadedTarget(parent, relation, target);
    // A key that refers to no row. What was asked is what the row has, so not one that the program changed since.
    else if (byKeys || !link.columns.some((mapped) => isChanged(parent, mapped))) {
      loadedTarget(parent, relation, targetOf(parent, link) ?? null);
    }
  }
}

/** Whether a query yields the same rows each time it stands in a unit: no raw text, no function of the program's choice. */
function isRepeatable(core: SelectNode): boolean {
  if (core.groupBy.length > 0 || core.distinct || core.lock) return false;
  return !someInSelect(core, (node) => node instanceof Opaque);
}
