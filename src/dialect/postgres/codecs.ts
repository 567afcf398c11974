import { strict } from '../../compiler/codec.ts';
import type { Codec } from '../../compiler/dialect.ts';
import type { WireValue } from '../../compiler/statement.ts';
import type { SqlType, TypeKind } from '../../types/sql-type.ts';
import { toHex } from '../../util/hex.ts';
import { toDoubles } from './documents.ts';
import { toUtc } from './instant.ts';
import { fromInterval, toInterval } from './interval.ts';
import { quote } from './quote.ts';

/**
 * A type of PostgreSQL: its name, and how its text becomes a value. Values travel as text both ways, and as the database
 * itself would write them: keys are compared by it.
 */
interface Form {
  readonly ddl: string;
  readonly format?: (value: unknown) => string;
  readonly parse?: (text: string) => unknown;
  /** Whether its text can stand in JSON as it is. */
  readonly number?: true;
}

const FORMS: Readonly<Record<Exclude<TypeKind, 'custom'>, (type: SqlType) => Form>> = {
  integer: () => ({ ddl: 'bigint', format: String, parse: toSafeInteger, number: true }),
  bigint: () => ({ ddl: 'bigint', format: String, parse: toBigInt, number: true }),
  text: () => ({ ddl: 'text' }),
  boolean: () => ({ ddl: 'boolean', format: (value) => (value ? 't' : 'f'), parse: toBoolean }),
  numeric: ({ precision, scale, format = String }) => ({
    ddl: `numeric(${precision}, ${scale})`,
    format,
    parse: toDecimal,
  }),
  double: () => ({ ddl: 'double precision', format: fromDouble, parse: toDouble }),
  timestamp: ({ format = String, parse = asIs }) => ({
    ddl: 'timestamptz',
    format: (value) => toEra(`${short(format(value).slice(0, -1))}+00`),
    parse: (text) => parse(toUtc(text)),
  }),
  plainDateTime: ({ format = String, parse = asIs }) => ({
    ddl: 'timestamp',
    format: (value) => toEra(short(format(value))),
    parse: (text) => parse(fromEra(text)),
  }),
  plainDate: () => ({ ddl: 'date', format: (value) => toEra(String(value)), parse: toDay }),
  plainTime: ({ format = String, parse = asIs }) => ({
    ddl: 'time',
    format: (value) => short(format(value)),
    parse,
  }),
  interval: ({ format = String, parse = asIs }) => ({
    ddl: 'interval',
    format: (value) => toInterval(format(value)),
    parse: (text) => parse(fromInterval(text)),
  }),
  uuid: ({ format = String }) => ({ ddl: 'uuid', format }),
  json: ({ format = JSON.stringify, parse = JSON.parse }) => ({
    ddl: 'jsonb',
    format,
    parse: (text) => {
      try {
        return parse(text);
      } catch {
        return parse(toDoubles(text));
      }
    },
  }),
  bytes: () => ({ ddl: 'bytea', format: (value) => `\\x${toHex(value as Uint8Array)}`, parse: toBytes }),
  enumeration: ({ parse, enum: of }) => ({
    ddl: of ? [...(of.schema === undefined ? [] : [of.schema]), of.name].map(quote).join('.') : 'text',
    ...(parse && { parse }),
  }),
};

const asIs = (text: string): unknown => text;

/** Without zeros at the end of a fraction. */
function short(text: string): string {
  return text.replace(/(?:\.0+|(\.\d*[1-9])0+)$/, '$1');
}

/** As PostgreSQL writes it, which has no year 0: it is the first before Christ. */
function toEra(text: string): string {
  const spaced = text.replace('T', ' ');
  return spaced.startsWith('0000-') ? `0001${spaced.slice(4)} BC` : spaced;
}

function fromEra(text: string): string {
  return text.endsWith(' BC') ? text.replace(/^0001(-.*) BC$/, '0000$1') : text;
}

/** A day within the years 0 to 9999, by no other DateStyle than ISO: of others one cannot tell what is the month. */
function toDay(text: string): string {
  const day = fromEra(text);
  return /^\d{4}-\d\d-\d\d$/.test(day) ? day : refuse();
}

function refuse(): never {
  throw new TypeError('of another type');
}

function toSafeInteger(text: string): number {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : refuse();
}

/** Of 64 bits: a sum, or a number of JSON, may have more. */
function toBigInt(text: string): bigint {
  const value = BigInt(text);
  return value === BigInt.asIntN(64, value) ? value : refuse();
}

/** It may also hold what is no number, or has no end. */
function toDecimal(text: string): string {
  return /\d/.test(text) ? text : refuse();
}

function toDouble(text: string): number {
  const value = Number(text);
  return Number.isFinite(value) ? value : refuse();
}

function toBoolean(text: string): boolean {
  return text === 't' || (text === 'f' ? false : refuse());
}

/** As PostgreSQL writes it, but for a few above 2^53, where it takes one digit more. */
function fromDouble(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  const [digits, exponent] = (value as number).toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 15) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function toBytes(text: string): Uint8Array {
  if (!text.startsWith('\\x')) return fromEscapes(text);
  return Uint8Array.from({ length: text.length / 2 - 1 }, (_, at) =>
    Number.parseInt(text.slice(2 + at * 2, 4 + at * 2), 16),
  );
}

/** As the setting bytea_output can have them: characters of ASCII as they are, others as octal digits. */
function fromEscapes(text: string): Uint8Array {
  const bytes = Array.from(text.matchAll(/\\(\\|[0-3][0-7]{2})|([ -~])|[^]/g), ([, escaped, plain]) => {
    if (escaped !== undefined) return escaped === '\\' ? 92 : Number.parseInt(escaped, 8);
    return plain === undefined || plain === '\\' ? refuse() : plain.charCodeAt(0);
  });
  return Uint8Array.from(bytes);
}

const made = new WeakMap<SqlType, Codec>();

/** How PostgreSQL stores a type. Every parameter says its type, so that no client guesses at one. */
export function postgresCodec(type: SqlType): Codec {
  let codec = made.get(type);
  if (!codec)
    made.set(type, (codec = type.codec ? ownCodec(type.codec(type, 'postgres', postgresCodec)) : formedCodec(type)));
  return codec;
}

function formedCodec(type: SqlType): Codec {
  const { ddl, format, parse, number } = FORMS[type.kind as Exclude<TypeKind, 'custom'>](type);
  return {
    ddl,
    plain: parse === undefined,
    encode: format ?? ((value) => value as WireValue),
    decode: parse ? strict(type.kind, (raw) => parse(raw as string)) : (raw) => raw,
    toJson: number ? String : JSON.stringify,
    ...casts(ddl),
  };
}

function ownCodec(codec: Codec): Codec {
  return { ...codec, ...casts(codec.ddl) };
}

function casts(ddl: string): Pick<Codec, 'bind' | 'fromJson'> {
  if (ddl === 'text') return { bind: (sql) => `${sql}::text`, fromJson: (sql) => sql };
  return {
    // A literal is read as of its type when the statement is, so that it may stand where all has to be immutable.
    bind: (sql) => (sql.startsWith("'") ? `${sql}::${ddl}` : `${sql}::text::${ddl}`),
    fromJson: (sql) => `(${sql})::${ddl}`,
  };
}
