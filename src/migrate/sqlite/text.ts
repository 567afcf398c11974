import { createTable as createTableText, indexTail, type TableText } from '../text/ddl.ts';
import type { IndexSnapshot, ObjectName, TableSnapshot, ViewSnapshot } from '../snapshot.ts';
import { qualified, quote, quoteAll } from '../text/quote.ts';

export const sqliteText: TableText = {
  identity: ({ identity }) => (identity === 'once' ? 'autoincrement' : ''),
  keyInColumn: true,
  // No foreign key leads to another database.
  target: (key) => quote(key.target.name),
  options: ({ strict, withoutRowid }) => {
    const options = [strict && 'strict', withoutRowid && 'without rowid'].filter(Boolean);
    return options.length > 0 ? ` ${options.join(', ')}` : '';
  },
};

export function createTable(table: TableSnapshot): string {
  return createTableText(table, sqliteText);
}

export function createIndex({ schema, name }: ObjectName, index: IndexSnapshot): string {
  const own = schema === undefined ? quote(index.name) : `${quote(schema)}.${quote(index.name)}`;
  return `create ${index.unique ? 'unique ' : ''}index ${own} on ${quote(name)} ${indexTail(index)}`;
}

export function createView(view: ViewSnapshot): string {
  const columns = view.columns ? ` (${quoteAll(view.columns)})` : '';
  return `create view ${qualified(view)}${columns} as ${view.query}`;
}
