import { KeyReference, type Cell } from '../../compiler/write-plan.ts';
import type { Link, MappedColumn } from '../mapping/mapper.ts';
import { identityOf } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { checkValue, encode, rawValues, storedValue } from '../state/snapshot.ts';
import { movedParent, type NewRows } from './cells.ts';
import { storedRows } from './row-operations.ts';
import { isMoved } from './sweep.ts';
import { nextVersion } from './version.ts';
import type { Change, Insertion, Pending, WorkSet } from './work.ts';

/**
 * New entities with the class and the key of one that is deleted: the row stays, and is changed. What refers to it stays
 * valid, and its version goes on, so that nobody who read the old row takes the new one for it.
 */
export function findSwitches(
  insertions: readonly Insertion[],
  deletions: readonly InstanceState[],
  { identities }: Pending,
): Map<InstanceState, InstanceState> {
  const switches = new Map<InstanceState, InstanceState>();
  if (deletions.length === 0) return switches;
  const gone = new Set(deletions);
  for (const { state, cells, ordinal } of insertions) {
    if (ordinal > 0 || isOpen(state, cells)) continue;
    const { mapper } = state;
    const old = identities.get(mapper, identityOf(mapper.key.map(({ index }) => cells[index])));
    if (old?.mapper === mapper && gone.has(old)) switches.set(state, old);
  }
  return switches;
}

/** Whether the database is to make a value that an UPDATE cannot ask for. */
function isOpen({ mapper }: InstanceState, cells: readonly Cell[]): boolean {
  return mapper.columns.some(({ index, column }) => {
    const { computed, fetched, key } = column.spec;
    return key ? cells[index] instanceof KeyReference : cells[index] === undefined && !computed && !fetched;
  });
}

/** The row of the old entity, changed to what the new one says. */
export function switchChange({ state, cells }: Insertion, old: InstanceState, rows: NewRows): Change {
  const { version, columns, links } = state.mapper;
  const changed = new Map<MappedColumn, Cell>();
  for (const mapped of columns) {
    const cell = cells[mapped.index];
    const at = old.positions![mapped.index] ?? -1;
    // What the row has may go along with what it refers to.
    const isCarried = (link: Link): unknown => link.columns.includes(mapped) && movedParent(old, link, rows);
    const isOther = at < 0 || cell !== old.row![at] || [...links].some(isCarried);
    if (cell !== undefined && !mapped.column.spec.key && isOther) changed.set(mapped, cell);
  }
  if (!version || version.column.spec.fetched) return { state, cells: changed, made: [] };
  const next = nextVersion(version, storedValue(old, version));
  checkValue(state, version, next);
  changed.set(version, encode(old.codecs[version.index]!, next));
  return { state, cells: changed, made: [version] };
}

/**
 * The keys of children that rows which stay are not to take along: those that leave the old entities, if only for the new
 * ones, and those that are deleted each by itself.
 */
export function leavingOver(
  link: Link,
  kept: readonly InstanceState[],
  { persistent, deletions }: WorkSet,
): readonly (readonly unknown[])[] {
  const parents = new Map(kept.map((old) => [identityOf(rawValues(old, link.references)), old]));
  const leaving = persistent.filter((child) => {
    const old = child.mapper.links.has(link) && parents.get(identityOf(rawValues(child, link.columns)));
    const known = child.known(link);
    return old && (deletions.includes(child) || (known?.changed ? known.target !== old : isMoved(child, link)));
  });
  return storedRows(leaving, link.holder.key);
}
