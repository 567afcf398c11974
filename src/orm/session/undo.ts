import type { Link } from '../mapping/mapper.ts';
import type { Collection } from '../state/collection.ts';
import { defineColumn } from '../state/columns.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { targetOf } from '../state/links.ts';
import { isChanged, storedValue } from '../state/snapshot.ts';

/** Takes back what the program did to the relations of one entity: its keys, its collections, its place in those of others. */
export function undoRelations(state: InstanceState): void {
  for (const link of movedOver(state)) undoMove(state, link);
  state.links = [];
  for (const collection of state.collections.values()) collection.reset();
}

/** The links over which the program has moved an entity, if only to where it was. */
export function movedOver(state: InstanceState): Link[] {
  return [...state.mapper.links].filter(
    (link) => state.known(link)?.changed || link.columns.some((mapped) => isChanged(state, mapped)),
  );
}

function undoMove(state: InstanceState, link: Link): void {
  forEachView(link, targetOf(state, link), (collection) => {
    collection.displace(state);
    collection.added.delete(state);
  });
  for (const mapped of link.columns) defineColumn(state.entity, mapped, storedValue(state, mapped));
  forEachView(link, state.context!.identities.referred(state, link), (collection) => collection.keep(state));
}

/** The collections of a parent over a key. */
function forEachView(link: Link, parent: InstanceState | null | undefined, visit: (shown: Collection) => void): void {
  for (const relation of link.backward) {
    const collection = parent?.collections.get(relation);
    if (collection) visit(collection);
  }
}
