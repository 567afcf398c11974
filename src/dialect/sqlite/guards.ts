import {
  guardTag,
  type CheckOperation,
  type InsertOperation,
  type UpdateOperation,
} from '../../compiler/write-plan.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { sqliteCodec } from './codecs.ts';
import { quote, quoteTable } from './quote.ts';
import { Parameters, RowSource } from './rows.ts';

/** A statement that fails, and takes the unit with it, when `text` is not NULL: no path of JSON begins so. */
function raise(text: string): string {
  return `select json_extract('{}', ${text})`;
}

interface Guard {
  readonly sql: string;
  readonly params: Parameters['values'];
}

/** The highest key that a column of type integer holds exactly in memory. */
const HIGHEST_INTEGER = Number.MAX_SAFE_INTEGER;

/**
 * After an INSERT: fails unless it inserted as many rows as it was given, and where the database made their keys, unless
 * memory can hold those, and, where the unit refers to them, unless they are the highest of the table.
 */
export function insertGuard(operation: InsertOperation, index: number, rows: number): Guard {
  const parameters = new Parameters();
  const key = operation.firstOrdinal === undefined ? undefined : operation.table.generatedKey!;
  let cases = `when changes() <> ${parameters.add(rows)} then '${guardTag('rows', index)}'`;
  if (key?.type.kind === 'integer') {
    cases += ` when last_insert_rowid() > ${HIGHEST_INTEGER} then '${guardTag('range', index)}'`;
  }
  if (key && operation.references) {
    const highest = `(select max(${quote(key.name)}) from ${quoteTable(operation.table)})`;
    cases += ` when ${highest} is not last_insert_rowid() then '${guardTag('keys', index)}'`;
  }
  return { sql: raise(`case ${cases} end`), params: parameters.values };
}

/**
 * Fails when one of the tables has a trigger, which might make keys that the unit does not know of.
 *
 * @param tables undefined for any table.
 */
export function triggersGuard(tables: ReadonlySet<Table> | undefined): Guard {
  const names = tables && JSON.stringify(Array.from(tables, ({ name }) => lowerCase(name)));
  const among = names ? ' and lower(tbl_name) in (select value from json_each(?1))' : '';
  const found = `exists (select 1 from sqlite_master where type = 'trigger'${among})`;
  return { sql: raise(`case when ${found} then '${guardTag('triggers', 0)}' end`), params: names ? [names] : [] };
}

/** As SQLite has it: letters of ASCII alone have a lower case. */
function lowerCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** After an UPDATE: fails unless it changed as many rows as it was given, and names those that are gone. */
export function updateGuard(
  operation: UpdateOperation,
  index: number,
  rows: UpdateOperation['rows'],
  first: number,
): Guard {
  const parameters = new Parameters();
  const tag = guardTag('stale', index);
  if (rows.length === 1) {
    return { sql: raise(`case when changes() <> 1 then '${tag}${first}' end`), params: [] };
  }
  const count = parameters.add(rows.length);
  const keys = rows.map((row) => row.key);
  const missing = missingRows(operation.table, operation.key, keys, first, parameters);
  const text = missing ? `'${tag}' || coalesce(${missing}, '')` : `'${tag}'`;
  return { sql: raise(`case when changes() <> ${count} then ${text} end`), params: parameters.values };
}

type Expected = Pick<CheckOperation, 'table' | 'key' | 'version'>;

/**
 * Before several rows are written: fails, and names the rows, when one is not there in the version that was read.
 * Afterwards, a row that another has brought to the next version would look like one's own.
 */
export function presenceGuard(
  operation: Expected,
  index: number,
  rows: CheckOperation['rows'],
  first: number,
): Guard | undefined {
  const parameters = new Parameters();
  const { key, version } = operation;
  const columns = version ? [...key, version] : key;
  const cells = rows.map((row) => (version ? [...row.key, row.version] : row.key));
  const missing = missingRows(operation.table, columns, cells, first, parameters);
  if (!missing) return undefined;
  return { sql: raise(`'${guardTag('stale', index)}' || ${missing}`), params: parameters.values };
}

/** The same for one row, whatever its key is made of. */
export function rowGuard(operation: Expected, index: number, row: CheckOperation['rows'][number], at: number): Guard {
  const parameters = new Parameters();
  const { key, version } = operation;
  const columns = version ? [...key, version] : key;
  const cells = version ? [...row.key, row.version] : row.key;
  const matches = columns.map((column, place) => {
    const cell = cells[place];
    return `${quote(column.name)} = ${parameters.add(cell === null ? null : sqliteCodec(column.type).encode(cell))}`;
  });
  const present = `exists (select 1 from ${quoteTable(operation.table)} where ${matches.join(' and ')})`;
  return {
    sql: raise(`case when not ${present} then '${guardTag('stale', index)}${at}' end`),
    params: parameters.values,
  };
}

/** SQL for the positions of the rows that are not in the table, joined by commas; NULL when all are. */
function missingRows(
  table: Table,
  columns: readonly TableColumn[],
  cells: readonly (readonly unknown[])[],
  first: number,
  parameters: Parameters,
): string | undefined {
  const source = new RowSource(columns, cells, 0);
  if (!source.json) return undefined;
  const json = parameters.add(source.toJson(cells, () => []));
  const matches = columns.map((column, at) => {
    const cell = source.read(
      at,
      (slot) => `r.value ->> ${slot}`,
      () => '',
    );
    return `t.${quote(column.name)} = ${cell}`;
  });
  const from = parameters.add(first);
  return (
    `(select group_concat(cast(${from} + r.key as integer)) from json_each(${json}) as r` +
    ` where not exists (select 1 from ${quoteTable(table)} as t where ${matches.join(' and ')}))`
  );
}
