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
export function columnType(column: ColumnSnapshot, table: TableSnapshot): ColumnSource {
  const { type } = column;
  const { strict } = table;
  // A column without a type takes anything, and gives it back.
  if (takesAnything(type, strict))
    return { code: `declared(text(), { sqlite: '${type === '' ? 'blob' : type}' })`, imports: ['declared', 'text'] };
  const stored = affinity(type);
  const isDate = stored === 'numeric' && DATES.test(type);
  const isBoolean = stored === 'numeric' && /bool/i.test(type);
  const [name, ddl] = isDate ? STORED.text : isBoolean ? (['boolean', 'integer'] as const) : STORED[stored];
  const isSame =
    strict || (isOwnKey(column, table) && ddl === 'integer') ? type.toLowerCase() === ddl : affinity(ddl) === stored;
  if (isSame) return { code: `${name}()`, imports: [name] };
  return {
    code: `declared(${name}(), { sqlite: ${JSON.stringify(type).replaceAll("'", "\\'").replaceAll(/^"|"$/g, "'")} })`,
    imports: ['declared', name],
  };
}

function takesAnything(type: string, strict = false): boolean {
  return type === '' || (strict && /^any$/i.test(type));
}

/** Whether a column is the sole key and not the number of the row, which one of another type than INTEGER is not. */
function isOwnKey({ name, identity }: ColumnSnapshot, { withoutRowid, primaryKey }: TableSnapshot): boolean {
  return !identity && !withoutRowid && primaryKey?.columns.join('\0') === name;
}
