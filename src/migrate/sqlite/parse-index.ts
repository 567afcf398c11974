import { defined } from '../names.ts';
import type { IndexSnapshot, IndexTerm, TableSnapshot, ViewSnapshot } from '../snapshot.ts';
import { Cursor, parts } from '../text/cursor.ts';
import { isWord } from '../text/tokens.ts';
import { known } from './parse-table.ts';

/** An index from the text that SQLite keeps of it. */
export function parseIndex(name: string, sql: string, { columns }: TableSnapshot): IndexSnapshot {
  const cursor = new Cursor(sql);
  cursor.take('create');
  const unique = cursor.take('unique');
  cursor.until(({ text }) => text === '(');
  const on = parts(cursor.enclosed()).map((part) => term(part, columns));
  const where = cursor.take('where') ? cursor.rest() : undefined;
  return defined({ name, on, unique: unique ? (true as const) : undefined, where });
}

function term(part: string, columns: TableSnapshot['columns']): IndexTerm {
  const cursor = new Cursor(part);
  const text = cursor.until((token) => isWord(token, 'collate', 'asc', 'desc'));
  const collation = cursor.take('collate') ? cursor.name() : undefined;
  const descending = cursor.take('desc') ? (true as const) : undefined;
  const sole = new Cursor(text);
  const name = sole.name();
  const isColumn = sole.done && columns.some((of) => of.name.toLowerCase() === name.toLowerCase());
  const what = isColumn ? { column: known(columns, name) } : { expression: unwrapped(text) };
  return defined({ ...what, collation, descending });
}

/** An expression without the parentheses around the whole. */
function unwrapped(text: string): string {
  const cursor = new Cursor(text);
  if (cursor.peek()?.text !== '(') return text;
  const inner = cursor.enclosed();
  return cursor.done ? inner : text;
}

/** A view from the text that SQLite keeps of it. */
export function parseView(name: string, sql: string): ViewSnapshot {
  const cursor = new Cursor(sql);
  cursor.until((token) => isWord(token, 'view'));
  cursor.take('view');
  cursor.take('if', 'not', 'exists');
  cursor.name();
  if (cursor.take('.')) cursor.name();
  const columns =
    cursor.peek()?.text === '(' ? parts(cursor.enclosed()).map((part) => new Cursor(part).name()) : undefined;
  cursor.take('as');
  return defined({ name, columns, query: cursor.rest().replace(/;\s*$/, '') });
}
