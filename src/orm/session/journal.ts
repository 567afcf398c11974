import type { Dialect } from '../../compiler/dialect.ts';
import type { Memory } from '../../driver/run-transaction.ts';
import type { Link } from '../mapping/mapper.ts';
import type { Collection } from '../state/collection.ts';
import { defineColumn } from '../state/columns.ts';
import { EntityBase } from '../state/entity.ts';
import type { IdentityMap } from '../state/identity-map.ts';
import type { InstanceState, LinkState, LoadContext, Positions } from '../state/instance-state.ts';
import { remember, targetOf } from '../state/links.ts';
import { isChanged, storedValue } from '../state/snapshot.ts';
import { movedOver } from './undo.ts';

/** What a session holds beside the entities themselves. */
export interface Holdings {
  readonly dialect: Dialect;
  readonly identities: IdentityMap;
  readonly added: Set<InstanceState>;
  readonly deleted: Set<InstanceState>;
  readonly context: LoadContext;
}

interface Entry {
  readonly row: readonly unknown[] | undefined;
  readonly positions: Positions | undefined;
  /** Of a new entity: the values that a write may fill in or take away, and what its keys refer to. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly links: readonly LinkState[];
}

/** How entities were before a transaction first wrote them, so that a rollback can bring them back. */
export class Journal implements Memory {
  readonly #entries = new Map<InstanceState, Entry>();
  /** Entities first read after a statement of the program's own: nobody knows what their rows were. */
  readonly #read = new Set<InstanceState>();
  /** The collections that were loaded before the first write, and their members in the database. */
  #collections: Map<Collection, readonly object[]> | undefined;

  /** Notes entities that are about to be brought in step with what was written. */
  record(states: Iterable<InstanceState>, { identities }: Holdings): void {
    for (const state of states) {
      if (this.#entries.has(state) || this.#read.has(state)) continue;
      const { row, positions } = state;
      this.#entries.set(state, { row, positions, ...(row ? NOTHING : openValues(state)) });
    }
    this.#collections ??= membersOf(identities);
  }

  /** Notes an entity whose row is about to be read, or that was read for the first time, and may not be committed. */
  noteRead(state: InstanceState, isNew: boolean): void {
    if (this.#entries.has(state) || this.#read.has(state)) return;
    if (isNew) this.#read.add(state);
    else this.#entries.set(state, { row: state.row, positions: state.positions, ...NOTHING });
  }

  /** A savepoint that is released hands what it knows to the level around it. */
  mergeInto(outer: Journal): void {
    for (const state of this.#read) outer.noteRead(state, true);
    for (const [state, entry] of this.#entries)
      if (!outer.#entries.has(state) && !outer.#read.has(state)) outer.#entries.set(state, entry);
  }

  /** Undoes in memory what was written and rolled back. */
  restore(holdings: Holdings): void {
    for (const state of this.#read) {
      holdings.identities.delete(state);
      holdings.deleted.delete(state);
      state.leave('detached');
    }
    for (const [state, entry] of this.#entries) {
      // Taken out by the program since: it stays out.
      if (state.context === holdings.context || state.identity === undefined) bringBack(state, entry, holdings);
    }
    for (const [state, entry] of this.#entries) if (entry.row === undefined) renew(state);
    for (const state of this.#collections ? holdings.identities : [])
      for (const collection of state.collections.values()) collection.restore(this.#collections!.get(collection));
    this.#entries.clear();
  }
}

function bringBack(state: InstanceState, entry: Entry, holdings: Holdings): void {
  holdings.identities.delete(state);
  state.row = entry.row;
  state.positions = entry.positions;
  if (entry.row === undefined) return forget(state, entry, holdings);
  state.status = 'persistent';
  state.context = holdings.context;
  holdings.identities.set(state);
}

const NOTHING: Pick<Entry, 'values' | 'links'> = { values: new Map(), links: [] };

/** What the database is to make, and the foreign keys. */
function openValues(state: InstanceState): Pick<Entry, 'values' | 'links'> {
  const links = state.links.map((known) => ({ ...known }));
  const keys = new Set([...state.mapper.links].flatMap((link) => link.columns));
  const values = new Map<string, unknown>();
  for (const mapped of state.mapper.columns) {
    const value = state.entity[mapped.attribute];
    if (value === undefined || keys.has(mapped)) values.set(mapped.attribute, value);
  }
  return { values, links };
}

function membersOf(identities: IdentityMap): Map<Collection, readonly object[]> {
  const members = new Map<Collection, readonly object[]>();
  for (const state of identities) {
    for (const collection of state.collections.values()) {
      const stored = collection.stored();
      if (stored) members.set(collection, stored);
    }
  }
  return members;
}

/** A new entity whose row was not kept is the program's alone again, without the key and the defaults that the database had made. */
function forget(state: InstanceState, { values, links }: Entry, holdings: Holdings): void {
  for (const [attribute, value] of values) state.entity[attribute] = value;
  state.links = links;
  state.leave('transient');
  holdings.added.delete(state);
}

/** What refers to a forgotten row refers to the entity again, and the pairs of a many-to-many are to be written anew. */
function renew(state: InstanceState): void {
  for (const { link, target } of state.links) {
    if (!target) continue;
    const keys = target.values(link.references);
    link.columns.forEach(({ attribute }, at) => (state.entity[attribute] = keys[at]));
    remember(state, link, target, keys, true);
  }
  for (const [relation, collection] of state.collections) {
    if (!relation.table) continue;
    for (const entity of collection.peek() ?? []) collection.added.add(EntityBase.state(entity)!);
  }
}

/** Makes new entities transient, brings deleted ones back and restores changed ones. */
export function restoreAll(holdings: Holdings): void {
  for (const state of holdings.added) {
    state.leave('transient');
  }
  for (const state of holdings.deleted) if (state.row) state.status = 'persistent';
  holdings.deleted.clear();
  const moved = [...holdings.identities].map((state) => [state, restoreOne(state)] as const);
  // What was loaded after a change has left it out; by now no collection holds what was pending.
  for (const [state, links] of moved) for (const link of links) showAgain(state, link);
  // New entities keep what the program gave them; those that stay lose them.
  holdings.added.clear();
}

/** Restores an entity, and yields the links over which it was moved. */
function restoreOne(state: InstanceState): Link[] {
  const moved = movedOver(state);
  for (const mapped of state.mapper.columns) {
    if (isChanged(state, mapped)) defineColumn(state.entity, mapped, storedValue(state, mapped));
  }
  state.links = [];
  for (const collection of state.collections.values()) collection.reset();
  return moved;
}

function showAgain(state: InstanceState, link: Link): void {
  const collections = targetOf(state, link)?.collections;
  for (const relation of link.backward) {
    if (state.mapper.isA(relation.target)) collections?.get(relation)?.place(state);
  }
}
