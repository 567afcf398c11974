import { KeyReference, SqlCell, type Cell } from '../../compiler/write-plan.ts';
import { CapabilityError } from '../../errors/errors.ts';
import { referredTables } from '../../schema/foreign-key.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { ColumnNode } from '../../sql/expression.ts';
import { columnNode } from '../../sql/source.ts';
import { topologicalGroups } from '../../util/topological.ts';
import type { MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { encode } from '../state/snapshot.ts';
import { followedCells, followersOf } from './follow.ts';
import {
  cellsNow,
  mappedOf,
  storedCells,
  tablesOf,
  updateRows,
  writtenTables,
  type Cells,
  type Step,
} from './row-operations.ts';
import { goesWithTarget, sweep } from './sweep.ts';
import type { Change, Pending, WorkSet } from './work.ts';

/** Updates that move unique values out of the way, and what parked rows have afterwards. */
export interface Parking {
  readonly steps: readonly Step[];
  readonly cells: Cells;
  /** The changes of the unit, and with them what was parked beside the columns that change. */
  readonly changes: readonly Change[];
}

/**
 * Rows that hold a unique value which another row takes in the same unit give it up first. Deleting or updating first
 * would each fail on a legal case: a swap, a shift of positions, a value taken from a row that is deleted.
 */
export function parkValues(work: WorkSet): Parking {
  const steps: Step[] = [];
  const parked = new Map<InstanceState, Map<MappedColumn, Cell>>();
  const now = (state: InstanceState, columns = state.mapper.key): readonly Cell[] => cellsNow(state, columns, parked);
  // Copied where something is parked, and mostly nothing is.
  let cellsOf: Map<InstanceState, Map<MappedColumn, Cell>> | undefined;
  const tables = writtenTables(work);
  // Rows that refer to others first: their keys may go along with those of the others.
  const inOrder = work.changes.length > 0 ? topologicalGroups(tables, referredTables).flat().toReversed() : tables;
  for (const table of inOrder) {
    for (const unique of uniquesOf(table)) {
      const columns = unique.flatMap(madeOf);
      const holders = findHolders(columns, work);
      if (holders.length === 0) continue;
      const copies = (cellsOf ??= new Map(work.changes.map(({ state, cells }) => [state, new Map(cells)])));
      const changes = holders.flatMap((state) => copies.get(state) ?? []);
      const isChanged = (column: TableColumn): boolean =>
        changes.every((cells) => [...cells.keys()].some((mapped) => mapped.column === column));
      // What is NULL may make the same value of two rows.
      const isSource = unique.some(({ spec }) => spec.computed);
      const column = parkable(columns, isChanged, isSource);
      // What an expression reads must not be parked first.
      if (!column || work.changes.some((change) => change.computed && holders.includes(change.state)))
        throw cannotPark(table, unique);
      const codec = work.dialect.codec(column.type);
      const rows = holders.map((state) => {
        const mapped = state.mapper.attributeOf(column)!;
        const own = copies.get(state);
        // What the program did not change gets its value back.
        if (own && !own.has(mapped)) own.set(mapped, storedCells(state, [mapped])[0]);
        return { state, cells: new Map([[mapped, encode(codec, parkedValue(column, isSource))]]) };
      });
      // What refers to the rows goes along: it may have to be unique too, and to refer to something all the time.
      steps.push(...updateRows(table, rows, table.primaryKey, now, [], followersOf(table, rows, now)));
      for (const { state, cells } of rows) parked.set(state, new Map([...(parked.get(state) ?? []), ...cells]));
    }
  }
  return {
    steps,
    cells: parked,
    changes: cellsOf ? work.changes.map((change) => ({ ...change, cells: cellsOf.get(change.state)! })) : work.changes,
  };
}

/** Every set of columns whose values together may stand only once. */
function uniquesOf(table: Table): (readonly TableColumn[])[] {
  const indexes = table.indexes.flatMap((index) => {
    const columns = index.on.map((by) => {
      const expression = 'expression' in by ? by.expression : by;
      return expression instanceof ColumnNode ? expression.column : undefined;
    });
    return index.unique && columns.every((column) => column !== undefined) ? [columns] : [];
  });
  return [table.primaryKey, ...table.uniques, ...indexes];
}

/** What a column is made of: where its value is generated, the columns that the rule reads. */
function madeOf(column: TableColumn): readonly TableColumn[] {
  const rule = column.spec.computed?.rule;
  if (typeof rule !== 'function') return [column];
  const read = new Set<TableColumn>();
  const columns = {};
  for (const item of column.table.columns)
    Object.defineProperty(columns, item.attribute, { get: () => columnNode(read.add(item) && item) });
  rule(columns);
  return [...read];
}

/** The entities whose old values of the columns another entity takes. Deleted ones leave theirs to any. */
function findHolders(columns: readonly TableColumn[], work: WorkSet): InstanceState[] {
  const mappedIn = wholeOf(columns);
  const movers = work.changes.filter(({ state, cells }) => mappedIn(state)?.some((mapped) => cells.has(mapped)));
  const leaving = [...movers.map(({ state }) => state), ...work.deletions, ...work.swept].filter(mappedIn);
  if (leaving.length === 0) return [];
  // By then rows have the new keys of what they refer to.
  const followed = followedCells(work.followers);
  const takers = new Map<string | undefined, InstanceState>();
  const note = (state: InstanceState, cell: (item: MappedColumn) => Cell): void => {
    const mapped = mappedIn(state);
    if (mapped) takers.set(textOf(mapped.map(cell)), state);
  };
  for (const { state, cells } of work.insertions) note(state, (item) => cells[item.index]);
  for (const { state, cells } of movers)
    note(state, (item) => (cells.has(item) ? cells.get(item) : cellsNow(state, [item], followed)[0]));
  // What no two can have in common is nobody's.
  takers.delete(undefined);
  return leaving.filter((state) => {
    const mapped = mappedIn(state)!;
    return [storedCells(state, mapped), cellsNow(state, mapped, followed)].some((cells) => {
      const taker = takers.get(textOf(cells));
      return taker && taker !== state;
    });
  });
}

/** What columns are mapped to, in entities that have them all. */
function wholeOf(columns: readonly TableColumn[]): (state: InstanceState) => readonly MappedColumn[] | undefined {
  const mappedIn = mappedOf(columns);
  return ({ mapper }) => {
    const mapped = mappedIn(mapper);
    return mapped.every((item) => item !== undefined) ? mapped : undefined;
  };
}

/** The values as one text; undefined where none is known to be a duplicate: NULL, or what the unit makes. */
function textOf(cells: readonly Cell[]): string | undefined {
  const isOpen = (cell: Cell): boolean =>
    cell === null || cell === undefined || cell instanceof KeyReference || cell instanceof SqlCell;
  return cells.some(isOpen) ? undefined : JSON.stringify(cells.map(String));
}

/**
 * Whether a row of the unit takes the primary key of one that is deleted, or what cannot be parked. Under another key, the
 * deleted row would leave what refers to it to the new one: the deletions come first then, with all that goes with them.
 */
export function takesDeletedKey(work: WorkSet): boolean {
  const gone = new Set([...work.deletions, ...work.swept]);
  const isTaken = (unique: readonly TableColumn[], at: number): boolean =>
    // The primary key is the first.
    (at === 0 || !parkable(unique.flatMap(madeOf), () => true, false)) &&
    findHolders(unique, work).some((state) => gone.has(state));
  return [...tablesOf(gone)].some((table) => uniquesOf(table).some(isTaken));
}

/**
 * What goes with rows that are deleted before the rest is written would take a child along that the same unit moves away.
 * Of what goes with a row that another entity takes over, that is so below its own children: those are told apart.
 */
export function refuseLostChildren(work: WorkSet, deletesFirst: boolean, pending: Pending): void {
  const kept = new Set(work.switched.values());
  const gone = new Set([...work.deletions, ...work.swept]);
  const first = deletesFirst ? gone : sweep(new Set(kept), pending);
  for (const child of work.persistent) {
    for (const link of gone.has(child) ? [] : child.mapper.links) {
      const parent = pending.identities.referred(child, link);
      if (!parent || !first.has(parent) || kept.has(parent) || !goesWithTarget(link)) continue;
      throw new CapabilityError(
        `a ${child.mapper.name} leaves a ${parent.mapper.name} that goes first: its key is taken. Commit in two steps`,
        { model: child.mapper.name, attributes: link.columns.map((mapped) => mapped.attribute) },
      );
    }
  }
}

/**
 * Of the columns, one that can hold a value no row has: nullable, or of a type with room. Foreign keys have none. Rather one
 * that changes anyway.
 */
function parkable(
  columns: readonly TableColumn[],
  isChanged: (column: TableColumn) => boolean,
  isSource: boolean,
): TableColumn | undefined {
  const nullable = columns.filter((column) => column.nullable);
  const free = columns.filter(
    (column) =>
      ['integer', 'bigint', 'text', 'uuid', 'bytes'].includes(column.type.kind) &&
      !column.table.references.some((key) => key.columns.includes(column)),
  );
  const able = isSource ? [...free, ...nullable] : [...nullable, ...free];
  return able.find(isChanged) ?? able[0];
}

/** A value that no row has: NULL, a negative number or a random text. */
function parkedValue(column: TableColumn, isSource: boolean): unknown {
  if (column.nullable && !isSource) return null;
  const number = -(2 ** 51) - Math.floor(Math.random() * 2 ** 51);
  switch (column.type.kind) {
    case 'integer':
      return number;
    case 'bigint':
      return BigInt(number);
    case 'bytes':
      return crypto.getRandomValues(new Uint8Array(24));
    case 'text':
    case 'uuid':
      return crypto.randomUUID();
    default:
      return null;
  }
}

function cannotPark(table: Table, columns: readonly TableColumn[]): Error {
  const names = columns.map((column) => column.attribute).join(', ');
  return new CapabilityError(
    `${table.name}: a unique value of (${names}) moves and cannot be freed. Commit in two steps`,
    { table: table.name, attributes: columns.map((column) => column.attribute) },
  );
}
