import { ConfigurationError, NotLoadedError } from '../../errors/errors.ts';
import type { Many, One } from '../../sql/relation.ts';
import type { RelationMapping } from '../mapping/mapper.ts';
import type { Collection } from './collection.ts';
import { EntityBase, stateOf } from './entity.ts';
import type { InstanceState } from './instance-state.ts';
import { collectionOf, pair, part, pointTo, remember, targetOf } from './links.ts';

/** A relation of one entity: what `user.posts` and `post.author` are. */
export type Handle = ManyHandle | OneHandle;

export function handleOf(state: InstanceState, relation: RelationMapping): Handle {
  if (relation.handle) return relation.handle(state as never, relation) as ManyHandle;
  return relation.many ? new ManyHandle(state, relation) : new OneHandle(state, relation);
}

function path(state: InstanceState, relation: RelationMapping): string {
  return `${state.mapper.name}.${relation.name}`;
}

function notLoaded(state: InstanceState, relation: RelationMapping, property: string): Error {
  return new NotLoadedError(
    `${path(state, relation)}.${property}: the relation is not loaded. Await it, load it with the query: with({ ${relation.name}: true }), or session.load(entity, { ${relation.name}: true })`,
    { model: state.mapper.name, attributes: [relation.name] },
  );
}

function subsetOf(state: InstanceState, relation: RelationMapping): readonly object[] {
  const subset = state.collections?.get(relation)?.subset;
  if (subset) return subset;
  throw notLoaded(state, relation, 'subset');
}

function partsOf(state: InstanceState, relation: RelationMapping): Readonly<Record<string, readonly object[]>> {
  const parts = state.collections?.get(relation)?.parts;
  if (parts) return parts;
  throw notLoaded(state, relation, 'parts');
}

async function load(state: InstanceState, relation: RelationMapping): Promise<void> {
  if (!state.context) {
    throw new NotLoadedError(
      `${path(state, relation)} is not loaded, and its entity is in no session that could load it`,
      {
        model: state.mapper.name,
        attributes: [relation.name],
      },
    );
  }
  await state.context.load(state, relation);
}

function assertWritable({ view }: RelationMapping, where: string): void {
  if (view) throw new ConfigurationError(`${where}: the relation is viewOnly; change the one that is written`);
}

/** The other entity of a change to a relation, checked. */
function member(state: InstanceState, relation: RelationMapping, entity: unknown, what: string): InstanceState {
  const where = `${path(state, relation)}.${what}`;
  assertWritable(relation, where);
  const other = stateOf(entity, where);
  if (!other.mapper.isA(relation.target)) {
    throw new ConfigurationError(`${where}: expected a ${relation.target.name}, got a ${other.mapper.name}`);
  }
  if (state.context && other.context && state.context !== other.context) {
    throw new ConfigurationError(`${where}: the two entities are in different sessions`);
  }
  return other;
}

export class ManyHandle implements Many<object> {
  readonly #state: InstanceState;
  readonly #relation: RelationMapping;

  constructor(state: InstanceState, relation: RelationMapping) {
    this.#state = state;
    this.#relation = relation;
  }

  get #collection(): Collection {
    return collectionOf(this.#state, this.#relation);
  }

  get loaded(): boolean {
    return this.#collection.loaded;
  }
  get items(): readonly object[] {
    const items = this.#collection.peek();
    if (items) return items;
    throw notLoaded(this.#state, this.#relation, 'items');
  }
  get subset(): readonly object[] {
    return subsetOf(this.#state, this.#relation);
  }
  get parts(): Readonly<Record<string, readonly object[]>> {
    return partsOf(this.#state, this.#relation);
  }
  /** The parts of it that are loaded. */
  get partial(): readonly unknown[] {
    const { subset, parts = {} } = this.#collection;
    return [subset, ...Object.values(parts)];
  }
  peek(): readonly object[] | undefined {
    return this.#collection.peek();
  }

  add(...entities: object[]): void {
    const [state, relation] = [this.#state, this.#relation];
    const members = entities.map((entity) => member(state, relation, entity, 'add()'));
    for (const other of members) {
      if (relation.link) pointTo(other, relation.link, state);
      else pair(state, relation, other);
    }
  }

  remove(...entities: object[]): void {
    const [state, relation] = [this.#state, this.#relation];
    const members = entities.map((entity) => member(state, relation, entity, 'remove()'));
    for (const other of members) {
      if (!relation.link) part(state, relation, other);
      else if (targetOf(other, relation.link) === state) pointTo(other, relation.link, null);
    }
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting a relation loads it: that is its interface
  then<A = readonly object[], B = never>(
    resolve?: ((items: readonly object[]) => A | PromiseLike<A>) | null,
    reject?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#load().then(resolve, reject);
  }
  async #load(): Promise<readonly object[]> {
    if (!this.loaded) await load(this.#state, this.#relation);
    return this.items;
  }
}

class OneHandle implements One<object | null> {
  readonly #state: InstanceState;
  readonly #relation: RelationMapping;

  constructor(state: InstanceState, relation: RelationMapping) {
    this.#state = state;
    this.#relation = relation;
  }

  /** Null for none, undefined when it is not in memory. */
  #find(): object | null | undefined {
    const { way, link } = this.#relation;
    if (way === 'forward') {
      const target = targetOf(this.#state, link!);
      return target && target.entity;
    }
    const items = collectionOf(this.#state, this.#relation).peek();
    return items && (items[0] ?? null);
  }

  get loaded(): boolean {
    return this.#find() !== undefined;
  }
  get value(): object | null {
    const value = this.#find();
    if (value !== undefined) return value;
    throw notLoaded(this.#state, this.#relation, 'value');
  }
  get subset(): readonly object[] {
    return subsetOf(this.#state, this.#relation);
  }
  get parts(): Readonly<Record<string, readonly object[]>> {
    return partsOf(this.#state, this.#relation);
  }
  peek(): object | null | undefined {
    return this.#find();
  }

  set(entity: object | null): void {
    const [state, relation] = [this.#state, this.#relation];
    if (entity === null && !relation.nullable) {
      throw new ConfigurationError(`${path(state, relation)}.set(null): the relation is not nullable()`);
    }
    assertWritable(relation, `${path(state, relation)}.set()`);
    const other = entity === null ? null : member(state, relation, entity, 'set()');
    const link = relation.link!;
    if (relation.way === 'forward') return pointTo(state, link, other);
    if (other) return pointTo(other, link, state);
    if (!this.loaded) throw notLoaded(state, relation, 'set(null)');
    for (const held of collectionOf(state, relation).peek() ?? []) pointTo(EntityBase.state(held)!, link, null);
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting a relation loads it: that is its interface
  then<A = object | null, B = never>(
    resolve?: ((value: object | null) => A | PromiseLike<A>) | null,
    reject?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#load().then(resolve, reject);
  }
  async #load(): Promise<object | null> {
    if (!this.loaded) await load(this.#state, this.#relation);
    return this.value;
  }
}

/** Notes a target that was loaded for the present key. */
export function loadedTarget(state: InstanceState, relation: RelationMapping, target: InstanceState | null): void {
  const link = relation.link!;
  if (!state.links?.get(link)?.changed) remember(state, link, target, state.values(link.columns), false);
}
