import type { CallOptions } from '../../driver/driver.ts';
import { isCinnabarError } from '../../errors/base.ts';
import type { Entity } from '../../sql/model.ts';
import { groupBy } from '../../util/group-by.ts';
import { entityShape } from '../loading/entity-query.ts';
import type { MappedColumn } from '../mapping/mapper.ts';
import { EntityBase } from '../state/entity.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { changedColumns, storedValue } from '../state/snapshot.ts';
import { byKeys, keyOf } from './lifecycle.ts';
import type { SessionParts } from './parts.ts';
import { Session } from './session.ts';

/** An attribute that the program and another have both changed since the row was read. */
export interface Conflict {
  readonly entity: Entity;
  readonly attribute: string;
  /** What the program gave it, what the row has now, and what it had when it was read. */
  readonly mine: unknown;
  readonly theirs: unknown;
  readonly before: unknown;
}

/** What becomes of an attribute: the program's value, the other's, or another. */
export type ConflictChoice = 'mine' | 'theirs' | { readonly value: unknown };

export interface ResolveOptions extends CallOptions {
  /** For every attribute alike, or one at a time. */
  readonly onConflict: 'mine' | 'theirs' | ((conflict: Conflict) => ConflictChoice);
  /** How often rows are read again, when others go on changing them. */
  readonly rounds?: number;
}

/**
 * Commits; where rows are stale, reads them again in one round trip, settles what both sides have changed, and commits once
 * more. Attributes that only one side changed keep that side's value. One round trip where nothing is stale.
 *
 * @example
 * await commitResolving(session, {
 *   onConflict: ({ attribute, mine, theirs, before }) =>
 *     attribute === 'visits' ? { value: theirs + mine - before } : 'theirs',
 * })
 * @throws StaleDataError if a row is gone or to be deleted, or stale once more after the rounds.
 */
export async function commitResolving(
  session: Session,
  { onConflict, rounds = 1, ...options }: ResolveOptions,
): Promise<void> {
  const parts = Session.parts(session, 'commitResolving()');
  for (let left = rounds; ; left--) {
    try {
      return await session.commit(options);
    } catch (error) {
      if (left <= 0 || !isCinnabarError(error, 'StaleDataError')) throw error;
      const { entities = [] } = error as { readonly entities?: readonly object[] };
      const states = entities.flatMap((entity) => EntityBase.state(entity) ?? []);
      const isOpen = states.length > 0 && states.every((state) => state.row && !parts.holdings.deleted.has(state));
      if (!isOpen || !(await readAgain(states, onConflict, parts))) throw error;
    }
  }
}

interface Edit {
  readonly mapped: MappedColumn;
  readonly mine: unknown;
  readonly before: unknown;
  readonly pending: PropertyDescriptor | undefined;
}

/** Whether all rows are still there; then the entities are as the rows, with the program's changes on top. */
async function readAgain(
  states: readonly InstanceState[],
  onConflict: ResolveOptions['onConflict'],
  { loading }: SessionParts,
): Promise<boolean> {
  const groups = [...groupBy(states, ({ mapper }) => mapper)].map(([mapper, members]) => {
    const shape = entityShape(mapper);
    return { shape, node: byKeys(mapper, shape, members.map(keyOf)) };
  });
  const answers = await loading.read(groups.map(({ node }) => node));
  if (answers.reduce((sum, rows) => sum + rows.length, 0) < states.length) return false;
  const edits = states.map((state) => [state, editsOf(state)] as const);
  groups.forEach(({ shape }, at) => loading.hydrator.all(answers[at]!, shape, true));
  for (const [state, own] of edits)
    for (const edit of own) {
      // What `assign()` is to compute is computed from what is there by then.
      if (edit.pending?.get) Object.defineProperty(state.entity, edit.mapped.attribute, edit.pending);
      else settle(state, edit, onConflict);
    }
  return true;
}

function editsOf(state: InstanceState): Edit[] {
  const { version } = state.mapper;
  return changedColumns(state)
    .filter((mapped) => mapped !== version)
    .map((mapped) => ({
      mapped,
      mine: state.entity[mapped.attribute],
      before: storedValue(state, mapped),
      pending:
        state.entity[mapped.attribute] === undefined
          ? Object.getOwnPropertyDescriptor(state.entity, mapped.attribute)
          : undefined,
    }));
}

function settle(state: InstanceState, { mapped, mine, before }: Edit, onConflict: ResolveOptions['onConflict']): void {
  const { entity } = state;
  const theirs = entity[mapped.attribute];
  const isSame = theirs === before || (theirs !== null && before !== null && mapped.type.equals(theirs, before));
  const conflict: Conflict = { entity: entity as object as Entity, attribute: mapped.attribute, mine, theirs, before };
  const choice = isSame ? 'mine' : typeof onConflict === 'function' ? onConflict(conflict) : onConflict;
  if (choice !== 'theirs') {
    entity[mapped.attribute] = choice === 'mine' ? mine : choice.value;
    return;
  }
  // The relation over it is what the row says, too.
  state.links = state.links.filter(({ link }) => !link.columns.includes(mapped));
}
