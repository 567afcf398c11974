import {
  KeyReference,
  type Cell,
  type KeyReferences,
  type MadeKeys,
  type WriteOperation,
} from '../../compiler/write-plan.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { referredTables } from '../../schema/foreign-key.ts';
import { groupBy } from '../../util/group-by.ts';
import { topologicalGroups } from '../../util/topological.ts';
import type { MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState, LinkState } from '../state/instance-state.ts';
import { storedValue } from '../state/snapshot.ts';
import { cellOf, keyCell, valueOf } from './cells.ts';
import { followedCells, followersOf, movedCells, movesKeys } from './follow.ts';
import { orderInserts, type InsertOrder } from './order.ts';
import { parkValues, refuseLostChildren, takesDeletedKey, type Parking } from './park.ts';
import { planDeletes } from './plan-deletes.ts';
import {
  cellsNow,
  insertRows,
  mappedOf,
  storedCells,
  tablesOf,
  updateRows,
  writtenTables,
  type Cells,
  type Step,
} from './row-operations.ts';
import { insertionOf, tableOf, type Change, type Insertion, type Pairing, type Pending, type WorkSet } from './work.ts';

/** A commit, in order, and whose rows its operations write. */
export interface CommitPlan {
  readonly operations: readonly WriteOperation[];
  /** The entities of each operation, in the order of its rows. */
  readonly states: readonly (readonly InstanceState[])[];
}

/**
 * Puts the work in order: parked values, new rows (parents first), late keys, changes, deletions (children first). Pure:
 * neither the entities nor the database change.
 */
export function planCommit(work: WorkSet, pending: Pending): CommitPlan {
  // For the time of planning only: the row of a new entity is that of the one whose place it takes.
  for (const [state, { row, positions }] of work.switched) Object.assign(state, { row, positions });
  try {
    return ordered(work, pending);
  } finally {
    for (const state of work.switched.keys()) Object.assign(state, { row: undefined, positions: undefined });
  }
}

function ordered(work: WorkSet, pending: Pending): CommitPlan {
  const order = orderInserts(work);
  const deletesFirst = takesDeletedKey(work);
  const moved = deletesFirst ? NOTHING_MOVED : movedCells(work);
  // A row that another entity takes over stays, and so do the values that it holds.
  const kept = new Set(work.switched.values());
  const leaving = { ...work, deletions: work.deletions.filter((state) => !kept.has(state)) };
  const deletes = planDeletes(leaving, work, (state, columns) => cellsNow(state, columns, moved));
  if (deletesFirst || kept.size > 0) refuseLostChildren(work, deletesFirst, pending);
  // What is gone by then holds no value that another could take.
  const holding = deletesFirst ? { ...work, deletions: [], swept: new Set<InstanceState>() } : leaving;
  const parts = [planWrites(order, holding, work), deletes.steps];
  const follows = parts[0]!.some(({ operation }) => operation.kind === 'update' && operation.followers);
  const steps = [...deletes.first, ...(deletesFirst ? parts.toReversed() : parts).flat()];
  if (order.deferred || deletes.deferred || deletesFirst || follows)
    steps.unshift({ operation: { kind: 'defer' }, states: [] });
  const operations = steps.map(({ operation }) => operation);
  noteReferences(operations);
  return { operations, states: steps.map(({ states }) => states) };
}

const NOTHING_MOVED: Cells = /* @__PURE__ */ new Map();

/** Parked values, new rows, late keys, changes. */
function planWrites({ tables, late }: InsertOrder, holding: WorkSet, work: WorkSet): Step[] {
  const parking = parkValues(holding);
  const lateChanges = [...late].map(([{ state }, columns]) => ({
    state,
    cells: new Map(
      columns.map((mapped) => [mapped, cellOf(state.codecs[mapped.index]!, valueOf(state, mapped, work))]),
    ),
  }));
  const { moving, inOrder, change } = planChanges(parking, work);
  // New rows refer to the new keys of old ones, which may refer to new ones in turn.
  const waiting = new Set([...moving].filter((table) => refersToNew(table, work)));
  const isFirst = (table: Table): boolean => moving.has(table) && !waiting.has(table);
  const first = inOrder.filter(isFirst).flatMap(change);
  const rest = new Set(inOrder.filter((table) => !isFirst(table)));
  const left = new Set(tables);
  const insertInto = (table: Table): Step[] => {
    if (!left.delete(table)) return [];
    const before = waiting.size > 0 ? referredTables(table).filter((parent) => waiting.delete(parent)) : [];
    return [
      ...before.flatMap((parent) => [
        ...referredTables(parent).flatMap(insertInto),
        ...(rest.delete(parent) ? change(parent) : []),
      ]),
      ...planInserts(table, late, work),
    ];
  };
  return [
    ...parking.steps,
    ...first,
    ...tables.flatMap(insertInto),
    ...pairUp(work),
    ...tables.flatMap((table) =>
      updateRows(table, lateChanges, table.primaryKey, (state) => finalKey(state, work), computedOf(table)),
    ),
    ...[...rest].flatMap(change),
    ...readBack(work),
  ];
}

/** The key that a row has when the unit is done. */
function finalKey(state: InstanceState, work: WorkSet): Cell[] {
  return state.mapper.key.map((mapped) => keyCell(state, mapped, mapped.column, work));
}

/** Rows that change, by table. */
interface Changes {
  /** In which order they are written: where keys move, parents first. */
  readonly inOrder: readonly Table[];
  /** The tables with new values of what foreign keys refer to. */
  readonly moving: ReadonlySet<Table>;
  readonly change: (table: Table) => Step[];
}

function planChanges(parking: Parking, work: WorkSet): Changes {
  const changed = tablesOf(parking.changes.map(({ state }) => state));
  // By then their keys have followed those of their parents, which come first.
  const followed = followedCells(work.followers);
  const parkedNow = (state: InstanceState, columns: readonly MappedColumn[]): readonly Cell[] =>
    cellsNow(state, columns, parking.cells, followed);
  // The rows of a subclass have followed those of its base.
  const keysNow = (state: InstanceState, table: Table): readonly Cell[] =>
    table === state.mapper.root.table ? parkedNow(state, state.mapper.key) : finalKey(state, work);
  const moving = new Set([...changed].filter((table) => movesKeys(table, parking.changes)));
  const inOrder = moving.size > 0 ? topologicalGroups(changed, referredTables).flat() : [...changed];
  const change = (table: Table): Step[] => {
    const version = parking.changes.find(({ state }) => state.mapper.tables.includes(table))!.state.mapper.version;
    const match = version?.column.table === table ? [version] : [];
    const write = (changes: readonly Change[], computed: readonly MappedColumn[] = []): Step[] =>
      updateRows(
        table,
        changes,
        [...table.primaryKey, ...match.map(({ column }) => column)],
        (state) => [...keysNow(state, table), ...storedCells(state, match)],
        [...computedOf(table), ...computed.flatMap(({ column }) => (column.table === table ? [column] : []))],
        moving.has(table) ? followersOf(table, changes, parkedNow) : [],
      );
    const together = parking.changes.filter(({ computed }) => !computed);
    const alone = parking.changes.filter(({ computed }) => computed);
    return [...write(together), ...alone.flatMap((item) => write([item], item.computed))];
  };
  return { inOrder, moving, change };
}

/** Whether changed rows of a table have the keys of new rows. */
function refersToNew(table: Table, work: WorkSet): boolean {
  const isNew = ({ target }: LinkState): boolean => !!target && insertionOf(target, work) !== undefined;
  return work.changes.some(({ state }) => state.mapper.tables.includes(table) && state.links.some(isNew));
}

/** Reads what triggers may have made of the rows that are written. */
function readBack(work: WorkSet): Step[] {
  return [...writtenTables(work)].flatMap((table): Step[] => {
    const set = table.columns.filter(({ spec }) => spec.fetched);
    if (set.length === 0) return [];
    const written = [...work.insertions, ...work.changes].map(({ state }) => state);
    const states = written.filter(({ mapper }) => mapper.tables.includes(table));
    const rows = states.map((state) => finalKey(state, work));
    return [{ operation: { kind: 'read', table, match: table.primaryKey, set, rows }, states }];
  });
}

/** What the database computes anew for a row that changes. */
function computedOf(table: Table): TableColumn[] {
  return table.columns.filter(({ spec }) => spec.computed);
}

// ── new rows

type Late = InsertOrder['late'];

function planInserts(table: Table, late: Late, work: WorkSet): Step[] {
  const isRoot = work.mappers.some(({ root }) => root.table === table);
  // A row of a subclass is in several tables.
  const all = work.insertions.filter(
    isRoot ? (item) => item.table === table : ({ state }) => state.mapper.tables.includes(table),
  );
  const isUnkeyed = ({ state, cells }: Insertion): boolean =>
    isRoot && state.mapper.key.some((mapped) => cells[mapped.index] === undefined);
  const isMade = ({ ordinal }: Insertion): boolean => isRoot && ordinal > 0;
  const made = all.filter(isMade);
  const given = all.filter((item) => !isMade(item));
  const insert = (insertions: readonly Insertion[], keys?: MadeKeys): Step[] => {
    if (insertions.length === 0) return [];
    const mapped = mappedOf(table.columns);
    const rows = insertions.map((item) => cellsFor(table, mapped(item.state.mapper), item, late.get(item), work));
    const returning = table.columns.filter(
      ({ spec, index }) =>
        (spec.defaultSql !== undefined || spec.computed) && rows.some((row) => row[index] === undefined),
    );
    const states = insertions.map(({ state }) => state);
    return [insertRows(table, rows, states, { keys, ignoreExisting: false, returning })];
  };
  return [
    ...insert(given.filter((item) => !isUnkeyed(item))),
    // A key that only the database can make comes back from a statement of its own.
    ...given.filter(isUnkeyed).flatMap((item) => insert([item])),
    ...insert(made, { floor: floorOf(table, given, work), references: undefined }),
  ];
}

/** The cells of a new row, in the order of the table's columns. */
function cellsFor(
  table: Table,
  columns: readonly (MappedColumn | undefined)[],
  { state, cells }: Insertion,
  late: readonly MappedColumn[] | undefined,
  work: WorkSet,
): readonly Cell[] {
  // Mostly a row is that of one table.
  if (!late && cells.length === columns.length && columns.every((mapped, at) => mapped?.index === at)) return cells;
  const { mapper } = state;
  return table.columns.map((column, at) => {
    if (table !== mapper.root.table && column.spec.key) {
      return keyCell(state, mapper.key[table.primaryKey.indexOf(column)]!, column, work);
    }
    const mapped = columns[at];
    // NULL in a column of another class of the same table, and in a key that is set later.
    return column.spec.computed || (mapped && !late?.includes(mapped)) ? mapped && cells[mapped.index] : null;
  });
}

/** The highest key of the table that the unit gives, changes or deletes: the database makes none up to it. */
function floorOf(table: Table, given: readonly Insertion[], { changes, deletions, swept }: WorkSet): number | bigint {
  const rekeyed = changes.filter(({ state, cells }) => cells.has(state.mapper.key[0]!));
  let floor: number | bigint = 0;
  for (const state of [...[...given, ...rekeyed].map((item) => item.state), ...deletions, ...swept]) {
    const key = state.mapper.key[0]!;
    if (state.mapper.root.table !== table) continue;
    for (const value of [state.entity[key.attribute], state.row && storedValue(state, key)])
      if ((typeof value === 'number' || typeof value === 'bigint') && value > floor) floor = value;
  }
  return floor;
}

/** Rows of link tables, each pair once. */
function pairUp({ paired, ...work }: WorkSet): Step[] {
  return [...groupBy(paired, tableOf)].map(([table, pairs]) => {
    const rows = pairs.map((pair) => table.columns.map((column) => pairCell(pair, column, work)));
    return insertRows(table, rows, [], { keys: undefined, ignoreExisting: true, returning: [] });
  });
}

function pairCell({ relation, owner, target }: Pairing, column: TableColumn, work: Omit<WorkSet, 'paired'>): Cell {
  const { ownerColumns, targetColumns, ownerKey, targetKey } = relation.table!;
  const atOwner = ownerColumns.indexOf(column);
  if (atOwner >= 0) return keyCell(owner, ownerKey[atOwner]!, column, work);
  const atTarget = targetColumns.indexOf(column);
  // A link that is a model too may have columns of its own.
  if (atTarget >= 0) return keyCell(target, targetKey[atTarget]!, column, work);
  return cellOf(work.dialect.codec(column.type), column.spec.make?.());
}

// ── references

/** Notes at each insert where its keys are referred to, and what else is written meanwhile. */
function noteReferences(operations: readonly WriteOperation[]): void {
  const uses = new Map<Table, { readonly first: number; last: number }>();
  operations.forEach((operation, index) => {
    for (const table of keyedTables(operation)) {
      const use = uses.get(table);
      if (use) use.last = index;
      else uses.set(table, { first: index, last: index });
    }
  });
  operations.forEach((operation, index) => {
    const use = operation.kind === 'insert' && operation.keys && uses.get(operation.table);
    if (!use) return;
    const meanwhile = operations.slice(Math.min(use.first, index), Math.max(use.last, index));
    const tables = meanwhile.flatMap((item) => ('table' in item && item !== operation ? [item.table] : []));
    const references: KeyReferences = { early: use.first <= index, between: [...new Set(tables)], last: use.last };
    operation.keys.references = references;
  });
}

/** The tables whose new keys an operation refers to; each new row has its own, which is no reference. */
function keyedTables(operation: WriteOperation): Set<Table> {
  const tables = new Set<Table>();
  let last: Table | undefined;
  if (operation.kind !== 'insert' && operation.kind !== 'update' && operation.kind !== 'read') return tables;
  const own = operation.kind === 'insert' && operation.keys ? operation.set.indexOf(operation.table.generatedKey!) : -1;
  operation.rows.forEach((row) => {
    for (let at = 0; at < row.length; at++) {
      const cell = row[at];
      if (at !== own && cell instanceof KeyReference && cell.table !== last) tables.add((last = cell.table));
    }
  });
  return tables;
}
