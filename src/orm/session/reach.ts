import { ConfigurationError } from '../../errors/errors.ts';
import { EntityBase } from '../state/entity.ts';
import type { InstanceState } from '../state/instance-state.ts';
import type { Holdings } from './journal.ts';

/** Takes an entity in, and all new ones that its relations reach. */
export function reach(first: InstanceState, holdings: Holdings): void {
  const queue = [first];
  // Grows while it is walked: in order of discovery, so that rows come in the order in which the program made them.
  for (const state of queue) if (takeIn(state, holdings)) for (const next of neighbours(state)) queue.push(next);
}

/** Whether the entity is new here, so that its relations are to be followed. */
function takeIn(state: InstanceState, holdings: Holdings): boolean {
  if (state.context === holdings.context) return false;
  if (state.context) {
    throw new ConfigurationError(
      `${state.label} is in another session: close that one first, or load the entity in this one`,
    );
  }
  if (state.status === 'detached') return reattach(state, holdings);
  checkFields(state);
  state.status = 'pending';
  state.context = holdings.context;
  holdings.added.add(state);
  return true;
}

function reattach(state: InstanceState, holdings: Holdings): boolean {
  const { identity, mapper } = state;
  if (identity === undefined) throw new ConfigurationError(`${state.label} was deleted: make a new one`);
  if (holdings.identities.get(mapper, identity)) {
    throw new ConfigurationError(`${state.label} is in the session already, as another object`);
  }
  state.status = 'persistent';
  state.context = holdings.context;
  holdings.identities.set(state, identity);
  return true;
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
  for (const { target } of state.links?.values() ?? []) if (target) found.push(target);
  for (const collection of state.collections?.values() ?? []) {
    for (const member of collection.added) found.push(member);
    for (const entity of collection.peek() ?? []) found.push(EntityBase.state(entity)!);
  }
  return found;
}
