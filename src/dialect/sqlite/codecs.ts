import type { Codec } from '../../compiler/dialect.ts';
import type { WireValue } from '../../compiler/statement.ts';
import type { CinnabarError } from '../../errors/base.ts';
import { InternalError, InvalidValueError } from '../../errors/errors.ts';
import { canonicalDecimal } from '../../types/scalar.ts';
import type { SqlType } from '../../types/sql-type.ts';

const same = (value: unknown): WireValue => value as WireValue;

const castToInteger = (sql: string): string => `cast(${sql} as integer)`;
const castToText = (sql: string): string => `cast(${sql} as text)`;

/** The error for what another program stored, or an expression made, and the type cannot be. Never shows it. */
function strange(type: string): CinnabarError {
  return new InvalidValueError(`a value that was read is no ${type}`);
}

/** A decoder that lets NULL through and says of the rest only that it is wrong. */
function strict(type: string, read: (raw: unknown) => unknown): (raw: unknown) => unknown {
  return (raw) => {
    if (raw === null) return null;
    try {
      return read(raw);
    } catch {
      throw strange(type);
    }
  };
}

const integer: Codec = {
  ddl: 'integer',
  plain: true,
  encode: same,
  decode: same,
  // A sum may be larger than its parts, and D1 rounds it.
  computed: strict('safe integer', (raw) => {
    if (Number.isSafeInteger(raw)) return raw;
    throw strange('safe integer');
  }),
  bind: castToInteger,
  toJson: String,
};

/** Drivers round or refuse integers above 2^53: they travel as text, both ways. */
const bigint: Codec = {
  ddl: 'integer',
  plain: false,
  encode: String,
  decode: strict('bigint', (raw) => BigInt(raw as string)),
  read: castToText,
  bind: castToInteger,
  toJson: String,
};

const text: Codec = { ddl: 'text', plain: true, encode: same, decode: same, toJson: JSON.stringify };

const boolean: Codec = {
  ddl: 'integer',
  plain: false,
  encode: (value) => (value ? 1 : 0),
  decode: strict('boolean', (raw) => {
    if (typeof raw === 'number') return raw !== 0;
    throw strange('boolean');
  }),
  bind: castToInteger,
  toJson: String,
};

/** JSON would change the last digit of some: always bound. */
const double: Codec = {
  ddl: 'real',
  plain: true,
  encode: same,
  decode: same,
  bind: (sql) => `cast(${sql} as real)`,
};

/** `YYYY-MM-DDTHH:MM:SS.sssZ`: sorts as it should, and reads in every tool. */
const timestamp: Codec = {
  ...text,
  plain: false,
  encode: (value) => (value as Date).toISOString(),
  decode: strict('timestamp', readInstant),
};

/** What SQLite itself makes (`2020-01-31 23:59:59`) is of UTC and does not say so: elsewhere it would be of the local zone. */
const ZONELESS = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/;

function readInstant(raw: unknown): Date {
  const said = raw as string;
  const isZoneless = typeof raw === 'string' && !raw.endsWith('Z') && ZONELESS.test(raw);
  const date = new Date(isZoneless ? `${said.replace(' ', 'T')}Z` : said);
  if (typeof raw === 'string' && !Number.isNaN(date.getTime())) return date;
  throw strange('timestamp');
}

const json: Codec = {
  ...text,
  plain: false,
  encode: (value) => JSON.stringify(value),
  decode: strict('JSON document', (raw) => {
    if (typeof raw === 'string') return JSON.parse(raw) as unknown;
    throw strange('JSON document');
  }),
};

const bytes: Codec = {
  ddl: 'blob',
  plain: false,
  encode: (value) => (value as Uint8Array).slice(),
  decode: strict('bytes', toBytes),
  toJson: (raw) => `"${toHex(raw as Uint8Array)}"`,
  fromJson: (sql) => `unhex(${sql})`,
};

/** Drivers of the family give a blob as `Uint8Array`, `ArrayBuffer` or an array of numbers. */
function toBytes(raw: unknown): Uint8Array {
  if (raw instanceof Uint8Array) return raw.slice();
  if (raw instanceof ArrayBuffer) return new Uint8Array(raw.slice(0));
  if (Array.isArray(raw)) return Uint8Array.from(raw as number[]);
  throw strange('bytes');
}

function toHex(data: Uint8Array): string {
  let hex = '';
  for (const byte of data) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

/** A decimal of up to 18 digits as a scaled 64-bit integer, so that order and sums are exact; a longer one as text. */
function numeric(precision: number, scale: number): Codec {
  if (precision > 18) {
    return { ...text, plain: false, unordered: true, encode: (value) => canonicalDecimal(value, scale), decode: same };
  }
  return {
    ...bigint,
    encode: (value) => String(BigInt(canonicalDecimal(value, scale).replace('.', ''))),
    decode: strict('decimal', (raw) => fromScaled(String(BigInt(raw as string)), scale)),
  };
}

function fromScaled(digits: string, scale: number): string {
  if (scale === 0) return digits;
  const sign = digits.startsWith('-') ? '-' : '';
  const padded = digits.slice(sign.length).padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

const CODECS: Partial<Record<SqlType['kind'], Codec>> = {
  integer,
  bigint,
  text,
  boolean,
  double,
  timestamp,
  json,
  bytes,
  plainDateTime: text,
  plainDate: text,
  plainTime: text,
  uuid: text,
  enumeration: text,
};

const made = new WeakMap<SqlType, Codec>();

/** How SQLite stores a type. */
export function sqliteCodec(type: SqlType): Codec {
  const fixed = CODECS[type.kind];
  if (fixed) return fixed;
  let codec = made.get(type);
  if (!codec) made.set(type, (codec = makeCodec(type)));
  return codec;
}

function makeCodec(type: SqlType): Codec {
  if (type.kind === 'numeric') return numeric(type.precision ?? 18, type.scale ?? 0);
  const { custom } = type;
  if (!custom) throw new InternalError(`no codec of SQLite for '${type.kind}'`);
  const stored = sqliteCodec(custom.stored);
  return {
    ...stored,
    plain: false,
    encode: (value) => stored.encode(custom.write(value)),
    decode: (raw) => (raw === null ? null : custom.read(stored.decode(raw))),
  };
}
