import type { RelationMapping } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { isLoaded, loadBranches, type Loading } from './load.ts';
import { afterTick } from './tick.ts';

/** Entities that one lazy load serves, from the one that asks. */
const PEERS = 500;

/** Loads relations on demand: for the peers of the entity that asks, and once for all that ask within a tick. */
export class LazyLoader {
  readonly #loading: Loading;
  readonly #waiting = new Map<RelationMapping, { readonly states: Set<InstanceState>; readonly done: Promise<void> }>();

  constructor(loading: Loading) {
    this.#loading = loading;
  }

  load(state: InstanceState, relation: RelationMapping): Promise<void> {
    let request = this.#waiting.get(relation);
    if (!request) {
      const states = new Set<InstanceState>();
      this.#waiting.set(relation, (request = { states, done: this.#send(relation, states) }));
    }
    addPeers(request.states, state, relation);
    return request.done;
  }

  async #send(relation: RelationMapping, states: ReadonlySet<InstanceState>): Promise<void> {
    await afterTick();
    this.#waiting.delete(relation);
    await loadBranches(this.#loading, [...states], [{ relation, part: undefined, branches: [] }]);
  }
}

/** The entity and those after it in its result that lack the relation; after the last comes the first. */
function addPeers(states: Set<InstanceState>, state: InstanceState, relation: RelationMapping): void {
  states.add(state);
  const peers = state.peers ?? [];
  const start = peers.indexOf(state);
  for (let next = 1; next < peers.length && next < PEERS; next++) {
    const peer = peers[(start + next) % peers.length]!;
    if (peer.context === state.context && peer.mapper.isA(relation.owner) && !isLoaded(peer, relation))
      states.add(peer);
  }
}
