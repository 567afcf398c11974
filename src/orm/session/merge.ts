import type { CallOptions } from '../../driver/driver.ts';
import { ConfigurationError, StaleDataError } from '../../errors/errors.ts';
import type { Column } from '../../schema/column.ts';
import type { AnyModel, DefinitionOf, Entity, InstanceOf, Taken } from '../../sql/model.ts';
import type { ManyRelation, OneRelation } from '../../sql/relation.ts';
import { groupBy } from '../../util/group-by.ts';
import { construct } from '../declarative/construct.ts';
import { entityShape } from '../loading/entity-query.ts';
import { classOf } from '../loading/hydrate.ts';
import { readRelated, type Read } from '../loading/load.ts';
import type { Parents } from '../loading/related.ts';
import { mapperOf } from '../mapping/model-info.ts';
import { followed, type MappedColumn, type RelationMapping } from '../mapping/mapper.ts';
import { EntityBase } from '../state/entity.ts';
import { handleOf } from '../state/handle.ts';
import { identityOf } from '../state/identity-map.ts';
import { InstanceState, labelOf } from '../state/instance-state.ts';
import { collectionOf } from '../state/links.ts';
import type { ManyHandle } from '../state/many.ts';
import { loadedTarget, type OneHandle } from '../state/one.ts';
import { decoded, encode, encoded, isChanged, storedValue } from '../state/snapshot.ts';
import { isModified } from './inspect.ts';
import { byKeys } from './lifecycle.ts';
import { MergeGraph, type MergeNode } from './merge-graph.ts';
import type { SessionParts } from './parts.ts';
import { reach, revive } from './reach.ts';
import { Session } from './session.ts';

/** What `merge()` takes of an entity as plain data: some of its columns, and relations as data or entities. */
export type MergeData<E> = MergeIn<DefinitionOf<E>> & NoEntity;
/** An entity of another model is no data. */
export interface NoEntity {
  readonly '~table'?: never;
}
export type MergeIn<D> = { readonly [K in keyof D]?: MergeValue<D[K]> };
export type MergeValue<A> =
  A extends ManyRelation<infer C>
    ? readonly (InstanceOf<C> | MergeData<InstanceOf<C>>)[]
    : A extends OneRelation<infer C, infer N>
      ? InstanceOf<C> | MergeData<InstanceOf<C>> | N
      : // oxlint-disable-next-line typescript/no-explicit-any -- a column of any flags
        A extends Column<infer _, any>
        ? Taken<A>
        : never;

export interface MergeOptions extends CallOptions {
  /**
   * Whether rows are read first. Without, what is given is taken for what the database has: entities that were cached, or
   * belong to another session, and have no changes.
   */
  readonly load?: boolean;
}

/**
 * Brings an entity of another session, one without a session, or plain data into the session, with all that it reaches,
 * and returns the entity of the session. Rows are found by key: what is said of one is copied into its entity, the rest
 * stays; where there is none, the entity is new. A collection that is given is meant as the whole. One round trip, whatever
 * the size of the graph; none where all is in memory.
 *
 * An entity says all of its columns, plain data those that it names. An empty collection of a new entity says nothing.
 *
 * @example
 * const user = await merge(session, User, { id: 1, name: 'Ann', posts: [{ id: 7 }, { title: 'New' }] })
 * // select … from "users" where "users"."id" in (…); select … from "posts" where "posts"."id" in (…);
 * // select … from "posts" where "posts"."author_id" in (…)
 * await session.commit()
 * @throws StaleDataError if a version that is given is not that of the row; nothing is merged then.
 * @throws InvalidValueError and ConfigurationError for data that its model cannot have, before any I/O.
 */
export async function merge<E extends Entity>(session: Session, entity: E, options?: MergeOptions): Promise<E>;
export async function merge<C extends AnyModel>(
  session: Session,
  model: C,
  data: MergeData<InstanceOf<C>>,
  options?: MergeOptions,
): Promise<InstanceOf<C>>;
export async function merge(session: Session, ...given: unknown[]): Promise<unknown> {
  const isModel = typeof given[0] === 'function';
  const [entity] = isModel
    ? await mergeGiven(session, given[0] as AnyModel, [given[1]], given[2] as MergeOptions)
    : await mergeGiven(session, undefined, [given[0]], given[1] as MergeOptions);
  return entity;
}

/** Merges several entities, as `merge()` does one, together in one round trip. */
export async function mergeAll<E extends Entity>(
  session: Session,
  entities: Iterable<E>,
  options?: MergeOptions,
): Promise<E[]>;
export async function mergeAll<C extends AnyModel>(
  session: Session,
  model: C,
  data: Iterable<MergeData<InstanceOf<C>>>,
  options?: MergeOptions,
): Promise<InstanceOf<C>[]>;
export async function mergeAll(session: Session, ...given: unknown[]): Promise<unknown> {
  return typeof given[0] === 'function'
    ? mergeGiven(session, given[0] as AnyModel, given[1] as Iterable<unknown>, given[2] as MergeOptions)
    : mergeGiven(session, undefined, given[0] as Iterable<unknown>, given[1] as MergeOptions);
}

async function mergeGiven(
  session: Session,
  model: AnyModel | undefined,
  given: Iterable<unknown>,
  { load = true, ...options }: MergeOptions = {},
): Promise<object[]> {
  const parts = Session.parts(session, 'merge()');
  const graph = new MergeGraph(parts.holdings.context);
  const mapper = model && mapperOf(model, 'merge()');
  const roots = Array.from(given, (item) => graph.add(item, mapper, 'merge()'));
  const fresh = graph.nodes.filter(({ target }) => !target);
  if (load) {
    await readRows(fresh, parts, options);
    assertVersions(fresh);
    const made = new Map<string, InstanceState>();
    for (const node of fresh) {
      if (!node.target) makeNew(node, made);
      else copyOnto(node, node.target);
    }
    for (const { target } of fresh) {
      revive(target!, parts.holdings);
      reach(target!, parts.holdings);
    }
    for (const node of fresh) relate(node);
  } else {
    for (const node of fresh) takeForRow(node, parts);
    for (const node of fresh) takeRelations(node);
  }
  return roots.map(({ target }) => target!.entity);
}

// ── with rows that are read

/** Reads what is not in memory: rows by key, and the collections that are given, as they are now. One unit. */
async function readRows(nodes: readonly MergeNode[], parts: SessionParts, options: CallOptions): Promise<void> {
  const { loading } = parts;
  const keyed = nodes.filter(({ key }) => key);
  const unknown = keyed.filter((node) => !isWhole(find(node, parts)));
  const rows = [...groupBy(unknown, ({ mapper }) => mapper)].map(([mapper, members]): Read<unknown> => {
    const shape = entityShape(mapper);
    return {
      nodes: [byKeys(mapper, shape, distinct(members.map(({ key }) => key!)))],
      take: ([found = []]) => Promise.resolve(loading.hydrator.all(found, shape)),
    };
  });
  const owners = new Map<RelationMapping, MergeNode[]>();
  for (const node of keyed) {
    const known = find(node, parts);
    for (const relation of [...node.manys.keys(), ...node.ones.keys()]) {
      if (relation.way === 'forward' || (known && collectionOf(known, relation).loaded)) continue;
      const others = owners.get(relation);
      if (others) others.push(node);
      else owners.set(relation, [node]);
    }
  }
  const relations = [...owners].map(([relation, members]) =>
    readRelated(loading, relation, parentsOf(relation, members), () =>
      members.flatMap((node) => find(node, parts) ?? []),
    ),
  );
  const reads: readonly Read<unknown>[] = [...rows, ...relations];
  if (reads.length > 0) {
    const answers = await loading.read(
      reads.flatMap((read) => read.nodes),
      options,
    );
    let at = 0;
    for (const read of reads) await read.take(answers.slice(at, (at += read.nodes.length)), options);
  }
  for (const node of keyed) node.target = find(node, parts);
}

/** The entities, by what the far end of a relation refers to: of a column beside the key, only their rows say it. */
function parentsOf(relation: RelationMapping, members: readonly MergeNode[]): Parents {
  const { owner } = relation;
  const places = followed(relation).map((mapped) => owner.key.indexOf(mapped));
  const keys = distinct(members.map(({ key }) => key!));
  return places.includes(-1)
    ? { query: byKeys(owner, entityShape(owner), keys), name: 'merged' }
    : { keys: keys.map((key) => places.map((at) => key[at])) };
}

function distinct(keys: readonly (readonly unknown[])[]): (readonly unknown[])[] {
  return [...new Map(keys.map((key) => [JSON.stringify(key.map(String)), key])).values()];
}

function find({ mapper, key }: MergeNode, { holdings }: SessionParts): InstanceState | undefined {
  const { identities, dialect } = holdings;
  const found = identities.get(mapper, identityOf(encoded(mapper.codecs(dialect), mapper.key, key!)));
  if (!found || found.mapper.isA(mapper)) return found;
  throw new ConfigurationError(`merge(): the row with that key is a ${found.mapper.name}, not a ${mapper.name}`);
}

function isWhole(state: InstanceState | undefined): boolean {
  return state !== undefined && state.mapper.columns.every(({ index }) => (state.positions?.[index] ?? -1) >= 0);
}

/** Refuses what was said of another version of the row, or of one that is gone. */
function assertVersions(nodes: readonly MergeNode[]): void {
  for (const { mapper, source, values, target } of nodes) {
    const { version } = mapper;
    const given = version && values.get(version);
    if (given === undefined) continue;
    const isStale = target ? !version!.type.equals(given, storedValue(target, version!)) : source?.row !== undefined;
    if (!isStale) continue;
    const failure = new StaleDataError(
      `merge(): a ${labelOf(mapper)} was changed or deleted by another since it was read; nothing is merged. Refresh it and try again`,
      { model: mapper.name, table: mapper.table.name },
    );
    throw Object.assign(failure, { entities: target ? [target.entity] : [] });
  }
}

/** The columns that are copied: not what tells or guards the row, what the database makes, or what a relation gives. */
function copied({ mapper, values, ones }: MergeNode): [MappedColumn, unknown][] {
  const given = new Set([...ones.keys()].flatMap(({ way, link }) => (way === 'forward' ? link!.columns : [])));
  return [...values].filter(
    ([mapped]) => !given.has(mapped) && !mapper.fixed.has(mapped) && !mapped.column.spec.computed,
  );
}

function copyOnto(node: MergeNode, target: InstanceState): void {
  const { mapper, source } = node;
  for (const [mapped, value] of copied(node)) {
    // A key says which row is meant; only an entity whose key was changed says another.
    const isKey = mapper.key.includes(mapped) && !(source?.row && isChanged(source, mapped));
    if (isKey || mapped === mapper.version) continue;
    // A copy: the two entities share no date and no document.
    const codec = target.context ? target.codecs[mapped.index]! : undefined;
    target.entity[mapped.attribute] = value === null || !codec ? value : decoded(target, mapped, encode(codec, value));
  }
}

/** @param made new entities by key: what is said twice is one row. */
function makeNew(node: MergeNode, made: Map<string, InstanceState>): void {
  const text = node.key && `${node.mapper.root.table.id}:${JSON.stringify(node.key.map(String))}`;
  const known = text === undefined ? undefined : made.get(text);
  if (known) {
    node.target = known;
    return copyOnto(node, known);
  }
  const state = new InstanceState(node.mapper, 'transient');
  Reflect.construct(EntityBase, [state], classOf(node.mapper));
  construct(state, Object.fromEntries(copied(node).map(([{ attribute }, value]) => [attribute, value])));
  node.target = state;
  if (text !== undefined) made.set(text, state);
}

function relate({ target, ones, manys }: MergeNode): void {
  const state = target!;
  for (const [relation, node] of ones) {
    const handle = handleOf(state, relation) as OneHandle;
    handle.set(node && node.target!.entity);
  }
  for (const [relation, nodes] of manys) {
    const handle = handleOf(state, relation) as ManyHandle;
    const wanted = new Set<object>(nodes.map((node) => node.target!.entity));
    const present = new Set(handle.peek());
    handle.remove(...[...present].filter((member) => !wanted.has(member)));
    handle.add(...[...wanted].filter((member) => !present.has(member)));
  }
}

// ── without

/** Takes what is said for the row as the database has it. */
function takeForRow(node: MergeNode, { loading, holdings }: SessionParts): void {
  const { mapper, source, values, key } = node;
  const refuse = (why: string): Error =>
    new ConfigurationError(`merge(): load: false takes what is given for the row, and a ${mapper.name} ${why}`, {
      model: mapper.name,
    });
  if (!key || source?.isNew) throw refuse('has no row yet');
  if (source && isModified(source.entity as object as Entity)) throw refuse('has changes that are not committed');
  const { version, fixed, columns } = mapper;
  if (version && values.get(version) === undefined) throw refuse(`lacks its '${version.attribute}'`);
  const codecs = mapper.codecs(holdings.dialect);
  const row = columns.map((mapped) => {
    const value = fixed.get(mapped) ?? values.get(mapped);
    return value === undefined ? undefined : encode(codecs[mapped.index]!, value);
  });
  const positions = row.map((cell, at) => (cell === undefined ? -1 : at));
  const shape = { outputs: [], joins: [], candidates: [{ mapper, positions, markers: [] }] };
  node.target = loading.hydrator.all([row], shape)[0];
}

function takeRelations({ target, ones, manys }: MergeNode): void {
  const state = target!;
  for (const [relation, node] of ones) {
    if (relation.way === 'forward') loadedTarget(state, relation, node && node.target!);
    else collectionOf(state, relation).receive(node ? [node.target!.entity] : []);
  }
  for (const [relation, nodes] of manys)
    collectionOf(state, relation).receive(nodes.map((member) => member.target!.entity));
}
