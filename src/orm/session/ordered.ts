import { ConfigurationError, InvalidValueError, NotLoadedError } from '../../errors/errors.ts';
import type { Many, ManyRelation, RelationOptions } from '../../sql/relation.ts';
import { kindOf } from '../../util/brand.ts';
import type { MappedColumn, RelationMapping } from '../mapping/mapper.ts';
import { RelationSpec } from '../mapping/relation.ts';
import type { Collection } from '../state/collection.ts';
import { EntityBase } from '../state/entity.ts';
import type { StateKind } from '../state/handle.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { collectionOf } from '../state/links.ts';
import { ManyHandle, toMany } from '../state/many.ts';
import { beforeFlushes } from './listening.ts';

type TableName = string;

/** What an ordered collection is: a to-many relation over a key of its target, and the column of the order. */
export interface OrderedOptions extends Pick<RelationOptions, 'by' | 'cascade' | 'passiveDeletes'> {
  /** The attribute of the target that holds the place: an `integer()`, best with a default, so that no entity has to be given it. */
  position: string;
  /** The place of the first one: 0, if nothing is said. */
  from?: number;
}

interface Ordering {
  readonly position: string;
  readonly from: number;
}

/** The kind of one ordered relation. */
interface OrderedKind extends StateKind {
  readonly ordering: Ordering;
}

let watching = false;

/**
 * A to-many relation whose order a column of the target keeps, always inside a getter. The places follow the order in
 * memory: `add()` puts last, `placeAt()` anywhere, `replaceItems()` all anew. A commit writes the places that changed, in one
 * UPDATE.
 *
 * @example
 * get tracks() { return ordered(Track, { by: 'albumId', position: 'place' }) }
 *
 * placeAt(album.tracks, 0, track)
 * // update "tracks" set "place" = case "id" when … then … end where "id" in (…)
 * @throws ConfigurationError where the target has no such column of integers.
 * @throws NotLoadedError at a commit where something was put into a collection that is not loaded.
 */
export function ordered<C>(target: C | TableName, { position, from = 0, ...options }: OrderedOptions): ManyRelation<C> {
  const kind: OrderedKind = {
    ...toMany,
    handle: (state, relation) => new OrderedHandle(state, relation),
    ordering: { position, from },
  };
  if (!watching) beforeFlushes(({ added, identities }) => numberAll([...added, ...identities]));
  watching = true;
  const spec: object = new RelationSpec(kind, target, { ...options, orderBy: position }, false);
  return spec as ManyRelation<C>;
}

/**
 * Puts entities, members or not, at a place of an ordered collection that is loaded: the first of them will have that
 * index.
 *
 * @example
 * placeAt(album.tracks, 2, bonus)       // between the second and the third
 * placeAt(album.tracks, 0, bonus)       // moved to the front
 * @throws InvalidValueError for an index beyond the others.
 */
export function placeAt<E>(collection: Many<E>, index: number, ...entities: E[]): void {
  const handle: unknown = collection;
  if (!(handle instanceof OrderedHandle))
    throw new ConfigurationError(
      `placeAt(): expected an ordered() collection, like album.tracks, got ${kindOf(collection)}`,
    );
  const placed = new Set(entities as readonly object[]);
  const others = handle.items.filter((item) => !placed.has(item));
  if (!Number.isSafeInteger(index) || index < 0 || index > others.length)
    throw new InvalidValueError('placeAt(): the index is beyond the members that are there');
  handle.add(...placed);
  handle.arrange([...others.slice(0, index), ...placed, ...others.slice(index)]);
}

class OrderedHandle extends ManyHandle {
  readonly #state: InstanceState;
  readonly #relation: RelationMapping;

  constructor(state: InstanceState, relation: RelationMapping) {
    super(state, relation);
    this.#state = state;
    this.#relation = relation;
  }

  override get items(): readonly object[] {
    return super.items && this.peek()!;
  }
  override peek(): readonly object[] | undefined {
    return inOrder(collectionOf(this.#state, this.#relation));
  }
  override add(...entities: object[]): void {
    super.add(...entities);
    number(collectionOf(this.#state, this.#relation));
  }
  override remove(...entities: object[]): void {
    super.remove(...entities);
    number(collectionOf(this.#state, this.#relation));
  }
  /** Gives all members the order of the list. */
  arrange(items: readonly object[]): void {
    const collection = collectionOf(this.#state, this.#relation);
    arrange(collection, items);
    number(collection, items);
  }
}

/** Whose places are those of the collection: others that came in meanwhile, over the other side, are last. */
const numbered = new WeakMap<Collection, ReadonlySet<object>>();

/** The members by their places, which a rollback or another read may have changed. */
function inOrder(collection: Collection): readonly object[] | undefined {
  const items = collection.peek();
  if (!items) return undefined;
  const { attribute } = positionOf(collection.relation)!.mapped;
  const known = numbered.get(collection);
  const newcomers = collection.isPending ? collection.added : undefined;
  const placeOf = (item: object): number => {
    if (newcomers?.has(EntityBase.state(item)!) && !known?.has(item)) return Infinity;
    return ((item as Record<string, unknown>)[attribute] as number | null | undefined) ?? Infinity;
  };
  const isOrdered = items.every((item, at) => at === 0 || placeOf(items[at - 1]!) <= placeOf(item));
  if (isOrdered) return items;
  // Two newcomers are equal: infinity less infinity is no number.
  arrange(
    collection,
    items.toSorted((left, right) => placeOf(left) - placeOf(right) || 0),
  );
  return collection.peek();
}

function arrange(collection: Collection, items: readonly object[]): void {
  collection.displaceAll(new Set(items));
  for (const item of items) collection.place(EntityBase.state(item)!);
}

/** Gives the members their places, where they have others. */
function number(collection: Collection, items: readonly object[] | undefined = inOrder(collection)): void {
  const { mapped, from } = positionOf(collection.relation)!;
  if (!items) return;
  const staying = items.filter((item) => EntityBase.state(item)!.status !== 'deleted');
  staying.forEach((item, at) => {
    const entity = item as Record<string, unknown>;
    if (entity[mapped.attribute] !== from + at) entity[mapped.attribute] = from + at;
  });
  numbered.set(collection, new Set(items));
}

function positionOf(relation: RelationMapping): { readonly mapped: MappedColumn; readonly from: number } | undefined {
  const { ordering } = (relation.kind ?? {}) as Partial<OrderedKind>;
  if (!ordering) return undefined;
  const mapped = relation.target.column(ordering.position);
  if (mapped?.type.kind === 'integer') return { mapped, from: ordering.from };
  throw new ConfigurationError(
    `${relation.owner.name}.${relation.name}: the position of an ordered() collection is an integer() of ${relation.target.name}; '${ordering.position}' is none`,
    { model: relation.owner.name, attributes: [relation.name] },
  );
}

/** Gives places in the collections that changed from the other side, or whose members are deleted. */
function numberAll(states: Iterable<InstanceState>): void {
  for (const { status, collections } of states) {
    if (!collections || status === 'deleted') continue;
    for (const [relation, collection] of collections) {
      if (!positionOf(relation)) continue;
      if (!collection.loaded) refuseUnplaced(collection);
      else if (collection.isPending || collection.peek()!.some((item) => EntityBase.state(item)!.status === 'deleted'))
        number(collection);
    }
  }
}

function refuseUnplaced({ isPending, added, relation }: Collection): void {
  if (!isPending || added.size === 0) return;
  const path = `${relation.owner.name}.${relation.name}`;
  throw new NotLoadedError(
    `${path}: something was put in, and the collection is not loaded: nobody knows its place. Await it before the commit, or load it: session.load(entity, { ${relation.name}: true })`,
    { model: relation.owner.name, attributes: [relation.name] },
  );
}
