import type { PlannedStatement } from '../compiler/dialect.ts';
import {
  KeyReference,
  type InsertOperation,
  type UpdateOperation,
  type WriteOperation,
} from '../compiler/write-plan.ts';
import type { CallOptions, StatementResult } from '../driver/driver.ts';
import type { Table, TableColumn } from '../schema/table.ts';
import { List, within } from '../sql/expression.ts';
import type { SelectNode } from '../sql/nodes.ts';
import { selectNode } from '../sql/select.ts';
import { columnNode, tableSource } from '../sql/source.ts';
import type { EngineCore } from './engine.ts';
import type { LostUnit } from './receipt.ts';

/** The keys that the database made for new rows, by table, in the order of the rows. */
export type MadeKeys = ReadonlyMap<Table, readonly unknown[]>;

type Cells = readonly unknown[];

/** The answers to a unit that was stored, whose reply was lost: its keys are known, and its rows are read by them. */
export async function lostAnswers(
  engine: EngineCore,
  { plan, statements }: LostUnit,
  made: MadeKeys,
  options: CallOptions,
): Promise<readonly StatementResult[]> {
  const returned = [...new Set(statements.flatMap(({ operation }) => operation ?? []))];
  const reads = returned.map((index) => new LostRows(engine, plan.operations[index]!, made));
  const nodes = reads.flatMap((read) => read.node ?? []);
  const answers =
    nodes.length === 0
      ? []
      : (await engine.execute({ statements: nodes.map((node) => engine.prepare(node)), mode: 'read' }, options))
          .results;
  let next = 0;
  const rows = new Map(
    reads.map((read, at) => [returned[at]!, read.rows(read.node ? answers[next++]!.rows : [])] as const),
  );
  const taken = new Map<Table, number>();
  return statements.map((statement) => ({ rows: rowsOf(statement), changes: 0 }));

  function rowsOf({ operation, yields, lastKeyOf }: PlannedStatement): Cells[] {
    if (operation !== undefined) return rows.get(operation)!.splice(0, yields);
    if (!lastKeyOf) return [];
    const { table, rows: count } = lastKeyOf;
    const last = (taken.get(table) ?? 0) + count;
    taken.set(table, last);
    const { type } = table.generatedKey!;
    return [[engine.driver.dialect.codec(type).encode(made.get(table)![last - 1])]];
  }
}

/** What came back of the rows of one operation. */
class LostRows {
  /** Reads what is not known; undefined where that is nothing. */
  declare readonly node: SelectNode | undefined;
  readonly #keys: readonly Cells[];
  readonly #width: number;

  constructor({ driver: { dialect } }: EngineCore, operation: WriteOperation, made: MadeKeys) {
    const { table, returning, rows, match, set } = operation as InsertOperation | UpdateOperation;
    const columns = [...match, ...set];
    const key = table.primaryKey;
    const codecs = key.map((column) => dialect.codec(column.type));
    const raw = (row: Cells, column: TableColumn, at: number): unknown => {
      // Of a key that changes, the new one.
      const cell = row[columns.lastIndexOf(column)];
      if (!(cell instanceof KeyReference)) return cell;
      return codecs[at]!.encode(made.get(cell.table)![cell.ordinal - 1]);
    };
    this.#keys = rows.map((row) => key.map((column, at) => raw(row, column, at)));
    this.#width = returning.length;
    if (returning.length === 0) return;
    const values = this.#keys.map((cells) => cells.map((cell, at) => codecs[at]!.decode(cell)));
    const found = new List(
      values,
      key.map((column) => column.type),
    );
    this.node = selectNode(
      [...key, ...returning].map((column) => ({ name: column.attribute, expression: columnNode(column) })),
      [],
      { from: tableSource(table), where: [within(key.map(columnNode), found)] },
    );
  }

  /** The rows in the order of the operation; of one that is gone again, its key alone is known. */
  rows(read: readonly Cells[]): Cells[] {
    const width = this.#keys[0]?.length ?? 0;
    const byKey = new Map(read.map((row) => [row.slice(0, width).join('\u0000'), row]));
    return this.#keys.map(
      (cells) => byKey.get(cells.join('\u0000')) ?? [...cells, ...Array<null>(this.#width).fill(null)],
    );
  }
}
