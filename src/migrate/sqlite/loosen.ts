import type { SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { qualified, quote } from '../text/quote.ts';
import { mentions } from '../text/tokens.ts';
import { affinity } from './affinity.ts';
import { refersTo } from './closure.ts';

/**
 * Sets the rows of a cycle apart before they are deleted, since none of its tables can be emptied before the others: else
 * to delete a row would go on to the next, and a chain of a thousand is more than SQLite follows; or its action would be
 * to store NULL where the column takes none. Their checks are put off, and over once the rows that refer are deleted.
 */
export function loosened(group: readonly TableSnapshot[], schema: SchemaSnapshot): string[] {
  return group.flatMap((table) =>
    table.foreignKeys.flatMap((key) => {
      if (!group.some((other) => refersTo(key.target, other))) return [];
      const free = key.columns.filter((name) => canChange(table, name, schema));
      const column = free.find((name) => isNullable(table, name)) ?? free[0];
      return column === undefined ? [] : [apart(table, column)];
    }),
  );
}

function apart(table: TableSnapshot, name: string): string {
  const column = quote(name);
  const value = isNullable(table, name) ? 'null' : otherValue(column, typeOf(table, name));
  return `update ${qualified(table)} set ${column} = ${value} where ${column} is not null`;
}

/** A value that no row is referred to by, and unlike that of every other row whose value was unlike. */
function otherValue(column: string, type: string): string {
  const own = affinity(type);
  if (own === 'text') return `'cinnabar ' || ${column}`;
  if (own === 'blob') return `cast('cinnabar ' || ${column} as blob)`;
  return own === 'real' ? `-1e300 / (1 + abs(${column}))` : `${column} - 4611686018427387904`;
}

function typeOf(table: TableSnapshot, name: string): string {
  return table.columns.find((column) => column.name === name)!.type;
}

function isNullable(table: TableSnapshot, name: string): boolean {
  return table.columns.some((column) => column.name === name && column.nullable);
}

/** Whether a column may have any value for a while: no other depends on it. */
function canChange(table: TableSnapshot, name: string, schema: SchemaSnapshot): boolean {
  const isKey = table.primaryKey?.columns.includes(name);
  const isComputed = table.columns.some((column) => column.name === name && column.generated);
  const isReferred = schema.tables.some((other) =>
    other.foreignKeys.some((key) => refersTo(key.target, table) && key.references.includes(name)),
  );
  return !isKey && !isComputed && !isReferred && !table.checks.some(({ expression }) => mentions(expression, name));
}
