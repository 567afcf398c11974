import { KeyReference, type Cell } from '../../compiler/write-plan.ts';
import type { Codec, Dialect } from '../../compiler/dialect.ts';
import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import type { TableColumn } from '../../schema/table.ts';
import type { Link, MappedColumn } from '../mapping/mapper.ts';
import type { IdentityMap } from '../state/identity-map.ts';
import type { InstanceState, LinkState } from '../state/instance-state.ts';
import { hasKeys, isSame } from '../state/links.ts';
import { checkValue, encode, isChanged, storedValue } from '../state/snapshot.ts';
import { insertionOf, type Insertion } from './work.ts';

/** The new rows of a commit, and the new entities that it forgets. */
export interface NewRows {
  readonly insertions: readonly Insertion[];
  readonly dropped: ReadonlySet<InstanceState>;
  readonly dialect: Dialect;
  readonly identities: IdentityMap;
  /** Whether a row goes in the same unit. */
  readonly isGone: (state: InstanceState) => boolean;
}

/** Stored rows that are being asked for their key already: a circle ends there. */
type Path = readonly InstanceState[];

/**
 * What is to be stored in a column of an entity: its value, or, where a relation to a new entity gives it, a reference to
 * that entity's key. Undefined where the program gave nothing.
 */
export function valueOf(state: InstanceState, mapped: MappedColumn, rows: NewRows): unknown {
  for (const known of state.links) {
    const at = known.changed ? known.link.columns.indexOf(mapped) : -1;
    if (at < 0) continue;
    agree(state, known);
    const value = linkedValue(known, at, rows);
    if (value !== undefined) return value;
  }
  return state.entity[mapped.attribute];
}

/** Puts the values that relations give a new entity in place of its own. */
export function fillLinked(state: InstanceState, cells: Cell[], rows: NewRows): void {
  for (const known of state.links) {
    if (!known.changed) continue;
    agree(state, known);
    const { columns } = known.link;
    for (let at = 0; at < columns.length; at++) {
      const value = linkedValue(known, at, rows);
      if (value !== undefined) cells[columns[at]!.index] = value;
    }
  }
}

/** What a relation that was set gives a column of its key; undefined where it says nothing of it. */
function linkedValue({ link, target }: LinkState, at: number, rows: NewRows, path?: Path): unknown {
  if (target && !rows.dropped.has(target)) return keyValue(target, link.references[at]!, rows, path);
  return target !== undefined && link.emptied.includes(link.columns[at]!) ? null : undefined;
}

/** A value as a cell of its column. */
export function cellOf(codec: Codec, value: unknown): Cell {
  return value === undefined || value instanceof KeyReference ? value : encode(codec, value);
}

/** The key of an entity as a cell of a column. */
export function keyCell(target: InstanceState, mapped: MappedColumn, { type }: TableColumn, rows: NewRows): Cell {
  return cellOf(rows.dialect.codec(type), keyValue(target, mapped, rows));
}

/** The key of an entity, or a reference to it where the unit makes it. */
function keyValue(target: InstanceState, mapped: MappedColumn, rows: NewRows, path?: Path): unknown {
  let [state, column] = [target, mapped];
  let seen: Set<InstanceState> | undefined;
  for (;;) {
    const insertion = insertionOf(state, rows);
    if (!insertion) {
      if (!state.isNew || state.row) return finalValue(state, column, rows, path);
      throw new ConfigurationError(`${state.label} is referred to, and is not in the session: add it`);
    }
    if (insertion.ordinal > 0 && column === state.mapper.generatedKey) return insertion;
    // A column that keys share may come from far up a tree, or go round in a circle.
    const giver = seen?.has(state) ? undefined : giverOf(state, column, rows);
    if (!giver) break;
    (seen ??= new Set()).add(state);
    [state, column] = giver;
  }
  const value = state.entity[column.attribute];
  if (value !== undefined) return value;
  throw new ConfigurationError(
    `${state.label} is referred to in the commit that makes the key '${column.attribute}'. Give it a default made by the program, or commit first`,
  );
}

/** The entity that a relation of a new one takes a column from, and what it is there. */
function giverOf(
  { links }: InstanceState,
  mapped: MappedColumn,
  { dropped }: NewRows,
): [InstanceState, MappedColumn] | undefined {
  for (const { link, target, changed } of links) {
    const at = changed && target && !dropped.has(target) ? link.columns.indexOf(mapped) : -1;
    if (at >= 0) return [target!, link.references[at]!];
  }
  return undefined;
}

/**
 * What a column of a stored row has when the unit is done: its value in memory, unless it is of a foreign key, and the row
 * that this refers to gets another key in the same unit.
 */
function finalValue(state: InstanceState, mapped: MappedColumn, rows: NewRows, path: Path = []): unknown {
  const value = state.entity[mapped.attribute];
  if (!state.row || path.includes(state)) return value;
  // Of a row that goes nothing is written any more.
  if (rows.isGone(state)) return storedValue(state, mapped);
  for (const link of state.mapper.links) {
    const at = link.columns.indexOf(mapped);
    if (at < 0) continue;
    const known = state.known(link);
    const given = known?.changed ? linkedValue(known, at, rows, [...path, state]) : undefined;
    if (given !== undefined) return given;
    const parent = isChanged(state, mapped) ? undefined : movedParent(state, link, rows, path);
    if (parent) return carriedValue(parent, link, at, rows, path);
  }
  return value;
}

/** What the database, or a statement beside the change, gives a column of a foreign key whose parent gets another key. */
export function carriedValue(
  parent: InstanceState,
  { onUpdate, references }: Link,
  at: number,
  rows: NewRows,
  path?: Path,
): unknown {
  return onUpdate === 'set null' ? null : finalValue(parent, references[at]!, rows, path);
}

/** The entity that a stored row refers to, if its key is another when the unit is done. */
export function movedParent(
  state: InstanceState,
  link: Link,
  rows: NewRows,
  path: Path = [],
): InstanceState | undefined {
  const parent = rows.identities.referred(state, link);
  const way = [...path, state];
  const isMoved = (mapped: MappedColumn): boolean => !isStored(parent!, mapped, finalValue(parent!, mapped, rows, way));
  return parent && !rows.isGone(parent) && link.references.some(isMoved) ? parent : undefined;
}

/**
 * Columns to write of an entity of which the program has set a relation. Memory alone does not say: the key that it names
 * may move in the same unit, and a new entity that was deleted leaves none where the row has NULL.
 */
export function columnsOfRelinked(state: InstanceState, rows: NewRows): MappedColumn[] {
  const isWritten = new Map<MappedColumn, boolean>();
  for (const known of state.links) {
    const { link } = known;
    if (!known.changed) continue;
    agree(state, known);
    const parent = movedParent(state, link, rows);
    // A row that stays goes along.
    const stays = parent === known.target && link.onUpdate !== 'set null';
    link.columns.forEach((mapped, at) => {
      const value = linkedValue(known, at, rows);
      if (value === undefined) return;
      const isOther = parent ? !stays : !isStored(state, mapped, value);
      isWritten.set(mapped, isOther || isWritten.get(mapped) === true);
    });
  }
  return state.mapper.columns.filter((mapped) => isWritten.get(mapped) ?? isChanged(state, mapped));
}

/** Whether the row has the value already; a key that is not made yet is like none. */
function isStored(state: InstanceState, mapped: MappedColumn, value: unknown): boolean {
  return !(value instanceof KeyReference) && isSame(mapped, value, storedValue(state, mapped));
}

/** A relation and its key that were both changed must say the same. */
function agree(state: InstanceState, known: LinkState): void {
  if (hasKeys(state, known)) return;
  const { link } = known;
  const names = link.columns.map((mapped) => mapped.attribute).join(', ');
  throw new ConfigurationError(
    `${state.mapper.name}: '${names}' was assigned after its relation was set, and the two disagree; change one of them`,
    { model: state.mapper.name, attributes: link.columns.map((mapped) => mapped.attribute) },
  );
}

/** The value of a column of an entity as a cell. Refuses what the column cannot hold, before anything is sent. */
export function checkedCell(state: InstanceState, mapped: MappedColumn, value: unknown): Cell {
  if (value instanceof KeyReference) return value;
  const needed = value === undefined || value === null;
  const link =
    needed && !mapped.column.spec.nullable && [...state.mapper.links].find((item) => item.columns.includes(mapped));
  if (link) {
    throw new InvalidValueError(
      `${state.mapper.name}.${mapped.attribute} is needed: give it, or put the ${state.mapper.name} into a relation to a ${link.target.name} (cascade: 'orphans' deletes one that is taken out)`,
      { model: state.mapper.name, attributes: [mapped.attribute], table: mapped.column.table.name },
    );
  }
  checkValue(state, mapped, value);
  return encode(state.codecs[mapped.index]!, value);
}
