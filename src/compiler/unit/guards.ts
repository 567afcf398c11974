import { integerType } from '../../types/scalar.ts';
import { guardTag, type InsertOperation, type Rows } from '../write-plan.ts';
import { tableName } from '../render.ts';
import { RowSource, type Cells } from './row-source.ts';
import type { UnitKeys, UnitStatement } from './unit-statement.ts';

/** The highest key that a column of type integer holds exactly in memory. */
const HIGHEST_INTEGER = Number.MAX_SAFE_INTEGER;

/**
 * After an INSERT: fails unless it inserted as many rows as it was given, and where the database made their keys, unless
 * memory can hold those, and, where the unit refers to them, unless they are the expected ones.
 */
export function insertFailure(
  operation: InsertOperation,
  index: number,
  rows: number,
  unitKeys: UnitKeys,
  statement: UnitStatement,
): string {
  const { dialect } = statement;
  const { table, keys } = operation;
  const cases = [`${dialect.unit.changes} <> ${statement.add(rows)} then '${guardTag('rows', index)}'`];
  if (keys) {
    const key = table.generatedKey!;
    const lastKey = dialect.unit.lastKey(dialect.quote(key.name));
    if (key.type.kind === 'integer') cases.push(`${lastKey} > ${HIGHEST_INTEGER} then '${guardTag('range', index)}'`);
    const others = unitKeys.failure(operation, lastKey, dialect);
    if (others) cases.push(`${others} then '${guardTag('keys', index)}'`);
  }
  return `case ${cases.map((text) => `when ${text}`).join(' ')} end`;
}

/** After an UPDATE: fails unless it changed as many rows as it was given, and names those that are gone. */
export function updateFailure(
  operation: Rows,
  index: number,
  rows: readonly Cells[],
  first: number,
  statement: UnitStatement,
): string {
  const tag = guardTag('stale', index);
  const count = rows.length === 1 ? '1' : statement.add(rows.length);
  const gone =
    rows.length === 1 ? `'${tag}${first}'` : `'${tag}' || coalesce(${absent(operation, rows, first, statement)}, '')`;
  return `case when ${statement.dialect.unit.changes} <> ${count} then ${gone} end`;
}

/**
 * Before rows are written: fails, and names the rows, when one is not there in the version that was read. Afterwards, a
 * row that another has brought to the next version would look like one's own.
 */
export function absenceFailure(
  operation: Rows,
  index: number,
  rows: readonly Cells[],
  first: number,
  statement: UnitStatement,
): string {
  return `'${guardTag('stale', index)}' || ${absent(operation, rows, first, statement)}`;
}

/** SQL for the positions of the rows that are not in the table, joined by commas; NULL when all are. */
function absent({ table, match }: Rows, rows: readonly Cells[], first: number, statement: UnitStatement): string {
  const { dialect } = statement;
  const places = rows.map((row, at) => {
    const place = row.slice(0, match.length);
    place.push(first + at);
    return place;
  });
  const source = new RowSource([...match.map(({ type }) => type), integerType], places, dialect);
  const bound = source.bind(statement);
  const same = match.map((column, at) => `t.${dialect.quote(column.name)} = ${bound.cell(at)}`).join(' and ');
  const place = dialect.unit.join(bound.cell(match.length));
  return `(select ${place}${bound.from} where not exists (select 1 from ${tableName(table, dialect)} as t where ${same}))`;
}
