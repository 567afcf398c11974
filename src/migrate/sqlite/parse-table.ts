import { defined } from '../names.ts';
import type { CheckSnapshot, ColumnSnapshot, ForeignKeySnapshot, KeySnapshot, TableSnapshot } from '../snapshot.ts';
import { Cursor, parts } from '../text/cursor.ts';
import { isWord, type Token } from '../text/tokens.ts';

/** A foreign key as it is written: without columns it refers to the primary key. */
export interface WrittenKey extends Omit<ForeignKeySnapshot, 'references'> {
  readonly references: readonly string[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What the text of a table says. */
interface Parsed {
  readonly columns: Mutable<ColumnSnapshot>[];
  primaryKey: KeySnapshot | undefined;
  readonly uniques: KeySnapshot[];
  readonly foreignKeys: WrittenKey[];
  readonly checks: CheckSnapshot[];
  strict: boolean;
  withoutRowid: boolean;
  /** Whether AUTOINCREMENT is written. */
  once: boolean;
  opaque: string | undefined;
}

const CONSTRAINT = [
  'constraint',
  'primary',
  'not',
  'null',
  'unique',
  'check',
  'default',
  'collate',
  'references',
  'generated',
  'as',
];
const TABLE_CONSTRAINT = ['constraint', 'primary', 'unique', 'check', 'foreign'];

/**
 * A table from the text that SQLite keeps of it, which alone knows the names of constraints, checks and what else no
 * pragma tells.
 */
export function parseTable(name: string, sql: string): TableSnapshot {
  const cursor = new Cursor(sql);
  const parsed: Parsed = {
    columns: [],
    primaryKey: undefined,
    uniques: [],
    foreignKeys: [],
    checks: [],
    strict: false,
    withoutRowid: false,
    once: false,
    opaque: undefined,
  };
  cursor.until(({ text }) => text === '(');
  if (cursor.done)
    return { name, columns: [], uniques: [], foreignKeys: [], checks: [], indexes: [], opaque: 'unread' };
  const body = new Cursor(cursor.enclosed());
  while (!body.done) {
    if (body.take(',')) continue;
    if (body.is(...TABLE_CONSTRAINT)) tableConstraint(body, parsed);
    else parseColumn(body, parsed);
  }
  const options = cursor.rest().toLowerCase();
  parsed.strict = /\bstrict\b/.test(options);
  parsed.withoutRowid = /\bwithout\s+rowid\b/.test(options);
  return finished(name, parsed);
}

function finished(name: string, parsed: Parsed): TableSnapshot {
  const { primaryKey, strict, withoutRowid, once, opaque, columns, uniques, foreignKeys, checks } = parsed;
  const named = <K extends { readonly columns: readonly string[] }>(key: K): K => ({
    ...key,
    columns: key.columns.map((of) => known(columns, of)),
  });
  const key = primaryKey && named(primaryKey);
  const [sole] = key?.columns ?? [];
  if (once) for (const column of columns) if (column.name === sole) column.identity = 'once';
  return defined({
    name,
    columns,
    primaryKey: key,
    uniques: uniques.map(named),
    foreignKeys: foreignKeys.map(named),
    checks,
    indexes: [],
    strict: strict ? (true as const) : undefined,
    withoutRowid: withoutRowid ? (true as const) : undefined,
    opaque,
  });
}

/** SQLite takes a name in any case: the one with which it was declared. */
export function known(columns: readonly { readonly name: string }[], name: string): string {
  const folded = name.toLowerCase();
  return (
    (columns.find((of) => of.name === name) ?? columns.find((of) => of.name.toLowerCase() === folded))?.name ?? name
  );
}

function parseColumn(cursor: Cursor, table: Parsed): void {
  const name = cursor.name();
  const ends = (token: Token): boolean => token.text === ',' || isWord(token, ...CONSTRAINT);
  const type = cursor.until(ends).replaceAll(/\s+/g, ' ');
  const made: Mutable<ColumnSnapshot> = { name, type, nullable: true };
  table.columns.push(made);
  while (!cursor.done && cursor.peek()!.text !== ',' && !startsTableConstraint(cursor))
    columnConstraint(cursor, made, table);
}

/** SQLite lets the comma before a constraint of the table be missing. */
function startsTableConstraint(cursor: Cursor): boolean {
  const at = cursor.is('constraint') ? 2 : 0;
  return (
    isWord(cursor.peek(at), 'foreign') ||
    (isWord(cursor.peek(at), 'unique') && cursor.peek(at + 1)?.text === '(') ||
    (isWord(cursor.peek(at), 'primary') && cursor.peek(at + 2)?.text === '(')
  );
}

function columnConstraint(cursor: Cursor, made: Mutable<ColumnSnapshot>, table: Parsed): void {
  const name = cursor.take('constraint') ? cursor.name() : undefined;
  const columns = [made.name];
  if (cursor.take('primary', 'key')) {
    if (cursor.take('desc')) table.opaque = 'a primary key in descending order';
    else cursor.take('asc');
    const onConflict = conflict(cursor);
    table.once ||= cursor.take('autoincrement');
    table.primaryKey = defined({ name, columns, onConflict });
  } else if (cursor.take('unique')) {
    table.uniques.push(defined({ name, columns, onConflict: conflict(cursor) }));
  } else if (cursor.is('check')) {
    check(cursor, name, table);
  } else if (cursor.is('references')) {
    table.foreignKeys.push(references(cursor, name, columns));
  } else if (!rule(cursor, made, table)) {
    computed(cursor, made, table);
  }
}

/** What a column says of its own values. */
function rule(cursor: Cursor, made: Mutable<ColumnSnapshot>, table: Parsed): boolean {
  if (cursor.take('not', 'null')) {
    made.nullable = false;
    if (conflict(cursor) !== undefined) table.opaque = 'NOT NULL with a conflict clause';
  } else if (cursor.take('null')) {
    conflict(cursor);
  } else if (cursor.take('default')) {
    made.default = initial(cursor);
  } else if (cursor.take('collate')) {
    made.collation = cursor.name();
  } else return false;
  return true;
}

function computed(cursor: Cursor, made: Mutable<ColumnSnapshot>, table: Parsed): void {
  cursor.take('generated', 'always');
  if (cursor.take('as')) {
    const expression = cursor.enclosed();
    const stored = cursor.take('stored');
    if (!stored) cursor.take('virtual');
    made.generated = { expression, stored };
    return;
  }
  table.opaque = 'a constraint that is unknown here';
  cursor.next();
}

/** The value after DEFAULT, without the parentheses around an expression. A bare name is text to SQLite. */
function initial(cursor: Cursor): string {
  const first = cursor.peek()!;
  if (first.text === '(') return cursor.enclosed();
  const { kind, text, value } = cursor.next();
  if (text === '-' || text === '+') return `${text}${cursor.next().text}`;
  const isText =
    kind === 'name' || (kind === 'word' && !/^(?:null|true|false|current_(?:time|date|timestamp))$/.test(value));
  return isText ? `'${(kind === 'word' ? text : value).replaceAll("'", "''")}'` : text;
}

function tableConstraint(cursor: Cursor, table: Parsed): void {
  const name = cursor.take('constraint') ? cursor.name() : undefined;
  if (cursor.take('primary', 'key')) {
    const columns = keyColumns(cursor, table);
    table.primaryKey = defined({ name, columns, onConflict: conflict(cursor) });
  } else if (cursor.take('unique')) {
    const columns = keyColumns(cursor, table);
    table.uniques.push(defined({ name, columns, onConflict: conflict(cursor) }));
  } else if (cursor.is('check')) {
    check(cursor, name, table);
  } else if (cursor.take('foreign', 'key')) {
    const columns = parts(cursor.enclosed()).map((part) => new Cursor(part).name());
    table.foreignKeys.push(references(cursor, name, columns));
  } else {
    table.opaque = 'a constraint that is unknown here';
    cursor.next();
  }
}

function keyColumns(cursor: Cursor, table: Parsed): string[] {
  return parts(cursor.enclosed()).map((part) => {
    const of = new Cursor(part);
    const name = of.name();
    of.take('asc');
    table.once ||= of.take('autoincrement');
    if (!of.done) table.opaque = 'a key with its own order or collation';
    return name;
  });
}

function check(cursor: Cursor, name: string | undefined, table: Parsed): void {
  cursor.take('check');
  const expression = cursor.enclosed();
  table.checks.push(defined({ name, expression, onConflict: conflict(cursor) }));
}

function conflict(cursor: Cursor): string | undefined {
  return cursor.take('on', 'conflict') ? cursor.name().toLowerCase() : undefined;
}

function references(cursor: Cursor, name: string | undefined, columns: readonly string[]): WrittenKey {
  cursor.take('references');
  const target = { name: cursor.name() };
  const written = cursor.peek()?.text === '(' ? parts(cursor.enclosed()).map((part) => new Cursor(part).name()) : [];
  const made: Mutable<WrittenKey> = { columns, target, references: written };
  if (name !== undefined) made.name = name;
  for (;;) {
    if (cursor.take('on', 'delete')) act(made, 'onDelete', cursor);
    else if (cursor.take('on', 'update')) act(made, 'onUpdate', cursor);
    else if (cursor.take('match')) cursor.name();
    else if (!deferrable(cursor, made)) return made;
  }
}

function deferrable(cursor: Cursor, made: Mutable<WrittenKey>): boolean {
  const not = cursor.take('not', 'deferrable');
  if (!not && !cursor.take('deferrable')) return false;
  const deferred = cursor.take('initially', 'deferred');
  if (!deferred) cursor.take('initially', 'immediate');
  if (!not) made.deferrable = deferred ? 'deferred' : 'immediate';
  return true;
}

function act(made: Mutable<WrittenKey>, option: 'onDelete' | 'onUpdate', cursor: Cursor): void {
  if (cursor.take('no', 'action')) return;
  if (cursor.take('set', 'null')) made[option] = 'set null';
  else if (cursor.take('set', 'default')) made[option] = 'set default';
  else made[option] = cursor.name().toLowerCase() as 'cascade';
}
