import { KeyReference } from '../../compiler/write-plan.ts';
import type { Link, MappedColumn } from '../mapping/mapper.ts';
import { identityOf } from '../state/identity-map.ts';
import { NO_LINKS, type InstanceState } from '../state/instance-state.ts';
import { isChanged, rawValues, storedValue } from '../state/snapshot.ts';
import { linkedValue, type NewRows } from './cells.ts';

/**
 * What a column of a stored row has when the unit is done: its value in memory, unless it is of a foreign key, and the row
 * that this refers to gets another key in the same unit.
 *
 * @param path the rows that are being asked already: a circle ends there.
 */
export function finalValue(
  state: InstanceState,
  mapped: MappedColumn,
  rows: NewRows,
  path: readonly InstanceState[] = [],
): unknown {
  const value = state.entity[mapped.attribute];
  if (!state.row || path.includes(state)) return value;
  for (const link of state.mapper.links) {
    const at = link.columns.indexOf(mapped);
    if (at < 0) continue;
    const known = state.links?.get(link);
    if (known?.changed && known.target !== undefined) return linkedValue(link, known, at, rows);
    const parent = isChanged(state, mapped) ? undefined : movedParent(state, link, rows, path);
    if (parent) return link.onUpdate === 'set null' ? null : finalValue(parent, link.references[at]!, rows, path);
  }
  return value;
}

/** The entity that a stored row refers to, if its key is another when the unit is done. */
export function movedParent(
  state: InstanceState,
  link: Link,
  rows: NewRows,
  path: readonly InstanceState[] = [],
): InstanceState | undefined {
  const parent = storedParent(state, link, rows);
  const way = [...path, state];
  const isMoved = (mapped: MappedColumn): boolean =>
    !isSame(mapped, finalValue(parent!, mapped, rows, way), storedValue(parent!, mapped));
  return parent && !rows.isGone(parent) && link.references.some(isMoved) ? parent : undefined;
}

function storedParent(state: InstanceState, link: Link, { identities }: NewRows): InstanceState | undefined {
  const raw = rawValues(state, link.columns);
  if (raw.includes(null) || raw.includes(undefined)) return undefined;
  const identity = identityOf(raw);
  if (link.byKey) return identities.get(link.target, identity);
  for (const parent of identities.of(link.target).values())
    if (identityOf(rawValues(parent, link.references)) === identity) return parent;
  return undefined;
}

/** Columns of relations that were set, which the unit has to write though memory and row agree: the key that they name moves. */
export function movedColumns(state: InstanceState, rows: NewRows): MappedColumn[] {
  const found: MappedColumn[] = [];
  for (const [link, known] of state.links ?? NO_LINKS) {
    if (!known.changed || known.target === undefined) continue;
    const hasMoved = movedParent(state, link, rows) !== undefined;
    link.columns.forEach((mapped, at) => {
      if (hasMoved || !isSame(mapped, linkedValue(link, known, at, rows), storedValue(state, mapped)))
        found.push(mapped);
    });
  }
  return found;
}

/** Whether two values of a column are the same; a key that is not made yet is like none. */
export function isSame({ type }: MappedColumn, left: unknown, right: unknown): boolean {
  if (left === right) return true;
  const isValue = (value: unknown): boolean =>
    value !== null && value !== undefined && !(value instanceof KeyReference);
  return isValue(left) && isValue(right) && type.equals(left, right);
}
