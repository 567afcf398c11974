import type { Link, MappedColumn, RelationMapping } from '../mapping/mapper.ts';
import { Collection } from './collection.ts';
import { EntityBase } from './entity.ts';
import { identityOf } from './identity-map.ts';
import { NO_COLLECTIONS, type InstanceState, type LinkState } from './instance-state.ts';
import { encoded, isChanged } from './snapshot.ts';

/** The collection of an entity over a relation, made when first asked for. */
export function collectionOf(state: InstanceState, relation: RelationMapping): Collection {
  let collection = state.collections.get(relation);
  if (!collection) {
    if (state.collections === NO_COLLECTIONS) state.collections = new Map();
    state.collections.set(relation, (collection = new Collection(state, relation)));
  }
  return collection;
}

/** Whether a foreign key has the values now that it had when its target was set, by the types of its columns. */
export function hasKeys(
  { entity }: InstanceState,
  { link, keys, target }: Pick<LinkState, 'link' | 'keys'> & Partial<Pick<LinkState, 'target'>>,
): boolean {
  for (let at = 0; at < keys.length; at++) {
    const mapped = link.columns[at]!;
    // What says that there is none says nothing of the columns that other keys share.
    if (target === null && !link.emptied.includes(mapped)) continue;
    if (!isSame(mapped, keys[at], entity[mapped.attribute])) return false;
  }
  return true;
}

/** Whether two values of a column are the same, by its type; NULL and what is not known are like themselves alone. */
export function isSame({ type }: MappedColumn, left: unknown, right: unknown): boolean {
  return left === right || (isValue(left) && isValue(right) && type.equals(left, right));
}

function isValue(value: unknown): boolean {
  return value !== null && value !== undefined;
}

/** The entity that a foreign key refers to: null for none, undefined when it is not in memory. */
export function targetOf(state: InstanceState, link: Link): InstanceState | null | undefined {
  const known = state.known(link);
  if (known && (known.target !== undefined || known.changed) && hasKeys(state, known)) return known.target;
  const keys = state.values(link.columns);
  if (keys.some((key) => key === null || key === undefined)) return null;
  const found = findByKey(state, link, keys);
  if (found) remember(state, link, found, keys, false);
  return found;
}

function findByKey({ context }: InstanceState, link: Link, keys: readonly unknown[]): InstanceState | undefined {
  const { target, references } = link;
  return context?.identities.find(link, identityOf(encoded(target.codecs(context.dialect), references, keys)));
}

/** Notes the target that belongs to the key's present values. */
export function remember(
  state: InstanceState,
  link: Link,
  target: InstanceState | null | undefined,
  keys: readonly unknown[],
  changed: boolean,
): void {
  const next: LinkState = { link, target, keys, changed };
  const known = state.known(link);
  state.links = known ? state.links.map((item) => (item === known ? next : item)) : state.links.concat(next);
}

/** Makes `child` refer to `parent` (or to nothing), and both sides of every relation over the key agree. */
export function pointTo(child: InstanceState, link: Link, parent: InstanceState | null): void {
  const old = targetOf(child, link);
  if (old === parent && isSettled(child, link)) return old ? meet(child, link, old) : undefined;
  const shown = old ? collectionsOf(old, child, link) : [];
  // Where the row says so already nothing changes, but the collections of the parent may not show it.
  if (old === parent && !isAssigned(child, link)) return shown.forEach((collection) => collection.place(child));
  if (old !== parent) for (const collection of shown) collection.erase(child);
  const keys = parent ? parent.values(link.references) : emptyKeys(child, link);
  // The key of a new parent is known only when the database has made it.
  link.columns.forEach(({ attribute }, at) => (child.entity[attribute] = keys[at]));
  remember(child, link, parent, keys, true);
  if (parent) meet(child, link, parent);
}

/** Whether the program gave the key another value than the row has. */
function isAssigned(child: InstanceState, link: Link): boolean {
  return child.isNew || link.columns.some((mapped) => isChanged(child, mapped));
}

/** Whether the program has set the link, or there is no key to be taken away. */
function isSettled(child: InstanceState, link: Link): boolean {
  if (child.known(link)?.changed) return true;
  return child.values(link.emptied).every((value) => value === null || value === undefined);
}

function emptyKeys({ entity }: InstanceState, { columns, emptied }: Link): unknown[] {
  return columns.map((mapped) => (emptied.includes(mapped) ? null : entity[mapped.attribute]));
}

/** The relations of the other side that show the child. */
function viewsOf(child: InstanceState, link: Link): RelationMapping[] {
  return link.backward.filter((relation) => child.mapper.isA(relation.target));
}

/** The collections of a parent that would show the child. */
function collectionsOf(parent: InstanceState, child: InstanceState, link: Link): Collection[] {
  return viewsOf(child, link).flatMap((relation) => parent.collections.get(relation) ?? []);
}

function meet(child: InstanceState, link: Link, parent: InstanceState): void {
  for (const relation of viewsOf(child, link)) putIn(parent, relation, child);
  child.context?.reach(parent);
  parent.context?.reach(child);
}

function putIn(parent: InstanceState, relation: RelationMapping, child: InstanceState): void {
  const collection = collectionOf(parent, relation);
  if (!relation.many) {
    for (const before of membersOf(collection)) if (before !== child) pointTo(before, relation.link!, null);
  }
  collection.insert(child);
}

function membersOf(collection: Collection): InstanceState[] {
  return (collection.peek() ?? []).flatMap((entity) => EntityBase.state(entity) ?? []);
}

/** Puts two entities together over a link table, seen from both sides. */
export function pair(owner: InstanceState, relation: RelationMapping, target: InstanceState): void {
  if (!collectionOf(owner, relation).insert(target)) return;
  const { inverse } = relation.table!;
  if (inverse) collectionOf(target, inverse).insert(owner);
  owner.context?.reach(target);
  target.context?.reach(owner);
}

/** A new entity that was put into relations before, and then left a session, shows in them again. */
export function rejoin(state: InstanceState): void {
  for (const { link, target, changed } of state.links) {
    if (!target || !changed) continue;
    for (const relation of viewsOf(state, link)) putIn(target, relation, state);
  }
  for (const [relation, collection] of state.collections) {
    const inverse = relation.table?.inverse;
    if (inverse && collection.isPending)
      for (const other of collection.added) collectionOf(other, inverse).insert(state);
  }
}

/** Parts two entities over a link table, seen from both sides. */
export function part(owner: InstanceState, relation: RelationMapping, target: InstanceState): void {
  if (!collectionOf(owner, relation).erase(target)) return;
  const { inverse } = relation.table!;
  if (inverse) collectionOf(target, inverse).erase(owner);
}
