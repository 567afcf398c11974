import { KeyReference, type Cell, type UpdateOperation } from '../../compiler/write-plan.ts';
import { CapabilityError } from '../../errors/errors.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { ColumnNode } from '../../sql/expression.ts';
import type { MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import type { Pending, WorkSet } from './work.ts';

/** Updates that move unique values out of the way, and the keys under which parked rows are found afterwards. */
export interface Parking {
  readonly operations: readonly UpdateOperation[];
  readonly keys: ReadonlyMap<InstanceState, readonly Cell[]>;
}

/**
 * Rows that hold a unique value which another row takes in the same unit give it up first. Deleting or updating first
 * would each fail on a legal case: a swap, a shift of positions, a value taken from a row that is deleted.
 */
export function parkValues(work: WorkSet, pending: Pending): Parking {
  const operations: UpdateOperation[] = [];
  const keys = new Map<InstanceState, readonly Cell[]>();
  const tables = new Set([
    ...[...work.insertions.keys()].flatMap((state) => state.mapper.tables),
    ...work.changes.flatMap(({ state }) => state.mapper.tables),
  ]);
  for (const table of tables) {
    for (const columns of uniquesOf(table)) {
      const holders = findHolders(columns, work, pending);
      if (holders.length === 0) continue;
      const column = parkable(columns);
      if (!column) throw cannotPark(table, columns);
      const values = holders.map(() => parkedValue(column));
      operations.push({
        kind: 'update',
        table,
        key: table.primaryKey,
        set: [column],
        version: undefined,
        rows: holders.map((state, at) => ({ key: keys.get(state) ?? keyOf(state, pending), values: [values[at]] })),
        returning: [],
      });
      if (column.spec.key)
        holders.forEach((state, at) => keys.set(state, replaced(keyOf(state, pending), table, column, values[at])));
    }
  }
  return { operations, keys };
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

/** The entities whose old values of the columns another entity takes. */
function findHolders(columns: readonly TableColumn[], work: WorkSet, pending: Pending): InstanceState[] {
  const movers = work.changes.filter(({ state, cells }) =>
    mappedColumns(state, columns)?.some((item) => cells.has(item)),
  );
  const leaving = [...movers.map(({ state }) => state), ...work.deletions].filter((state) =>
    mappedColumns(state, columns),
  );
  if (leaving.length === 0) return [];
  const taken = new Map<string, InstanceState>();
  for (const { state, cells } of work.insertions.values()) {
    const mapped = mappedColumns(state, columns);
    if (mapped)
      note(
        taken,
        state,
        mapped.map((item) => cells[item.index]),
        mapped,
        pending,
      );
  }
  for (const { state, cells } of movers) {
    const mapped = mappedColumns(state, columns)!;
    note(
      taken,
      state,
      mapped.map((item) => (cells.has(item) ? cells.get(item) : state.entity[item.attribute])),
      mapped,
      pending,
    );
  }
  return leaving.filter((state) => {
    const raws = mappedColumns(state, columns)!.map((item) => state.row![state.positions![item.index]!]);
    const taker = taken.get(JSON.stringify(raws.map(String)));
    return taker !== undefined && taker !== state;
  });
}

function mappedColumns(state: InstanceState, columns: readonly TableColumn[]): MappedColumn[] | undefined {
  const mapped = columns.map((column) => state.mapper.attributeOf(column));
  return mapped.every((item) => item !== undefined) ? mapped : undefined;
}

function note(
  taken: Map<string, InstanceState>,
  state: InstanceState,
  cells: readonly Cell[],
  mapped: readonly MappedColumn[],
  pending: Pending,
): void {
  // NULL is never a duplicate, and a key that the unit makes is new.
  if (cells.some((cell) => cell === null || cell === undefined || cell instanceof KeyReference)) return;
  const codecs = state.mapper.codecs(pending.dialect);
  taken.set(JSON.stringify(cells.map((cell, at) => String(codecs[mapped[at]!.index]!.encode(cell)))), state);
}

/** Of the columns, one that can hold a value no row has: nullable, or of a type with room. Foreign keys have none. */
function parkable(columns: readonly TableColumn[]): TableColumn | undefined {
  const nullable = columns.find((column) => column.nullable);
  const free = columns.filter((column) => !column.table.foreignKeys.some((key) => key.columns.includes(column)));
  return nullable ?? free.find((column) => ['integer', 'bigint', 'text', 'uuid', 'bytes'].includes(column.type.kind));
}

/** A value that no row has: NULL, a negative number or a random text. */
function parkedValue(column: TableColumn): Cell {
  if (column.nullable) return null;
  const random = crypto.getRandomValues(new Uint32Array(2));
  const number = -(2 ** 51) - (random[0]! * 2 ** 19 + (random[1]! >>> 13));
  switch (column.type.kind) {
    case 'integer':
      return number;
    case 'bigint':
      return BigInt(number);
    case 'bytes':
      return crypto.getRandomValues(new Uint8Array(24));
    default:
      return crypto.randomUUID();
  }
}

function keyOf(state: InstanceState, pending: Pending): readonly Cell[] {
  const { mapper } = state;
  const codecs = mapper.codecs(pending.dialect);
  return mapper.key.map((mapped) => codecs[mapped.index]!.decode(state.row![state.positions![mapped.index]!]));
}

function replaced(key: readonly Cell[], table: Table, column: TableColumn, value: Cell): readonly Cell[] {
  return key.map((cell, at) => (table.primaryKey[at] === column ? value : cell));
}

function cannotPark(table: Table, columns: readonly TableColumn[]): Error {
  const names = columns.map((column) => column.attribute).join(', ');
  return new CapabilityError(
    `${table.name}: a unique value of (${names}) moves between rows of one commit, and none of its columns can hold another meanwhile. Commit in two steps`,
    { table: table.name, attributes: columns.map((column) => column.attribute) },
  );
}
