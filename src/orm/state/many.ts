import { InvalidValueError } from '../../errors/errors.ts';
import type { Many, ManyRelation, RelationOptions } from '../../sql/relation.ts';
import { kindOf } from '../../util/brand.ts';
import type { RelationMapping } from '../mapping/mapper.ts';
import { RelationSpec } from '../mapping/relation.ts';
import type { Collection } from './collection.ts';
import { handleOf, load, member, notLoaded, partsOf, subsetOf, type StateKind } from './handle.ts';
import type { InstanceState } from './instance-state.ts';
import { collectionOf, pair, part, pointTo, targetOf } from './links.ts';

type TableName = string;

/**
 * A to-many relation, always inside a getter: that is what lets cycles infer. A model whose module must not be imported
 * at run time goes by its table: `many<typeof Admin>('admins')`, with `import type`.
 *
 * @example
 * get posts() { return many(Post, { by: 'authorId' }) }
 */
export function many<C>(target: C | TableName, options: RelationOptions = {}): ManyRelation<C> {
  const spec: object = new RelationSpec(toMany, target, options, false);
  return spec as ManyRelation<C>;
}

export const toMany: StateKind = {
  many: true,
  handle: (state, relation) => new ManyHandle(state, relation),
  init: (state, relation, given) => {
    const value = given[relation.name];
    if (isIterable(value)) return (handleOf(state, relation) as ManyHandle).add(...value);
    throw new InvalidValueError(
      `new ${state.mapper.name}(): '${relation.name}' takes entities in an array, got ${kindOf(value)}`,
    );
  },
};

function isIterable(value: unknown): value is Iterable<object> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** What `user.posts` is. */
export class ManyHandle implements Many<object> {
  readonly #state: InstanceState;
  readonly #relation: RelationMapping;

  constructor(state: InstanceState, relation: RelationMapping) {
    this.#state = state;
    this.#relation = relation;
  }

  /** What is in memory of it. */
  get collection(): Collection {
    return collectionOf(this.#state, this.#relation);
  }

  get loaded(): boolean {
    return this.collection.loaded;
  }
  get items(): readonly object[] {
    const items = this.collection.peek();
    if (items) return items;
    throw notLoaded(this.#state, this.#relation, 'items');
  }
  get subset(): readonly object[] {
    return subsetOf(this.#state, this.#relation);
  }
  get parts(): Readonly<Record<string, readonly object[]>> {
    return partsOf(this.#state, this.#relation);
  }
  peek(): readonly object[] | undefined {
    return this.collection.peek();
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
