import type { CallOptions } from '../../driver/driver.ts';
import type { EngineCore } from '../../engine/engine.ts';
import { Opaque } from '../../sql/opaque.ts';
import type { SelectNode } from '../../sql/nodes.ts';
import { someInSelect } from '../../sql/tree.ts';
import type { Link, Mapper } from '../mapping/mapper.ts';
import type { Hydrator } from './hydrate.ts';
import { identityOf } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { collectionOf, targetOf } from '../state/links.ts';
import { loadedTarget } from '../state/handles.ts';
import { isChanged, storedValue } from '../state/snapshot.ts';
import type { Branch } from './branches.ts';
import type { EntityShape } from './entity-query.ts';
import { followed, relatedQuery, type Parents, type RelatedQuery } from './related.ts';

type Cells = readonly unknown[];

/** What loading needs of a session. */
export interface Loading {
  readonly engine: EngineCore;
  readonly hydrator: Hydrator;
  /** Sends statements as one read unit. */
  read(nodes: readonly SelectNode[], options?: CallOptions): Promise<readonly (readonly Cells[])[]>;
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

/** A query of the unit under way, and whose relation it reads. */
interface Step {
  readonly branch: Branch;
  readonly parent: Step | undefined;
  readonly query: RelatedQuery;
  readonly level: number;
  states: readonly InstanceState[];
}

/** Reads the root and every relation, in one unit where the root may be repeated. */
export async function loadRoot(loading: Loading, root: RootQuery, options?: CallOptions): Promise<InstanceState[]> {
  const repeatable = root.branches.length > 0 && isRepeatable(root.core);
  const parents: Parents = { query: root.core, name: 'parents' };
  const steps = repeatable ? plan(root.branches, parents) : [];
  const [rows = [], ...others] = await loading.read([root.node, ...steps.map((step) => step.query.node)], options);
  const states = loading.hydrator.all(rows, root.shape);
  if (repeatable) {
    await take(loading, steps, others, states, options);
  } else if (root.branches.length > 0) {
    await loadBranches(loading, states, root.branches, options);
  }
  return states;
}

/** Loads relations of entities in memory, in one unit. */
export async function loadBranches(
  loading: Loading,
  states: readonly InstanceState[],
  branches: readonly Branch[],
  options?: CallOptions,
): Promise<void> {
  if (states.length === 0 || branches.length === 0) return;
  const steps = branches.flatMap((branch) => {
    const keys = keysOf(loading, states, branch);
    if (keys.length > 0) return plan([branch], { keys });
    distribute(loading, branch, states, [], []);
    return [];
  });
  if (steps.length === 0) return;
  const results = await loading.read(
    steps.map((step) => step.query.node),
    options,
  );
  await take(loading, steps, results, states, options);
}

/** The queries of all levels below the parents, each after the one that it builds on. */
function plan(branches: readonly Branch[], parents: Parents, parent?: Step): Step[] {
  const level = (parent?.level ?? 0) + 1;
  if (level > MOST_LEVELS) return [];
  return branches.flatMap((branch) => {
    const step: Step = { branch, parent, query: relatedQuery(branch, parents, level), level, states: [] };
    return [step, ...plan(branch.branches, { query: step.query.core, name: `parents_${level}` }, step)];
  });
}

/** Hydrates the answers in order and hands them to their parents; levels beyond the limit go in a unit of their own. */
async function take(
  loading: Loading,
  steps: readonly Step[],
  results: readonly (readonly Cells[])[],
  roots: readonly InstanceState[],
  options?: CallOptions,
): Promise<void> {
  steps.forEach((step, index) => {
    const rows = results[index]!;
    step.states = loading.hydrator.all(rows, step.query.shape);
    const parents = step.parent ? step.parent.states : roots;
    distribute(loading, step.branch, unique(parents), rows, step.states, step.query.ownerAt);
  });
  for (const step of steps) {
    if (step.level === MOST_LEVELS) await loadBranches(loading, unique(step.states), step.branch.branches, options);
  }
}

function unique(states: readonly InstanceState[]): InstanceState[] {
  return [...new Set(states)];
}

/** Distinct values of the columns by which the parents' relation is followed; a foreign key as the program has it now. */
function keysOf(loading: Loading, states: readonly InstanceState[], branch: Branch): unknown[][] {
  const columns = followed(branch.relation);
  const distinct = new Map<string | number, unknown[]>();
  for (const state of states) {
    if (state.isNew) continue;
    const codecs = state.mapper.codecs(loading.engine.driver.dialect);
    const values = columns.map((mapped) =>
      branch.relation.way === 'forward' ? state.entity[mapped.attribute] : storedValue(state, mapped, codecs),
    );
    if (values.some((value) => value === null || value === undefined)) continue;
    distinct.set(identityOf(values.map((value, at) => codecs[columns[at]!.index]!.encode(value))), values);
  }
  return [...distinct.values()];
}

/** Gives each parent its related entities. */
function distribute(
  loading: Loading,
  branch: Branch,
  parents: readonly InstanceState[],
  rows: readonly Cells[],
  children: readonly InstanceState[],
  ownerAt?: readonly number[],
): void {
  const { relation, part } = branch;
  const { dialect } = loading.engine.driver;
  if (relation.way === 'forward' && !part) return distributeTargets(loading, branch, parents, children);
  const groups = new Map<string | number, InstanceState[]>();
  rows.forEach((row, index) => {
    const owner = ownerAt
      ? identityOf(ownerAt.map((at) => row[at]))
      : rawKey(children[index]!, relation.link!.references);
    const group = groups.get(owner);
    if (group) group.push(children[index]!);
    else groups.set(owner, [children[index]!]);
  });
  const columns = followed(relation);
  for (const parent of parents) {
    if (parent.isNew) continue;
    const codecs = parent.mapper.codecs(dialect);
    const raw = columns.map((mapped) => encodeOrNull(storedValue(parent, mapped, codecs), codecs[mapped.index]!));
    const group = groups.get(identityOf(raw)) ?? [];
    const collection = collectionOf(parent, relation);
    if (part) collection.subset = group.map((child) => child.entity);
    else
      collection.fill(
        group.filter((child) => belongs(child, relation.link, parent, loading)).map((child) => child.entity),
      );
  }
}

function encodeOrNull(value: unknown, codec: { encode(value: unknown): unknown }): unknown {
  return value === null || value === undefined ? null : codec.encode(value);
}

function rawKey(state: InstanceState, columns: readonly { readonly index: number }[]): string | number {
  return identityOf(columns.map((mapped) => state.row![state.positions![mapped.index]!]));
}

/** A row that the program has moved to another parent since is not its old parent's any more. */
function belongs(child: InstanceState, link: Link | undefined, parent: InstanceState, loading: Loading): boolean {
  if (!link || child.isNew) return true;
  const codecs = child.mapper.codecs(loading.engine.driver.dialect);
  if (!link.columns.some((mapped) => isChanged(child, mapped, codecs))) return true;
  return targetOf(child, link) === parent;
}

function distributeTargets(
  loading: Loading,
  branch: Branch,
  parents: readonly InstanceState[],
  children: readonly InstanceState[],
): void {
  const { relation } = branch;
  const link = relation.link!;
  const byReference = new Map(children.map((child) => [rawKey(child, link.references), child] as const));
  const mapper: Mapper = link.holder;
  const codecs = mapper.codecs(loading.engine.driver.dialect);
  for (const parent of parents) {
    const values = parent.values(link.columns);
    if (values.some((value) => value === null || value === undefined)) continue;
    const raw = link.columns.map((mapped, at) => codecs[mapped.index]!.encode(values[at]));
    const target = byReference.get(identityOf(raw));
    if (target) loadedTarget(parent, relation, target);
    // A key that refers to no row, unless it was changed after the row was read.
    else if (!link.columns.some((mapped) => !parent.isNew && isChanged(parent, mapped, codecs))) {
      loadedTarget(parent, relation, targetOf(parent, link) ?? null);
    }
  }
}

/** Whether a query yields the same rows each time it stands in a unit: no raw text, no function of the program's choice. */
function isRepeatable(core: SelectNode): boolean {
  if (core.groupBy.length > 0 || core.distinct) return false;
  return !someInSelect(core, (node) => node instanceof Opaque);
}
