import type { SqlType } from '../types/sql-type.ts';
import { Bind, ColumnNode, List, type Expression } from './expression.ts';
import type { InsertNode, Output } from './nodes.ts';
import { rowsSource } from './rows-source.ts';
import { selectNode } from './select.ts';
import { someExpression } from './tree.ts';

/** What the compiler tells of a database. */
export interface RowsDialect {
  codec(type: SqlType): { encode(value: unknown): unknown };
  list(codecs: readonly never[]): { row(values: readonly never[]): string } | undefined;
}
export interface RowsLimits {
  readonly parameters: number;
  readonly valueBytes: number;
}

/** More values than this go as one parameter, on every driver alike: it is what the smallest of them takes. */
const MOST_VALUES = 100;

/** A database looks for each numbered parameter among all that it has seen: many take it longer than many statements. */
const MOST_PARAMETERS = 1000;

/** Bytes of a character, at most: of a text that is no longer than this times its length. */
const UTF8 = 3;

type Row = readonly Expression[];

/** The text of a row where all are bound as one parameter; undefined where they are few, or not all are plain values. */
function rowText({ columns, rows }: InsertNode, dialect: RowsDialect): ((row: Row) => string) | undefined {
  if (rows.length * columns.length <= MOST_VALUES || !rows.every((row) => row.every((item) => item instanceof Bind)))
    return undefined;
  const codecs = columns.map((column) => dialect.codec(column.type));
  const list = dialect.list(codecs as never[]);
  const encoded = ({ value }: Bind, at: number): unknown => (value === null ? null : codecs[at]!.encode(value));
  return list && ((row) => list.row(row.map((item, at) => encoded(item as Bind, at)) as never[]));
}

/** The insert of many rows as one of a select from a single parameter, where their types allow. */
export function rowsAsParameter(node: InsertNode, dialect: RowsDialect): InsertNode {
  if (!rowText(node, dialect)) return node;
  const { columns, rows } = node;
  const values = rows.map((row) => row.map((item) => (item as Bind).value));
  const types = columns.map((column) => column.type);
  const names = columns.map((column) => column.name);
  const source = rowsSource('given', names, new List(values, types, true));
  const outputs = columns.map(({ name, type }): Output => ({ name, expression: new ColumnNode(source, name, type) }));
  return { ...node, rows: [], select: selectNode(outputs, [], { from: source }) };
}

/** An insert as as many as the database needs: within the size of a parameter, or the number of them. */
export function splitInsert(node: InsertNode, dialect: RowsDialect, limits: RowsLimits): InsertNode[] {
  const text = rowText(node, dialect);
  const limit = text ? limits.valueBytes : Math.min(limits.parameters, MOST_PARAMETERS);
  const sizeOf = (row: Row): number => (text ? text(row).length * UTF8 + 1 : valuesIn(row));
  const parts: Row[][] = [[]];
  let size = 0;
  for (const row of node.rows) {
    const own = sizeOf(row);
    size += own;
    if (size > limit && parts.at(-1)!.length > 0) {
      parts.push([]);
      size = own;
    }
    parts.at(-1)!.push(row);
  }
  return parts.length === 1 ? [node] : parts.map((part) => ({ ...node, rows: part }));
}

function valuesIn(row: Row): number {
  let count = 0;
  for (const item of row) {
    someExpression(item, (node) => {
      if (node instanceof Bind || node instanceof List) count++;
      return false;
    });
  }
  return count;
}
