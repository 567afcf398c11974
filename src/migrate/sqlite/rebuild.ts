import { ConfigurationError } from '../../errors/errors.ts';
import { keyOf, shown } from '../names.ts';
import type { ColumnSnapshot, KeySnapshot, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { literal, qualified, quote, quoteAll } from '../text/quote.ts';
import { closureOf } from './closure.ts';
import { compiles, differs, guard, keepsKeys, keepsTypes } from './guards.ts';
import { loosened } from './loosen.ts';
import { createIndex, createTable } from './text.ts';

/** A table before and after, and SQL over the columns as they were for each column whose value is not its default. */
export interface Rebuilt {
  readonly before: TableSnapshot;
  readonly after: TableSnapshot;
  readonly values: ReadonlyMap<string, string>;
}

/** A table whose rows move out of the way and back. */
interface Moved extends Rebuilt {
  readonly aside: string;
  /** A name by which the number that SQLite gives each row can be read, of both tables. */
  readonly rowid: string | undefined;
  readonly isNew: boolean;
}

/**
 * Makes tables anew, in one transaction, with foreign keys on: where they cannot be turned off (D1), to drop a table
 * deletes its rows first, with all that the actions of other tables' keys do then. So every row that refers to such a
 * table, directly or through others, is copied aside, deleted, and put back. No table is renamed, so that views and the
 * keys of others go on meaning what they say.
 */
export function rebuild(list: readonly Rebuilt[], schema: SchemaSnapshot): string[] {
  for (const { before } of list) assertKnown(before);
  const groups = closureOf(
    list.map(({ before }) => before),
    schema,
  );
  const moved = groups.flat().map((table, at) => movedTable(table, list, at));
  const made = moved.filter(({ isNew }) => isNew);
  const sequence = sequences(made);
  const triggers = moved.flatMap(({ before }) =>
    (before.triggers ?? []).map((trigger) => ({ ...trigger, of: before })),
  );
  return [
    'pragma defer_foreign_keys = on',
    ...triggers.map(({ name, of }) => `drop trigger ${qualified({ ...of, name })}`),
    ...moved.flatMap(putAside),
    ...sequence.before,
    ...groups.flatMap((group) => loosened(group, schema)),
    ...moved.toReversed().map(({ before }) => `delete from ${qualified(before)}`),
    ...(made.length > 1 ? made.toReversed().flatMap(stub) : []),
    // One after the other, since no table can go while the actions of another's keys lead to one that is gone.
    ...made.flatMap(({ before, after }) => [`drop table ${qualified(before)}`, createTable(after)]),
    ...moved.flatMap(putBack),
    ...sequence.after,
    ...triggers.map(({ sql }) => sql),
    ...moved.map((of) => guard(differs(of.aside, of.after), `rows of ${of.after.name} would be lost`)),
    ...made.flatMap(keepsTypes),
    ...moved.map(({ after }) => keepsKeys(after)),
    ...compiles(made, schema),
    ...moved.map(({ aside }) => `drop table ${aside}`),
  ];
}

/**
 * In place of a table, one that refers to none and has its keys, those that it had and those that it gets: whatever refers
 * to it goes on leading to a key, while tables that refer to each other change one after the other.
 */
function stub({ before, after }: Rebuilt): string[] {
  const keys = [before, after].flatMap(keysOf);
  const names = new Set(before.columns.map(({ name }) => name));
  const columns = [...before.columns, ...after.columns.filter(({ name }) => !names.has(name))].map(
    ({ name, type, collation }): ColumnSnapshot => ({ name, type, nullable: true, ...(collation && { collation }) }),
  );
  const { schema, name, primaryKey } = before;
  const table = { name, columns, uniques: keys, foreignKeys: [], checks: [], indexes: [] };
  return [
    `drop table ${qualified(before)}`,
    createTable({ ...table, ...(schema !== undefined && { schema }), ...(primaryKey && { primaryKey }) }),
  ];
}

/** What a foreign key may lead to. */
function keysOf({ primaryKey, uniques, indexes }: TableSnapshot): KeySnapshot[] {
  const others = indexes
    .filter(({ unique, where, on }) => unique && where === undefined && on.every(({ column }) => column !== undefined))
    .map(({ on }) => on.map(({ column }) => column!));
  const own = [...(primaryKey ? [primaryKey] : []), ...uniques].map(({ columns }) => columns);
  return [...own, ...others].map((columns) => ({ columns }));
}

function assertKnown({ opaque, schema, triggers = [], ...name }: TableSnapshot): void {
  if (opaque !== undefined)
    throw new ConfigurationError(
      `'${name.name}' has ${opaque}, so it cannot be made anew: write the statements of this step by hand`,
    );
  if (schema !== undefined && triggers.length > 0)
    throw new ConfigurationError(
      `'${shown({ schema, ...name })}' has triggers in an attached database, so it cannot be made anew: drop them first`,
    );
}

function movedTable(table: TableSnapshot, list: readonly Rebuilt[], at: number): Moved {
  const own = list.find(({ before }) => keyOf(before) === keyOf(table));
  const aside = qualified({ ...table, name: `_cinnabar_aside_${at + 1}` });
  if (own) return { ...own, aside, rowid: rowidOf(own.before, own.after), isNew: true };
  const values = new Map(table.columns.map(({ name }) => [name, quote(name)]));
  return { before: table, after: table, values, aside, rowid: rowidOf(table, table), isNew: false };
}

/** Rows without a key of their own keep their number, by which other tables may know them: those of full-text search do. */
function rowidOf(...tables: readonly TableSnapshot[]): string | undefined {
  if (tables.some((table) => table.withoutRowid || table.columns.some(({ identity }) => identity))) return undefined;
  const taken = new Set(tables.flatMap(({ columns }) => columns.map(({ name }) => name.toLowerCase())));
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
}

/** Columns without a type keep what they are given as it is. */
function putAside({ before, aside, rowid }: Moved): string[] {
  const columns = quoteAll(before.columns.map(({ name }) => name));
  const rows = rowid === undefined ? columns : `${rowid}, ${columns}`;
  return [
    `create table ${aside} (${columns})`,
    `insert into ${aside} (${rows}) select ${rows} from ${qualified(before)}`,
  ];
}

function putBack({ after, values, aside, rowid, isNew }: Moved): string[] {
  const written = after.columns.filter(({ name, generated }) => !generated && values.has(name)).map(({ name }) => name);
  const own = rowid === undefined ? [] : [rowid];
  const columns = [...own, ...written.map(quote)].join(', ');
  const cells = [...own, ...written.map((name) => values.get(name)!)].join(', ');
  return [
    // A statement is wanted also where the table has no column that was there before: its rows stay.
    written.length > 0 || rowid !== undefined
      ? `insert into ${qualified(after)} (${columns}) select ${cells} from ${aside}`
      : `insert into ${qualified(after)} (${firstColumn(after)}) select null from ${aside}`,
    ...(isNew ? after.indexes.map((index) => createIndex(after, index)) : []),
  ];
}

function firstColumn(table: TableSnapshot): string {
  return quote(table.columns.find(({ generated }) => !generated)!.name);
}

/** To drop a table forgets which keys it has given. */
function sequences(made: readonly Moved[]): { before: string[]; after: string[] } {
  const kept = made.filter(({ before, after }) =>
    [before, after].every((table) => table.columns.some(({ identity }) => identity === 'once')),
  );
  const places = kept.map(({ before, after, aside }) => ({
    aside: `${aside.slice(0, -1)}_sequence"`,
    all: qualified({ ...before, name: 'sqlite_sequence' }),
    was: literal(before.name),
    is: literal(after.name),
  }));
  return {
    before: places.map(({ aside, all, was }) => `create table ${aside} as select seq from ${all} where name = ${was}`),
    after: places.flatMap(({ aside, all, is }) => [
      `delete from ${all} where name = ${is}`,
      `insert into ${all} (name, seq) select ${is}, seq from ${aside}`,
      `drop table ${aside}`,
    ]),
  };
}
