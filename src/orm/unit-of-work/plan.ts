import {
  KeyReference,
  UNCHANGED,
  type Cell,
  type InsertOperation,
  type UpdateOperation,
  type WriteOperation,
} from '../../compiler/write-plan.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import type { MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { storedValue } from '../state/snapshot.ts';
import { cellOf, keyCell } from './cells.ts';
import { orderInserts, type InsertOrder } from './order.ts';
import { parkValues, refuseLostChildren, takesDeletedKey, type Parking } from './park.ts';
import { planDeletes, type DeletePlan } from './plan-deletes.ts';
import { groupByTable, type Change, type Insertion, type Pairing, type Pending, type WorkSet } from './work.ts';

/** A commit, in order, and whose rows its operations write. */
export interface CommitPlan {
  readonly operations: readonly WriteOperation[];
  /** The entities of each operation, in the order of its rows: for RETURNING, and to name one in an error. */
  readonly rows: ReadonlyMap<number, readonly InstanceState[]>;
}

/**
 * Puts the work in order: parked values, new rows (parents first), late keys, changes, deletions (children first). Pure:
 * neither the entities nor the database change.
 */
export function planCommit(work: WorkSet, pending: Pending): CommitPlan {
  const plan = new Planner(work, pending);
  plan.run();
  return plan;
}

class Planner implements CommitPlan {
  readonly operations: WriteOperation[] = [];
  readonly rows = new Map<number, readonly InstanceState[]>();
  readonly #work: WorkSet;
  readonly #pending: Pending;

  constructor(work: WorkSet, pending: Pending) {
    this.#work = work;
    this.#pending = pending;
  }

  #add(operation: WriteOperation, states: readonly InstanceState[] = []): void {
    if (states.length > 0) this.rows.set(this.operations.length, states);
    this.operations.push(operation);
  }

  run(): void {
    const order = orderInserts(this.#work.insertions);
    const deletes = planDeletes(this.#work, this.#pending);
    const deletesFirst = takesDeletedKey(this.#work, this.#pending);
    if (order.deferred || deletes.deferred || deletesFirst) this.#add({ kind: 'defer' });
    if (deletesFirst) {
      refuseLostChildren(this.#work, this.#pending);
      this.#addAll(deletes.operations);
      // What is gone holds no value that another could take.
      this.#write(order, parkValues({ ...this.#work, deletions: [], swept: new Set() }, this.#pending));
    } else {
      this.#write(order, parkValues(this.#work, this.#pending));
      this.#addAll(deletes.operations);
    }
    noteReferences(this.operations);
  }

  #addAll(planned: DeletePlan['operations']): void {
    for (const { operation, states } of planned) this.#add(operation, states);
  }

  /** Parked values, new rows, changes. */
  #write(order: InsertOrder, parking: Parking): void {
    this.#addAll(parking.operations);
    for (const table of order.tables) this.#insertInto(table, order.late);
    this.#pair();
    for (const table of order.tables) this.#setLate(table, order.late);
    const changed = new Set(parking.changes.flatMap(({ state }) => state.mapper.tables));
    for (const table of changed) this.#change(table, parking);
  }

  // ── new rows

  #insertInto(table: Table, late: ReadonlyMap<Insertion, readonly MappedColumn[]>): void {
    const all = [...this.#work.insertions.values()].filter(({ state }) => state.mapper.tables.includes(table));
    const isGenerated = ({ state, ordinal }: Insertion): boolean => ordinal > 0 && state.mapper.root.table === table;
    const isUnkeyed = ({ state, cells }: Insertion): boolean =>
      state.mapper.root.table === table && state.mapper.key.some((mapped) => cells[mapped.index] === undefined);
    const generated = all.filter(isGenerated).toSorted((left, right) => left.ordinal - right.ordinal);
    const given = all.filter((insertion) => !isGenerated(insertion));
    const keyed = given.filter((insertion) => !isUnkeyed(insertion));
    if (keyed.length > 0) this.#insert(table, keyed, undefined, late);
    // A key that only the database can make comes back from a statement of its own.
    for (const insertion of given.filter(isUnkeyed)) this.#insert(table, [insertion], undefined, late);
    if (generated.length > 0) this.#insert(table, generated, 1, late);
  }

  #insert(
    table: Table,
    insertions: readonly Insertion[],
    firstOrdinal: number | undefined,
    late: ReadonlyMap<Insertion, readonly MappedColumn[]>,
  ): void {
    const cells = insertions.map((insertion) => this.#cellsFor(table, insertion, late.get(insertion)));
    const used = table.columns.filter((column, at) => {
      if (firstOrdinal !== undefined && column === table.generatedKey) return false;
      return cells.some((row) => row[at] !== undefined);
    });
    const defaults = table.columns.filter(
      (column, at) => column.spec.defaultSql && cells.some((row) => row[at] === undefined),
    );
    const operation: InsertOperation = {
      kind: 'insert',
      table,
      columns: used,
      rows: cells.map((row) => used.map((column) => row[column.index])),
      firstOrdinal,
      floor: firstOrdinal === undefined ? 0 : this.#floor(table),
      references: undefined,
      ignoreExisting: false,
      returning: defaults,
    };
    this.#add(
      operation,
      insertions.map((insertion) => insertion.state),
    );
  }

  /** The cells of a new row, in the order of the table's columns. */
  #cellsFor(table: Table, { state, cells }: Insertion, late: readonly MappedColumn[] = []): Cell[] {
    const { mapper } = state;
    return table.columns.map((column) => {
      if (table !== mapper.root.table && column.spec.key) {
        return keyCell(state, mapper.key[table.primaryKey.indexOf(column)]!, this.#work);
      }
      const mapped = mapper.attributeOf(column);
      // A column of another class of the same table.
      if (!mapped) return null;
      return late.includes(mapped) ? null : cells[mapped.index];
    });
  }

  /** The highest key of the table that the unit gives, changes to or deletes: the database makes none up to it. */
  #floor(table: Table): number | bigint {
    let floor: number | bigint = 0;
    const raise = (key: unknown): void => {
      if ((typeof key === 'number' || typeof key === 'bigint') && key > floor) floor = key;
    };
    for (const { state, cells, ordinal } of this.#work.insertions.values()) {
      if (state.mapper.root.table === table && ordinal === 0) raise(cells[state.mapper.key[0]!.index]);
    }
    for (const { state, cells } of this.#work.changes) {
      if (state.mapper.root.table === table) raise(cells.get(state.mapper.key[0]!));
    }
    for (const state of [...this.#work.deletions, ...this.#work.swept]) {
      if (state.mapper.root.table === table) raise(this.#keyOf(state)[0]);
    }
    return floor;
  }

  #keyOf(state: InstanceState): readonly Cell[] {
    const codecs = state.mapper.codecs(this.#pending.dialect);
    return state.mapper.key.map((mapped) => storedValue(state, mapped, codecs));
  }

  /** Rows of link tables, each pair once. */
  #pair(): void {
    for (const [table, pairs] of groupByTable(this.#work.paired)) {
      const rows = pairs.map((pair) => this.#pairCells(pair, table.columns));
      const used = table.columns.filter((_, at) => rows.some((row) => row[at] !== undefined));
      this.#add({
        kind: 'insert',
        table,
        columns: used,
        rows: rows.map((row) => used.map((column) => row[column.index])),
        firstOrdinal: undefined,
        floor: 0,
        references: undefined,
        ignoreExisting: true,
        returning: [],
      });
    }
  }

  #pairCells({ relation, owner, target }: Pairing, columns: readonly TableColumn[]): Cell[] {
    const { ownerColumns, targetColumns, ownerKey, targetKey } = relation.table!;
    return columns.map((column) => {
      const atOwner = ownerColumns.indexOf(column);
      if (atOwner >= 0) return keyCell(owner, ownerKey[atOwner]!, this.#work);
      const atTarget = targetColumns.indexOf(column);
      // A link that is a model too may have columns of its own.
      return atTarget >= 0 ? keyCell(target, targetKey[atTarget]!, this.#work) : column.spec.make?.();
    });
  }

  /** Keys that a cycle put off. */
  #setLate(table: Table, late: ReadonlyMap<Insertion, readonly MappedColumn[]>): void {
    const rows = [...late].filter(([, columns]) => columns.some((mapped) => mapped.column.table === table));
    if (rows.length === 0) return;
    const set = table.columns.filter((column) =>
      rows.some(([, columns]) => columns.some((mapped) => mapped.column === column)),
    );
    this.#add(
      {
        kind: 'update',
        table,
        key: table.primaryKey,
        set,
        version: undefined,
        rows: rows.map(([{ state }, columns]) => ({
          key: state.mapper.key.map((mapped) => keyCell(state, mapped, this.#work)),
          values: set.map((column) => {
            const mapped = columns.find((item) => item.column === column);
            return mapped ? cellOf(state, mapped, this.#work) : UNCHANGED;
          }),
        })),
        returning: [],
      },
      rows.map(([{ state }]) => state),
    );
  }

  // ── changes

  #change(table: Table, parking: Parking): void {
    const inTable = (change: Change): boolean =>
      [...change.cells.keys()].some((mapped) => mapped.column.table === table);
    const changes = parking.changes.filter(inTable);
    const set = table.columns.filter((column) => changes.some(({ state, cells }) => hasColumn(cells, state, column)));
    const version = changes[0]?.state.mapper.version;
    const versioned = version?.column.table === table ? version : undefined;
    if (changes.length === 0) return;
    const rows: UpdateOperation['rows'] = changes.map(({ state, cells }) => ({
      key: parking.keys.get(state) ?? this.#keyOf(state),
      values: set.map((column) => {
        const mapped = state.mapper.attributeOf(column);
        return mapped && cells.has(mapped) ? cells.get(mapped) : UNCHANGED;
      }),
      ...(versioned ? { version: storedValue(state, versioned, state.mapper.codecs(this.#pending.dialect)) } : {}),
    }));
    this.#add(
      { kind: 'update', table, key: table.primaryKey, set, version: versioned?.column, rows, returning: [] },
      changes.map(({ state }) => state),
    );
  }
}

function hasColumn(cells: ReadonlyMap<MappedColumn, Cell>, state: InstanceState, column: TableColumn): boolean {
  const mapped = state.mapper.attributeOf(column);
  return mapped !== undefined && cells.has(mapped);
}

/** Notes at each insert where its keys are referred to, and what else is written meanwhile. */
function noteReferences(operations: WriteOperation[]): void {
  const uses = new Map<Table, { readonly first: number; last: number }>();
  operations.forEach((operation, index) => {
    if (operation.kind !== 'insert' && operation.kind !== 'update') return;
    for (const table of referredTables(operation)) {
      const use = uses.get(table);
      if (use) use.last = index;
      else uses.set(table, { first: index, last: index });
    }
  });
  operations.forEach((operation, index) => {
    const use = operation.kind === 'insert' && operation.firstOrdinal !== undefined && uses.get(operation.table);
    if (!use) return;
    const meanwhile = operations.slice(Math.min(use.first, index), Math.max(use.last, index));
    const tables = meanwhile.flatMap((item) => ('table' in item && item !== operation ? [item.table] : []));
    const references = { early: use.first <= index, between: [...new Set(tables)], last: use.last };
    operations[index] = { ...operation, references };
  });
}

function referredTables(operation: InsertOperation | UpdateOperation): Set<Table> {
  const tables = new Set<Table>();
  const look = (cell: Cell): void => {
    if (cell instanceof KeyReference) tables.add(cell.table);
  };
  if (operation.kind === 'insert') for (const row of operation.rows) row.forEach(look);
  else {
    for (const row of operation.rows) {
      row.key.forEach(look);
      row.values.forEach(look);
    }
  }
  return tables;
}
