import {
  guardTag,
  type DeleteOperation,
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

/**
 * Fails unless the keys just made are the highest of the table, and the statement inserted as many rows as it was given.
 * Where others write before the keys are last referred to, also when one of their triggers inserts into the table.
 */
export function keysGuard(operation: InsertOperation, index: number, key: TableColumn, rows: number): Guard {
  const parameters = new Parameters();
  const table = quoteTable(operation.table);
  let wrong = `(select max(${quote(key.name)}) from ${table}) <> last_insert_rowid() or changes() <> ${parameters.add(rows)}`;
  const writers = operation.writtenBeforeLastReference;
  if (writers.length > 0) {
    const names = parameters.add(JSON.stringify(writers.map((writer) => writer.name)));
    const own = parameters.add(operation.table.name.toLowerCase());
    wrong +=
      ` or exists (select 1 from sqlite_master where type = 'trigger' and tbl_name in (select value from json_each(${names}))` +
      ` and instr(substr(lower(sql), instr(lower(sql), 'into')), ${own}) > 0)`;
  }
  return { sql: raise(`case when ${wrong} then '${guardTag('keys', index)}' end`), params: parameters.values };
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

/**
 * Before an UPDATE of several rows with a version: fails, and names the rows, when one is not there in the version that was
 * read. Afterwards, a row that another has brought to the next version would look like one's own.
 */
export function versionsGuard(
  operation: UpdateOperation | DeleteOperation,
  index: number,
  rows: DeleteOperation['rows'],
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

/** Before a DELETE: fails, and names the rows, when one is not there in the version that was read. */
export function deleteGuard(
  operation: DeleteOperation,
  index: number,
  rows: DeleteOperation['rows'],
  first: number,
): Guard {
  const several = rows.length > 1 ? versionsGuard(operation, index, rows, first) : undefined;
  if (several) return several;
  const parameters = new Parameters();
  const { key, version } = operation;
  const columns = version ? [...key, version] : key;
  const cells = rows.map((row) => (version ? [...row.key, row.version] : row.key));
  const tag = guardTag('stale', index);
  const matches = columns.map((column, at) => {
    const cell = cells[0]![at];
    return `${quote(column.name)} = ${parameters.add(cell === null ? null : sqliteCodec(column.type).encode(cell))}`;
  });
  const present = `exists (select 1 from ${quoteTable(operation.table)} where ${matches.join(' and ')})`;
  return { sql: raise(`case when not ${present} then '${tag}${first}' end`), params: parameters.values };
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
