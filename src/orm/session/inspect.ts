import type { DefinitionOf, Entity, Given, InstanceOf } from '../../sql/model.ts';
import type { KeyOf } from '../../sql/plain.ts';
import type { ManyRelation } from '../../sql/relation.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import type { Link, MappedColumn, RelationMapping } from '../mapping/mapper.ts';
import { isLoaded } from '../loading/load.ts';
import { stateOf } from '../state/entity.ts';
import { type InstanceState, type Status } from '../state/instance-state.ts';
import { targetOf } from '../state/links.ts';
import { changedColumns, isChanged, rawValues, storedValue } from '../state/snapshot.ts';
import type { Session } from './session.ts';

/** What became of an attribute since its entity was last in step with the database. What is not known is in none. */
export interface History<V> {
  readonly added: readonly V[];
  readonly deleted: readonly V[];
  readonly unchanged: readonly V[];
}

/** What one value of an attribute is: of a collection, a member. */
export type ValueOf<A> = A extends ManyRelation<infer C> ? InstanceOf<C> : Given<A>;

/** What a session knows of an entity, as it is now. */
export interface Inspection<E extends Entity> {
  /**
   * `transient`: made by the program, in no session. `pending`: added, to be inserted. `persistent`: has a row. `deleted`:
   * its row goes with the next commit. `detached`: had a row, and is in no session.
   */
  readonly state: Status;
  readonly session: Session | undefined;
  /** The key of its row; undefined where it has none yet. */
  readonly key: KeyOf<E> | undefined;
  /** Columns and relations that are not in memory. */
  readonly unloaded: readonly (string & keyof DefinitionOf<E>)[];
  /** Columns and relations whose history has something added or deleted. */
  readonly modified: readonly (string & keyof DefinitionOf<E>)[];
  history<K extends string & keyof DefinitionOf<E>>(attribute: K): History<ValueOf<DefinitionOf<E>[K]>>;
}

/**
 * The state of an entity, and the history of its attributes. No I/O.
 *
 * @example
 * user.name = 'Bea'
 * inspect(user).history('name') // { added: ['Bea'], deleted: ['Ann'], unchanged: [] }
 * @throws ConfigurationError for what is no entity, and for an attribute that its model has not.
 */
export function inspect<E extends Entity>(entity: E): Inspection<E> {
  return new StateView(stateOf(entity, 'inspect()')) as object as Inspection<E>;
}

/**
 * Whether a commit would write the entity, or a row of a link table for it: what is set to the value that it had is no
 * change. A new entity is modified. No I/O.
 */
export function isModified(entity: Entity): boolean {
  const state = stateOf(entity, 'isModified()');
  if (state.isNew || changedColumns(state).length > 0) return true;
  for (const collection of state.collections.values()) if (collection.isPending) return true;
  return false;
}

type AnyHistory = History<unknown>;

const NOTHING: AnyHistory = { added: [], deleted: [], unchanged: [] };

class StateView implements Inspection<Entity> {
  readonly #state: InstanceState;

  constructor(state: InstanceState) {
    this.#state = state;
  }

  get state(): Status {
    return this.#state.status;
  }
  get session(): Session | undefined {
    return this.#state.context?.session as Session | undefined;
  }
  get key(): never {
    const state = this.#state;
    if (!state.row) return undefined as never;
    const values = state.mapper.key.map((mapped) => [mapped.attribute, storedValue(state, mapped)] as const);
    const key: unknown = values.length === 1 ? values[0]![1] : Object.fromEntries(values);
    return key as never;
  }
  get unloaded(): readonly never[] {
    const state = this.#state;
    if (state.isNew) return [];
    const { columns, relations } = state.mapper;
    const unread = columns.filter(
      ({ attribute, index }) => !(state.positions![index]! >= 0) && state.entity[attribute] === undefined,
    );
    const unknown = [...relations.values()].filter((relation) => !isLoaded(state, relation));
    return [...unread.map(({ attribute }) => attribute), ...unknown.map(({ name }) => name)] as never[];
  }
  get modified(): readonly never[] {
    const { columns, relations } = this.#state.mapper;
    const names = [...columns.map(({ attribute }) => attribute), ...relations.keys()];
    return names.filter((name) => {
      const { added, deleted } = this.history(name) as AnyHistory;
      return added.length > 0 || deleted.length > 0;
    }) as never[];
  }

  history(attribute: string): never {
    const state = this.#state;
    const { mapper } = state;
    const mapped = mapper.column(attribute);
    if (mapped) return ofColumn(state, mapped) as never;
    const relation = mapper.relations.get(attribute);
    if (relation) return (relation.way === 'forward' ? ofTarget(state, relation) : ofMembers(state, relation)) as never;
    throw new ConfigurationError(
      `history(): ${mapper.name} has no attribute '${attribute}'; it has ${mapper.attributeNames()}`,
    );
  }
}

function ofColumn(state: InstanceState, mapped: MappedColumn): AnyHistory {
  const value = state.entity[mapped.attribute];
  if (state.isNew) return value === undefined ? NOTHING : { ...NOTHING, added: [value] };
  if (!isChanged(state, mapped)) return value === undefined ? NOTHING : { ...NOTHING, unchanged: [value] };
  const stored = storedValue(state, mapped);
  return { added: [value], deleted: stored === undefined ? [] : [stored], unchanged: [] };
}

/** The target of a foreign key: what the row refers to, and what memory does. */
function ofTarget(state: InstanceState, { link }: RelationMapping): AnyHistory {
  const target = targetOf(state, link!);
  const now = target === undefined ? [] : [target && target.entity];
  if (state.isNew) return { ...NOTHING, added: now.filter((value) => value !== null) };
  if (!link!.columns.some((mapped) => isChanged(state, mapped))) return { ...NOTHING, unchanged: now };
  const before = storedTarget(state, link!);
  return { added: now, deleted: before === undefined ? [] : [before && before.entity], unchanged: [] };
}

function storedTarget(state: InstanceState, link: Link): InstanceState | null | undefined {
  if (link.columns.some(({ index }) => !(state.positions![index]! >= 0))) return undefined;
  return rawValues(state, link.columns).includes(null) ? null : state.context?.identities.referred(state, link);
}

function ofMembers(state: InstanceState, relation: RelationMapping): AnyHistory {
  const collection = state.collections.get(relation);
  if (!collection) return NOTHING;
  const added = [...collection.added].map(({ entity }) => entity as object);
  const unchanged = (collection.peek() ?? []).filter((item) => !added.includes(item));
  return { added, deleted: [...collection.removed].map(({ entity }) => entity as object), unchanged };
}
