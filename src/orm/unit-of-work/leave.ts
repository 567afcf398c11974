import type { IdentityMap } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { targetOf } from '../state/links.ts';

/** Takes an entity that has no row out of the collections that show it. */
export function leaveCollections(state: InstanceState, identities: IdentityMap): void {
  for (const link of state.mapper.links) {
    // A key that was assigned before has left the entity in the collections of its old parent.
    for (const parent of [targetOf(state, link), identities.referred(state, link)])
      for (const relation of link.backward) parent?.collections.get(relation)?.displace(state);
  }
}

/** Takes entities that have no row out of the collections of many-to-many relations, each of which is looked at once. */
export function leavePairs(gone: readonly InstanceState[], identities: IdentityMap): void {
  const relations = new Set(
    [...new Set(gone.map(({ mapper }) => mapper))].flatMap((mapper) => [...mapper.relations.values()]),
  );
  const entities = new Set(gone.map(({ entity }) => entity));
  for (const { table, target } of relations) {
    if (!table?.inverse) continue;
    for (const other of identities.of(target).values()) {
      other.collections.get(table.inverse)?.displaceAll(entities);
    }
  }
}
