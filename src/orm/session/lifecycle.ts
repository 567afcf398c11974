import type { CallOptions } from '../../driver/driver.ts';
import { ConfigurationError, NoResultFound } from '../../errors/errors.ts';
import type { AnyModel, DefinitionOf, Entity, InstanceOf } from '../../sql/model.ts';
import type { KeyOf, Values } from '../../sql/plain.ts';
import type { SelectNode } from '../../sql/nodes.ts';
import { columnNode } from '../../sql/source.ts';
import { groupBy } from '../../util/group-by.ts';
import { alwaysRead, entityCore, entityShape, type EntityShape } from '../loading/entity-query.ts';
import { within } from '../loading/related.ts';
import { mapperOf } from '../mapping/model-info.ts';
import type { Mapper, RelationMapping } from '../mapping/mapper.ts';
import { defineColumn } from '../state/columns.ts';
import type { Collection } from '../state/collection.ts';
import { EntityBase, stateOf } from '../state/entity.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { storedValue } from '../state/snapshot.ts';
import { Session } from './session.ts';
import type { SessionParts } from './parts.ts';
import { undoRelations } from './undo.ts';

/** Attributes of an entity: columns and relations. */
export type AttributeOf<E> = string & keyof DefinitionOf<E>;

/**
 * Takes an entity out of its session, and with it the children in memory that belong to it (cascade 'delete' and
 * 'orphans'): a new one is transient again, one with a row is detached and keeps its changes. No I/O. `add()` takes it
 * back; until then nothing of it is written.
 *
 * @example
 * expunge(session, user)
 * inspect(user).state // 'detached'
 * @throws ConfigurationError if the entity is not in the session.
 */
export function expunge(session: Session, entity: Entity): void {
  const { holdings } = Session.parts(session, 'expunge()');
  const family = new Set([own(entity, holdings.context, 'expunge()')]);
  for (const state of family) for (const child of belongings(state)) family.add(child);
  for (const state of family) {
    if (state.context !== holdings.context) continue;
    const { identity, isNew } = state;
    if (isNew) leaveCollections(state);
    holdings.added.delete(state);
    holdings.deleted.delete(state);
    holdings.identities.delete(state);
    // By which it can be added again.
    state.identity = identity;
    state.leave(isNew ? 'transient' : 'detached');
  }
}

/** Children in memory that go with their parent. */
function belongings({ collections }: InstanceState): InstanceState[] {
  return [...collections.values()].flatMap((collection) =>
    collection.relation.cascade === 'save'
      ? []
      : [...collection.added, ...(collection.peek() ?? []).flatMap((entity) => EntityBase.state(entity) ?? [])],
  );
}

/** A new entity leaves the collections that it was put into: they would be written with it. */
function leaveCollections(state: InstanceState): void {
  for (const { link, target } of state.links)
    for (const relation of link.backward) withdraw(target?.collections.get(relation), state);
  for (const [{ table }, collection] of state.collections)
    for (const other of table?.inverse ? collection.added : []) withdraw(other.collections.get(table!.inverse!), state);
}

function withdraw(collection: Collection | undefined, state: InstanceState): void {
  collection?.displace(state);
  collection?.added.delete(state);
}

/**
 * Forgets what was read of an entity, so that the next `get()` or `refresh()` reads it: its columns are `undefined` until
 * then, its relations not loaded, and changes to them are dropped. Names of attributes forget those alone. The key, the
 * version and foreign keys stay, without their changes. No I/O.
 *
 * @example
 * expire(session, user)          // all of it
 * expire(session, user, 'posts') // a relation, to be loaded again
 * @throws ConfigurationError if the entity has no row in the session, or no such attribute.
 */
export function expire<E extends Entity>(session: Session, entity: E, ...attributes: AttributeOf<E>[]): void {
  const { holdings } = Session.parts(session, 'expire()');
  const state = persistent(entity, holdings.context, 'expire()');
  forget(state, attributes.length > 0 ? attributes : undefined);
}

/** Forgets what was read of every entity of the session, as `expire()` does. No I/O. */
export function expireAll(session: Session): void {
  const { holdings } = Session.parts(session, 'expireAll()');
  for (const state of holdings.identities) forget(state, undefined);
}

function forget(state: InstanceState, attributes: readonly string[] | undefined): void {
  const { mapper, entity } = state;
  const kept = alwaysRead(mapper);
  for (const name of attributes ?? []) refuseToForget(mapper, kept, name);
  if (!attributes) undoRelations(state);
  const isMeant = (name: string): boolean => attributes?.includes(name) ?? true;
  for (const relation of mapper.relations.values()) if (isMeant(relation.name)) unload(state, relation);
  state.positions = mapper.columns.map((mapped) => {
    if (kept.has(mapped.attribute) || !isMeant(mapped.attribute)) return state.positions![mapped.index] ?? -1;
    defineColumn(entity, mapped, undefined);
    return -1;
  });
}

function refuseToForget(mapper: Mapper, kept: ReadonlySet<string>, name: string): void {
  if (kept.has(name)) {
    throw new ConfigurationError(
      `expire(): ${mapper.name}.${name} identifies the row, guards it or leads to others, and stays: refresh() it`,
    );
  }
  if (mapper.column(name) || mapper.relations.has(name)) return;
  throw new ConfigurationError(
    `expire(): ${mapper.name} has no attribute '${name}'; it has ${mapper.attributeNames()}`,
  );
}

/** Forgets what is known of a relation; a target that the program set is a change of its key, which stays. */
function unload(state: InstanceState, relation: RelationMapping): void {
  const { link } = relation;
  state.links = state.links.filter((known) => known.link !== link || known.changed);
  const collection = state.collections.get(relation);
  collection?.reset();
  collection?.unload();
}

/**
 * Reads the rows of several entities again, of any models, in one round trip. What is read wins over the program's changes.
 * Without `only`, relations are to be loaded again; with it, only those columns are read, and all else stays as it is.
 *
 * @example
 * await refreshAll(session, [ann, bob], { only: ['balance'] })
 * // select "users"."id", "users"."balance", … from "users" where "users"."id" in (…)
 * @throws NoResultFound if one of the rows is gone. The others are refreshed.
 * @throws ConfigurationError if one has no row in the session, or no such column.
 */
export async function refreshAll<E extends Entity>(
  session: Session,
  entities: Iterable<E>,
  { only, ...options }: CallOptions & { readonly only?: readonly (string & keyof Values<E>)[] } = {},
): Promise<void> {
  const { holdings, loading } = Session.parts(session, 'refreshAll()');
  const states = new Set(Array.from(entities, (entity) => persistent(entity, holdings.context, 'refreshAll()')));
  if (states.size === 0) return;
  const groups = [...groupBy([...states], ({ mapper }) => mapper)].map(([mapper, members]) => {
    const shape = partOf(mapper, only);
    return { mapper, members, shape, node: byKeys(mapper, shape, members.map(keyOf)) };
  });
  if (!only) {
    for (const state of states) {
      undoRelations(state);
      for (const collection of state.collections.values()) collection.unload();
    }
  }
  const answers = await loading.read(
    groups.map(({ node }) => node),
    options,
  );
  const found = new Set(groups.flatMap(({ shape }, at) => loading.hydrator.all(answers[at]!, shape, true)));
  const gone = [...states].filter((state) => !found.has(state));
  if (gone.length === 0) return;
  const { name } = gone[0]!.mapper;
  throw new NoResultFound(`refreshAll(): the rows of ${gone.length} entities are gone, one a ${name}`, { model: name });
}

/** What to read of some columns: the others keep what they have, a version too, so that no edit is blessed by it. */
function partOf(mapper: Mapper, only: readonly string[] | undefined): EntityShape {
  if (!only) return entityShape(mapper);
  const stranger = only.find((name) => !mapper.column(name));
  if (stranger !== undefined) {
    throw new ConfigurationError(
      `refreshAll(): ${mapper.name} has no column '${stranger}'; it has ${mapper.attributeNames()}`,
    );
  }
  const shape = entityShape(mapper, only);
  const candidates = shape.candidates.map((candidate) => ({
    ...candidate,
    positions: candidate.mapper.columns.map((mapped) => {
      const isRead = only.includes(mapped.attribute) || mapped.column.spec.key || candidate.mapper.fixed.has(mapped);
      return isRead ? candidate.positions[mapped.index]! : -1;
    }),
  }));
  return { ...shape, candidates };
}

/** A query of the rows of a model with some keys. */
export function byKeys(mapper: Mapper, shape: EntityShape, keys: readonly (readonly unknown[])[]): SelectNode {
  const core = entityCore(mapper);
  const hasKey = within(
    mapper.key.map(({ column }) => columnNode(column)),
    mapper.key,
    { keys },
  );
  return { ...core, outputs: shape.outputs, joins: [...core.joins, ...shape.joins], where: [...core.where, hasKey] };
}

/** The key of an entity as its row has it. */
export function keyOf(state: InstanceState): unknown[] {
  return state.mapper.key.map((mapped) => storedValue(state, mapped));
}

/**
 * The entities with those keys, in their order; null where there is no row. From memory, and what is not there in one
 * round trip.
 *
 * @example
 * const [ann, bob] = await getMany(session, User, [1, 2]) // … where "users"."id" in (…)
 * @throws InvalidValueError for a key that the model cannot have.
 */
export async function getMany<C extends AnyModel>(
  session: Session,
  model: C,
  keys: Iterable<KeyOf<InstanceOf<C>>>,
  options?: CallOptions,
): Promise<(InstanceOf<C> | null)[]> {
  const parts = Session.parts(session, 'getMany()');
  const mapper = mapperOf(model, 'getMany()');
  const states = await Promise.all(Array.from(keys, (key) => parts.keys.get(mapper, key, options)));
  return states.map((state) => (state?.entity ?? null) as InstanceOf<C> | null);
}

type Context = SessionParts['holdings']['context'];

function own(entity: unknown, context: Context, where: string): InstanceState {
  const state = stateOf(entity, where);
  if (state.context === context) return state;
  throw new ConfigurationError(`${where}: ${state.label} is not in this session`);
}

function persistent(entity: unknown, context: Context, where: string): InstanceState {
  const state = own(entity, context, where);
  if (state.row) return state;
  throw new ConfigurationError(`${where}: ${state.label} has no row yet: commit it first`);
}
