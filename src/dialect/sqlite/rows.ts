import type { Codec } from '../../compiler/dialect.ts';
import { KeyReference, UNCHANGED, type Cell } from '../../compiler/write-plan.ts';
import type { Limits, WireValue } from '../../compiler/statement.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { sqliteCodec } from './codecs.ts';

/** The parameters of one statement. */
export class Parameters {
  readonly values: WireValue[] = [];

  add(value: WireValue): string {
    this.values.push(value);
    return `?${this.values.length}`;
  }

  /** A whole number that stays one: drivers bind every number as a double. */
  integer(value: number): string {
    return `cast(${this.add(value)} as integer)`;
  }
}

/** SQL for the key before the first that the unit makes for `table`, less those already made. */
export type KeyBase = (table: Table, parameters: Parameters) => string;

/** A column of cells: where in a row of the source its values and its references to keys are. */
interface Slot {
  readonly column: TableColumn;
  readonly codec: Codec;
  readonly value: number | undefined;
  readonly reference: { readonly table: Table; readonly at: number } | undefined;
}

/** Rows of cells that arrive as parameters, and the SQL by which each cell is read. */
export class RowSource {
  readonly #slots: readonly Slot[];
  readonly #width: number;
  /** Whether JSON carries every cell exactly; else each is bound. */
  readonly json: boolean;
  /** Slots before the cells: whole numbers of the statement's own. */
  readonly #leading: number;

  /** @param leading how many whole numbers each row has before its cells. */
  constructor(columns: readonly TableColumn[], rows: readonly (readonly Cell[])[], leading: number) {
    this.#leading = leading;
    let width = leading;
    this.#slots = columns.map((column, index) => {
      const reference = rows.find((row) => row[index] instanceof KeyReference)?.[index] as KeyReference | undefined;
      const plain = !reference || rows.some((row) => !(row[index] instanceof KeyReference) && row[index] !== UNCHANGED);
      return {
        column,
        codec: sqliteCodec(column.type),
        value: plain ? width++ : undefined,
        reference: reference && { table: reference.table, at: width++ },
      };
    });
    this.#width = width;
    this.json = this.#slots.every(({ codec }) => codec.toJson !== undefined);
  }

  /** SQL of the cells of column `index`, where `cell` reads a slot. */
  read(index: number, cell: (slot: number) => string, base: (table: Table) => string): string {
    const { codec, value, reference } = this.#slots[index]!;
    const key = reference && `${base(reference.table)} + ${cell(reference.at)}`;
    if (value === undefined) return key!;
    const plain = this.json && codec.fromJson ? codec.fromJson(cell(value)) : cell(value);
    return key ? `coalesce(${plain}, ${key})` : plain;
  }

  /** The rows as one JSON text. */
  toJson(rows: readonly (readonly Cell[])[], leading: (row: number) => readonly number[]): string {
    return `[${rows.map((row, index) => this.#rowJson(row, leading(index))).join()}]`;
  }

  #rowJson(row: readonly Cell[], leading: readonly number[]): string {
    let tokens = leading.join();
    for (const [index, { codec, value, reference }] of this.#slots.entries()) {
      const cell = row[index];
      if (value !== undefined) tokens += `,${isAbsent(cell) ? 'null' : codec.toJson!(codec.encode(cell))}`;
      if (reference) tokens += `,${cell instanceof KeyReference ? cell.ordinal : 'null'}`;
    }
    return `[${leading.length === 0 ? tokens.slice(1) : tokens}]`;
  }

  /** The rows as a VALUES list, a parameter for each cell. */
  toValues(
    rows: readonly (readonly Cell[])[],
    leading: (row: number) => readonly number[],
    parameters: Parameters,
  ): string {
    return rows
      .map((row, index) => {
        const cells: WireValue[] = [...leading(index)];
        this.#slots.forEach(({ codec, value, reference }, at) => {
          const cell = row[at];
          if (value !== undefined) cells.push(isAbsent(cell) ? null : codec.encode(cell));
          if (reference) cells.push(cell instanceof KeyReference ? cell.ordinal : null);
        });
        return `(${cells.map((cell) => parameters.add(cell)).join(', ')})`;
      })
      .join(', ');
  }

  /** `from` for the rows and SQL that reads a slot of one. */
  from(
    rows: readonly (readonly Cell[])[],
    leading: (row: number) => readonly number[],
    parameters: Parameters,
  ): { readonly from: string; readonly cell: (slot: number) => string } {
    if (this.json) {
      return { from: `json_each(${parameters.add(this.toJson(rows, leading))})`, cell: (slot) => `value ->> ${slot}` };
    }
    // Drivers bind every number as a double, in which the sum with a large key would not be exact.
    const whole = new Set(this.#slots.map(({ reference }) => reference?.at));
    const cell = (slot: number): string =>
      slot < this.#leading || whole.has(slot) ? `cast(column${slot + 1} as integer)` : `column${slot + 1}`;
    return { from: `(values ${this.toValues(rows, leading, parameters)})`, cell };
  }

  /** Rows in pieces that each fit one statement. A few sizes only, so that few texts are made. */
  chunks<R>(rows: readonly R[], cellsOf: (row: R) => readonly Cell[], limits: Limits): R[][] {
    return this.json
      ? byBytes(rows, (row) => this.#sizeOf(cellsOf(row)))
      : byCount(rows, Math.floor((Math.min(limits.parameters, 1000) - this.#reserved) / this.#width));
  }

  #sizeOf(cells: readonly Cell[]): number {
    return cells.reduce<number>((size, cell, at) => size + sizeOf(cell, this.#slots[at]!.column), 8);
  }

  /** Parameters that a statement needs beside its rows: one for each reference's table, and a few of its own. */
  get #reserved(): number {
    return 4 + this.#slots.filter(({ reference }) => reference).length;
  }
}

/** Whether a cell's own slot has nothing to carry. */
function isAbsent(cell: Cell): boolean {
  return cell === null || cell === undefined || cell === UNCHANGED || cell instanceof KeyReference;
}

/** UTF-8 takes at most three bytes for each unit of a string: below every limit known (D1: 2 MB). */
const CHUNK_UNITS = 400_000;

function byBytes<R>(rows: readonly R[], sizeOfRow: (row: R) => number): R[][] {
  const chunks: R[][] = [];
  let room = 0;
  for (const row of rows) {
    const size = sizeOfRow(row);
    if (size > room || chunks.length === 0) {
      chunks.push([]);
      room = CHUNK_UNITS;
    }
    chunks[chunks.length - 1]!.push(row);
    room -= size;
  }
  return chunks;
}

function sizeOf(cell: Cell, column: TableColumn): number {
  if (typeof cell === 'string') return cell.length + 3;
  if (cell instanceof Uint8Array) return cell.length * 2 + 3;
  if (typeof cell !== 'object' || cell === null || cell instanceof Date) return 26;
  return cell instanceof KeyReference ? 8 : sizeOf(sqliteCodec(column.type).encode(cell), column);
}

function byCount<R>(rows: readonly R[], most: number): R[][] {
  const chunks: R[][] = [];
  let start = 0;
  for (let size = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(most, 1)))); size >= 1; size /= 2) {
    while (rows.length - start >= size) chunks.push(rows.slice(start, (start += size)));
  }
  return chunks;
}
