import type { InstanceState } from '../state/instance-state.ts';
import { changedColumns } from '../state/snapshot.ts';
import type { Holdings } from './journal.ts';

/** Whether anything is pending. */
export function isDirty({ identities, added, deleted }: Holdings): boolean {
  const isGone = (state: InstanceState): boolean => deleted.has(state);
  if ([...added].some((state) => !isGone(state)) || [...deleted].some((state) => !state.isNew)) return true;
  for (const state of identities) {
    if (changedColumns(state).length > 0) return true;
    for (const collection of state.collections.values()) {
      if (collection.relation.table && collection.isPending) return true;
    }
  }
  return false;
}

/** Lets go of every entity. What is pending is lost. */
export function letGo({ identities, added, deleted }: Holdings): void {
  for (const state of [...identities, ...added]) state.leave(added.has(state) ? 'transient' : 'detached');
  identities.clear();
  added.clear();
  deleted.clear();
}
