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

/** Tables that are written while the keys of an insert are still to be referred to. */
export interface Exposure {
  readonly operation: number;
  readonly table: Table;
  readonly writers: readonly Table[];
}

/** What may stand around a name in the text of a trigger; and, to halve the longest run of spaces each time, two of them. */
const AROUND = ['"', "'", '`', '[', ']', '(', ')', ',', ';', '.', '=', '\n', '\r', '\t'];
const SPACES = ['  ', '  ', '  ', '  ', '  ', '  ', '  '];

/**
 * Fails when a trigger of one of the writers, or one that it sets off in turn, may add a key to the table, take one away or
 * change one. What a trigger does is read out of its text: any name in it counts as written, but the table itself only
 * where a statement of the trigger writes it.
 */
export function triggersGuard(exposures: readonly Exposure[]): Guard {
  const given = exposures.map(({ operation, table, writers }) => [
    operation,
    spaced(table.name),
    spaced(table.generatedKey!.name),
    writers.map((writer) => lowerCase(writer.name)),
  ]);
  const steps = [...AROUND, ...SPACES];
  const sql =
    // The text of each trigger in lower case, with one space before and after each word.
    `with recursive cleaned(owner, text, odd, step) as (select lower(tbl_name), ' ' || lower(sql) || ' ',` +
    ` instr(sql, '/*') + instr(sql, '--') + instr(lower(sql), 'update or'), 0 from sqlite_master where type = 'trigger'` +
    ` union all select owner, replace(text, ?2 ->> step, ' '), odd, step + 1 from cleaned where step < ${steps.length}),` +
    ` program(owner, text, odd) as (select owner, text, odd from cleaned where step = ${steps.length}),` +
    // The tables whose triggers may run, beside the table whose keys are at stake.
    ` reached(operation, own, key, name) as (select e.value ->> 0, e.value ->> 1, e.value ->> 2, w.value` +
    ` from json_each(?1) as e, json_each(e.value -> 3) as w` +
    ` union select operation, own, key, lower(m.name) from reached join program on owner = reached.name` +
    ` join sqlite_master as m on m.type in ('table', 'view')` +
    ` where instr(text, ' ' || lower(m.name) || ' ') or m.name glob '*[^a-zA-Z0-9_]*')` +
    ` select 'cinnabar:keys:' || operation || ':' from reached join program on owner = name` +
    ` where instr(text, ' into ' || own || ' ') or instr(text, ' delete from ' || own || ' ')` +
    ` or instr(text, ' update ' || own || ' set ' || key || ' ') or (odd and instr(text, ' ' || own || ' ')) limit 1`;
  return { sql: raise(`(${sql})`), params: [JSON.stringify(given), JSON.stringify(steps)] };
}

function lowerCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** A name as it stands in a cleaned text. */
function spaced(name: string): string {
  const words = AROUND.reduce((text, mark) => text.replaceAll(mark, ' '), lowerCase(name));
  return words.replaceAll(/ +/g, ' ').trim();
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
