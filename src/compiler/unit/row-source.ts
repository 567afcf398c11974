import type { Table } from '../../schema/table.ts';
import { integerType } from '../../types/scalar.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { Codec, Dialect, ListSource } from '../dialect.ts';
import type { Limits, WireValue } from '../statement.ts';
import { KeyReference, SqlCell, UNCHANGED, type Cell } from '../write-plan.ts';
import type { UnitStatement } from './unit-statement.ts';

export type Cells = readonly Cell[];

/** Rows as one statement reads them. */
export interface BoundRows {
  /** A FROM clause that reads them; empty where there is one row, whose cells stand in the statement itself. */
  readonly from: string;
  /** SQL of a cell. */
  cell(column: number): string;
}

/** What travels for a column: its values, or its references to keys of `table`; for a column that has both, one of each. */
interface Slot {
  readonly column: number;
  readonly codec: Codec;
  readonly table: Table | undefined;
}

/** Rows of cells that travel as parameters: one text where the dialect can, else a VALUES list. */
export class RowSource {
  readonly #types: readonly SqlType[];
  readonly #rows: readonly Cells[];
  readonly #slots: readonly Slot[];
  readonly #list: ListSource | undefined;
  /** The rows as texts of the list. */
  readonly #texts: readonly string[] | undefined;

  /** @param limits undefined where the rows travel as a text if they can. */
  constructor(types: readonly SqlType[], rows: readonly Cells[], dialect: Dialect, limits?: Limits) {
    this.#types = types;
    this.#rows = rows;
    this.#slots = types.flatMap((type, column) => slotsOf(type, column, rows, dialect));
    // One row needs no list.
    const list =
      rows.length > 1 && !limits?.rowParameters ? dialect.list(this.#slots.map(({ codec }) => codec)) : undefined;
    this.#list = list;
    this.#texts = list && rows.map((row) => list.row(this.#values(row)));
  }

  /** How many rows each statement takes. A few sizes only, so that few texts are made. */
  sizes(limits: Limits): number[] {
    return this.#texts ? sizesByLength(this.#texts) : sizesByCount(this.#rows.length, this.#most(limits));
  }

  /**
   * Some of the rows, as the statement reads them; what it binds later must not stand before them.
   *
   * @param latest the table that the last row was inserted into.
   */
  bind(statement: UnitStatement, start = 0, end: number = this.#rows.length, latest?: Table): BoundRows {
    const rows = this.#rows.slice(start, end);
    if (rows.length === 1) return this.#alone(rows[0]!, statement);
    const list = this.#list;
    const columns = this.#columns(statement, (at) => (list ? list.cell(at) : this.#typed(at)), latest);
    const from = list
      ? list.from(statement.add(list.encode(this.#texts!.slice(start, end))))
      : `(values ${this.#valuesList(rows, statement)})`;
    return { from: ` from (select ${columns.join(', ')} from ${from}) as r`, cell: (column) => `r.c${column}` };
  }

  /** SQL for each column of cells, by what travels for it. */
  #columns(statement: UnitStatement, read: (slot: number) => string, latest: Table | undefined): string[] {
    const columns: string[] = [];
    this.#slots.forEach(({ column, table }, at) => {
      const before = columns[column];
      // Behind a value of its own, the first row may not ask for the key, and the next would find that row to be the last.
      const isLatest = table === latest && before === undefined;
      const value = table ? statement.key(table, read(at), isLatest) : read(at);
      columns[column] = before === undefined ? value : `coalesce(${before}, ${value})`;
    });
    return columns.map((value, column) => `${value} as c${column}`);
  }

  #alone(row: Cells, statement: UnitStatement): BoundRows {
    const cell = (column: number): string => {
      const value = row[column];
      if (value instanceof KeyReference) return statement.key(value.table, statement.bind(value.ordinal, integerType));
      if (value instanceof SqlCell) return value.text(statement.params, statement.dialect);
      const type = this.#types[column]!;
      return statement.cell(plainOf(value), type);
    };
    return { from: '', cell };
  }

  #values(row: Cells): WireValue[] {
    return this.#slots.map((slot) => valueOf(row, slot));
  }

  #valuesList(rows: readonly Cells[], statement: UnitStatement): string {
    const { params, dialect } = statement;
    const first = params.length + 1;
    statement.typed = true;
    for (const row of rows) for (const slot of this.#slots) params.push(valueOf(row, slot));
    return dialect.placeholders(first, rows.length, this.#slots.length);
  }

  /** A column of VALUES with its type: drivers may bind a whole number as a double. */
  #typed(at: number): string {
    const name = `column${at + 1}`;
    return this.#slots[at]!.codec.bind?.(name) ?? name;
  }

  /** Rows that fit a statement with their parameters, and those that it has beside them. */
  #most(limits: Limits): number {
    const beside = 4 + this.#slots.filter(({ table }) => table).length;
    const most = Math.min(limits.parameters, limits.rowParameters ?? 1000);
    return Math.floor((most - beside) / this.#slots.length);
  }
}

function slotsOf(type: SqlType, column: number, rows: readonly Cells[], dialect: Dialect): Slot[] {
  let table: Table | undefined;
  let isPlain = false;
  rows.forEach((row) => {
    const cell = row[column];
    if (cell instanceof KeyReference) table ??= cell.table;
    else isPlain ||= cell !== UNCHANGED;
  });
  const plain: Slot = { column, codec: dialect.codec(type), table: undefined };
  if (!table) return [plain];
  const reference: Slot = { column, codec: dialect.codec(integerType), table };
  return isPlain ? [plain, reference] : [reference];
}

function valueOf(row: Cells, { column, table }: Slot): WireValue {
  const cell = row[column];
  if (table) return cell instanceof KeyReference ? cell.ordinal : null;
  return plainOf(cell);
}

function plainOf(cell: Cell): WireValue {
  return cell === undefined || cell === UNCHANGED || cell instanceof KeyReference ? null : (cell as WireValue);
}

/** UTF-8 takes at most three bytes for each unit of a string: below every limit known (D1: 2 MB). */
const CHUNK_UNITS = 400_000;

function sizesByLength(texts: readonly string[]): number[] {
  const sizes: number[] = [];
  let room = 0;
  for (const { length } of texts) {
    if (length > room) {
      sizes.push(0);
      room = CHUNK_UNITS;
    }
    sizes[sizes.length - 1]!++;
    room -= length;
  }
  return sizes;
}

function sizesByCount(rows: number, most: number): number[] {
  const sizes: number[] = [];
  let left = rows;
  for (let size = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(most, 1)))); size >= 1; size /= 2) {
    // The few come first: that statement finds the keys of its table in another way than those after it.
    for (; left >= size; left -= size) sizes.unshift(size);
  }
  return sizes;
}
