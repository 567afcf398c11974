import type { ColumnSnapshot, KeySnapshot, TableSnapshot } from '../snapshot.ts';

/** What SQLite makes of a table: a sole INTEGER key is the number of the row, however it was declared. */
export function settled(table: TableSnapshot): TableSnapshot {
  const { primaryKey, withoutRowid } = table;
  const keys = primaryKey?.columns ?? [];
  const columns = table.columns.map((column): ColumnSnapshot => {
    const plain = withoutBinary(column);
    if (!keys.includes(column.name)) return plain;
    if (withoutRowid) return { ...plain, nullable: false };
    if (keys.length > 1 || column.type.toLowerCase() !== 'integer') return plain;
    return { ...plain, nullable: false, identity: column.identity ?? 'default' };
  });
  return {
    ...table,
    columns,
    ...(primaryKey && { primaryKey: withoutAbort(primaryKey) }),
    uniques: table.uniques.map(withoutAbort),
    checks: table.checks.map(withoutAbort),
    indexes: table.indexes.map((index) => ({ ...index, on: index.on.map(withoutBinary) })),
  };
}

/** The collation that a column has anyway. */
function withoutBinary<T extends { readonly collation?: string }>(item: T): T {
  if (item.collation?.toLowerCase() !== 'binary') return item;
  const { collation: _, ...rest } = item;
  return rest as T;
}

/** What a constraint does anyway. */
function withoutAbort<T extends { readonly onConflict?: string } | KeySnapshot>(item: T): T {
  if (item.onConflict !== 'abort') return item;
  const { onConflict: _, ...rest } = item;
  return rest as T;
}
