import type { ColumnSource } from '../dialect.ts';
import { typeParts } from '../operations/type-change.ts';
import { isOfEnum } from './type-key.ts';
import type { ColumnSnapshot, EnumSnapshot, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';

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
  'inet': ['inet', true],
  'cidr': ['cidr', true],
};

/** Names that `customType` takes for numbers or bytes. */
const TAKEN = /int|bytea|real|floa|doub/i;
const AS_TEXT = /\[\]$|range$|point|interval/i;

/** What no column type is for is read and written as the text that the database makes of it. */
export function columnType(
  { type }: ColumnSnapshot,
  _table: TableSnapshot,
  { enums }: SchemaSnapshot,
  enumName: (of: EnumSnapshot) => string,
): ColumnSource {
  const { name, sizes, array } = typeParts(type);
  const known = enumSource(type, enums, enumName) ?? knownType(name, sizes);
  if (known && array === '') return known;
  if (known && array === '[]') return { code: `array(${known.code})`, imports: ['array', ...known.imports] };
  const [code] = (array === '' ? TYPES[name] : undefined) ?? [];
  return code === undefined && isText(type) ? asText(type) : otherName(code ?? 'text', type);
}

function otherName(code: string, type: string): ColumnSource {
  return { code: `declared(${code}(), { postgres: ${text(type)} })`, imports: ['declared', code] };
}

/** Whether `customType` takes the name for one of text. */
function isText(type: string): boolean {
  return (!TAKEN.test(type) || AS_TEXT.test(type)) && !type.includes('"');
}

function asText(type: string): ColumnSource {
  return {
    code: `customType<string>({ postgres: { ddl: ${text(type)}, encode: (value) => value, decode: (stored: string) => stored } })`,
    imports: ['customType'],
  };
}

/** Of a type of labels, or of an array of them. One without labels has no values to declare. */
function enumSource(
  type: string,
  enums: readonly EnumSnapshot[],
  enumName: (of: EnumSnapshot) => string,
): ColumnSource | undefined {
  const found = enums.find((of) => isOfEnum(of, type));
  return found && found.labels.length > 0 ? { code: `${enumName(found)}()`, imports: ['enumType'] } : undefined;
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
