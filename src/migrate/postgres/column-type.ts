import type { ColumnSource } from '../dialect.ts';
import { typeParts } from '../operations/type-change.ts';
import { shown } from '../names.ts';
import type { ColumnSnapshot, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';

/** The column type for each type of the database; with `true`, the DDL that it makes is that very type. */
const TYPES: Readonly<Record<string, readonly [code: string, isOwn: boolean]>> = {
  'bigint': ['integer', true],
  'integer': ['integer', false],
  'smallint': ['integer', false],
  'text': ['text', true],
  'character varying': ['text', false],
  'character': ['text', false],
  'boolean': ['boolean', true],
  'double precision': ['double', true],
  'real': ['double', false],
  'timestamp with time zone': ['timestamp', true],
  'timestamp without time zone': ['plainDateTime', true],
  'date': ['plainDate', true],
  'time without time zone': ['plainTime', true],
  'interval': ['interval', true],
  'uuid': ['uuid', true],
  'jsonb': ['json', true],
  'json': ['json', false],
  'bytea': ['bytes', true],
};

/** Names that `customType` takes for numbers, text or bytes. */
const TAKEN = /int|char|clob|text|blob|bytea|binary|real|floa|doub/i;

/** What no column type is for is read and written as the text that the database makes of it. */
export function columnType({ type }: ColumnSnapshot, _table: TableSnapshot, schema: SchemaSnapshot): ColumnSource {
  const { name, sizes, array } = typeParts(type);
  const known = array === '' ? knownType(name, sizes) : undefined;
  if (known) return known;
  const [code] = (array === '' ? TYPES[name] : undefined) ?? [];
  if (code !== undefined || TAKEN.test(type) || type.includes('"'))
    return {
      code: `declared(${code ?? 'text'}(), { postgres: ${text(type)} })`,
      imports: ['declared', code ?? 'text'],
    };
  const labels = schema.enums.find((of) => shown(of) === type)?.labels;
  const values = labels ? labels.map(text).join(' | ') : 'string';
  return {
    code: `customType<${values}>({ postgres: { ddl: ${text(type)}, encode: (value) => value, decode: (stored: ${values}) => stored } })`,
    imports: ['customType'],
  };
}

/** A column type whose DDL is that very type. */
function knownType(name: string, [precision, scale = 0]: readonly number[]): ColumnSource | undefined {
  if (name === 'numeric' && precision !== undefined && scale <= precision)
    return { code: `numeric(${precision}, ${scale})`, imports: ['numeric'] };
  const [code, isOwn] = TYPES[name] ?? [];
  return code !== undefined && isOwn && precision === undefined ? { code: `${code}()`, imports: [code] } : undefined;
}

/** A string of TypeScript. */
function text(value: string): string {
  return `'${JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'").replaceAll('\\"', '"')}'`;
}
