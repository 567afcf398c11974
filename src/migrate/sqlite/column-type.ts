import type { ColumnSource } from '../dialect.ts';
import type { ColumnSnapshot, TableSnapshot } from '../snapshot.ts';
import { affinity } from './affinity.ts';

/** The type whose values are stored so, and the name that its DDL has. */
const STORED = {
  integer: ['integer', 'integer'],
  text: ['text', 'text'],
  real: ['double', 'real'],
  blob: ['bytes', 'blob'],
  numeric: ['double', 'real'],
} as const;

/** Names after which a column of numbers holds text of a date. */
const DATES = /date|time/i;

/** By the rules with which SQLite stores: `NVARCHAR(160)` is text. What stores otherwise keeps its name. */
export function columnType({ name: column, type, identity }: ColumnSnapshot, table: TableSnapshot): ColumnSource {
  const { strict, withoutRowid, primaryKey } = table;
  // A column without a type takes anything, and gives it back.
  if (type === '' || (strict && /^any$/i.test(type)))
    return { code: `declared(text(), { sqlite: '${type === '' ? 'blob' : type}' })`, imports: ['declared', 'text'] };
  const stored = affinity(type);
  const isDate = stored === 'numeric' && DATES.test(type);
  const isBoolean = stored === 'numeric' && /bool/i.test(type);
  const [name, ddl] = isDate ? STORED.text : isBoolean ? (['boolean', 'integer'] as const) : STORED[stored];
  // A sole key of another name than INTEGER is not the number of the row.
  const isOwnKey = !identity && !withoutRowid && primaryKey?.columns.join('\0') === column;
  const isExact = strict || (isOwnKey && ddl === 'integer');
  const isSame = isExact ? type.toLowerCase() === ddl : affinity(ddl) === stored;
  if (isSame) return { code: `${name}()`, imports: [name] };
  return {
    code: `declared(${name}(), { sqlite: ${JSON.stringify(type).replaceAll("'", "\\'").replaceAll(/^"|"$/g, "'")} })`,
    imports: ['declared', name],
  };
}
