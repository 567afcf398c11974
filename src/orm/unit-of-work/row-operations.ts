import {
  UNCHANGED,
  type Cell,
  type Followers,
  type InsertOperation,
  type WriteOperation,
} from '../../compiler/write-plan.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import type { MappedColumn, Mapper } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { storedValue } from '../state/snapshot.ts';
import { cellOf } from './cells.ts';
import type { WorkSet } from './work.ts';

/** An operation, and whose rows it writes: for RETURNING, and to name one in an error. */
export interface Step {
  readonly operation: WriteOperation;
  readonly states: readonly InstanceState[];
}

/** New cells of a row, by column. */
export interface RowChange {
  readonly state: InstanceState;
  readonly cells: ReadonlyMap<MappedColumn, Cell>;
}

/** The values of columns as they are in the database. */
export function storedCells(state: InstanceState, columns: readonly MappedColumn[] = state.mapper.key): Cell[] {
  return columns.map((mapped) => cellOf(state.codecs[mapped.index]!, storedValue(state, mapped)));
}

/** Cells of entities that are others than what was stored. */
export type Cells = ReadonlyMap<InstanceState, ReadonlyMap<MappedColumn, Cell>>;

/** The cells of columns as they are by now: the last that is said of each. */
export function cellsNow(
  state: InstanceState,
  columns: readonly MappedColumn[],
  ...changes: readonly Cells[]
): readonly Cell[] {
  let cells: readonly Cell[] = storedCells(state, columns);
  for (const moved of changes) {
    const changed = moved.get(state);
    const before = cells;
    if (changed) cells = columns.map((mapped, at) => (changed.has(mapped) ? changed.get(mapped) : before[at]));
  }
  return cells;
}

/** Of each entity, the values of columns as they were when it was last in step with the database. */
export function storedRows(states: readonly InstanceState[], columns: readonly MappedColumn[]): unknown[][] {
  return states.map((state) => columns.map((mapped) => storedValue(state, mapped)));
}

/** What is found of a model, found once for each. */
export function ofMapper<T>(find: (mapper: Mapper) => T): (mapper: Mapper) => T {
  const known = new Map<Mapper, T>();
  let last: Mapper | undefined;
  let found: T;
  return (mapper) => {
    // Mostly one is the same as the one before.
    if (mapper !== last) known.set((last = mapper), (found = known.get(mapper) ?? find(mapper)));
    return found;
  };
}

/** What columns are mapped to. */
export function mappedOf(columns: readonly TableColumn[]): (mapper: Mapper) => readonly (MappedColumn | undefined)[] {
  return ofMapper((mapper) => columns.map((column) => mapper.attributeOf(column)));
}

/** What entities are of. */
export function mappersOf(states: Iterable<InstanceState>): Mapper[] {
  return [...new Set([...states].map(({ mapper }) => mapper))];
}

/** The tables that entities have rows in. */
export function tablesOf(states: Iterable<InstanceState>): Set<Table> {
  return new Set(mappersOf(states).flatMap(({ tables }) => tables));
}

/** The tables of rows that are new or change. */
export function writtenTables({ mappers, changes }: Pick<WorkSet, 'mappers' | 'changes'>): Set<Table> {
  return new Set([...mappers, ...mappersOf(changes.map(({ state }) => state))].flatMap(({ tables }) => tables));
}

/** One INSERT of rows whose cells stand in the order of the table's columns; columns that no row gives are left out. */
export function insertRows(
  table: Table,
  rows: readonly (readonly Cell[])[],
  states: readonly InstanceState[],
  options: Pick<InsertOperation, 'keys' | 'ignoreExisting' | 'returning'>,
): Step {
  const set = table.columns.filter(({ index }) => rows.some((row) => row[index] !== undefined));
  const isWhole = set.length === table.columns.length;
  const given = isWhole ? rows : rows.map((row) => set.map(({ index }) => row[index]));
  return { operation: { kind: 'insert', table, match: [], set, rows: given, ...options }, states };
}

/**
 * One UPDATE of the rows of a table that change, each by columns of its own; none where none does.
 *
 * @param match the columns by which a row is found; `cellsOf` gives those of an entity.
 * @param returning the columns that come back.
 * @param followers what has to change with the rows.
 */
export function updateRows(
  table: Table,
  changes: readonly RowChange[],
  match: readonly TableColumn[],
  cellsOf: (state: InstanceState) => readonly Cell[],
  returning: readonly TableColumn[] = [],
  followers: readonly Followers[] = [],
): Step[] {
  const changed = new Set<TableColumn>();
  const own = changes.filter(({ cells }) => {
    let isOwn = false;
    for (const { column } of cells.keys()) {
      if (column.table !== table) continue;
      changed.add(column);
      isOwn = true;
    }
    return isOwn;
  });
  const set = table.columns.filter((column) => changed.has(column));
  const mapped = mappedOf(set);
  const rows = own.map(({ state, cells }) => {
    const row = [...cellsOf(state)];
    for (const item of mapped(state.mapper)) row.push(item && cells.has(item) ? cells.get(item) : UNCHANGED);
    return row;
  });
  const states = own.map(({ state }) => state);
  if (own.length === 0) return [];
  return [
    {
      operation: { kind: 'update', table, match, set, rows, returning, ...(followers.length > 0 && { followers }) },
      states,
    },
  ];
}
