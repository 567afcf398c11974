import { ConfigurationError } from '../../errors/errors.ts';
import { EntityBase } from '../state/entity.ts';
import { rejoin } from '../state/links.ts';
import type { InstanceState } from '../state/instance-state.ts';
import type { Holdings } from './journal.ts';

/** Takes an entity in, and all new ones that its relations reach; or none of them, where one cannot be taken in. */
export function reach(first: InstanceState, holdings: Holdings): void {
  if (!isOutside(first, holdings)) return;
  const others = neighbours(first);
  if (others.length === 0) return takeIn(first, holdings);
  // Grows while it is walked: in order of discovery, so that rows come in the order in which the program made them.
  const found = new Set([first, ...others]);
  for (const state of found) {
    if (state !== first && isOutside(state, holdings)) for (const next of neighbours(state)) found.add(next);
  }
  for (const state of found) if (!state.context) takeIn(state, holdings);
}

/** Takes back the deletion of an entity that is added again. */
export function revive(state: InstanceState, { context, deleted }: Holdings): void {
  if (state.context === context && deleted.delete(state) && !state.isNew) state.status = 'persistent';
}

/** Whether the entity is new here, so that its relations are to be followed. */
function isOutside(state: InstanceState, { context, identities, dialect }: Holdings): boolean {
  if (state.context === context) return false;
  if (state.context) {
    throw new ConfigurationError(
      `${state.label} is in another session: close that one first, or load or merge() the entity in this one`,
      { model: state.mapper.name },
    );
  }
  checkFields(state);
  if (state.status !== 'detached') return true;
  if (state.identity === undefined) throw new ConfigurationError(`${state.label} was deleted: make a new one`);
  if (state.dialect !== dialect)
    throw new ConfigurationError(`${state.label} is of a database of another kind: merge() it`);
  if (identities.get(state.mapper, state.identity)) {
    throw new ConfigurationError(`${state.label} is in the session already, as another object`);
  }
  return true;
}

function takeIn(state: InstanceState, { context, identities, added }: Holdings): void {
  state.context = context;
  if (state.status === 'detached') {
    state.status = 'persistent';
    identities.set(state, state.identity);
    return;
  }
  state.status = 'pending';
  added.add(state);
  rejoin(state);
}

/** A field of the class would hide the relation; this finds those that its own constructor sets. */
function checkFields(state: InstanceState): void {
  for (const name of state.mapper.relations.keys()) {
    if (!Object.hasOwn(state.entity, name)) continue;
    throw new ConfigurationError(
      `${state.mapper.name}.${name}: the class has a field named like the relation; remove the field`,
    );
  }
}

function neighbours(state: InstanceState): InstanceState[] {
  const found: InstanceState[] = [];
  for (const { target } of state.links) if (target) found.push(target);
  for (const collection of state.collections.values()) {
    if (collection.isPending) for (const member of collection.added) found.push(member);
    for (const entity of collection.peek() ?? []) found.push(EntityBase.state(entity)!);
  }
  return found;
}
