import { strict } from '../../compiler/codec.ts';
import type { Codec } from '../../compiler/dialect.ts';
import type { WireValue } from '../../compiler/statement.ts';
import type { SqlType, TypeKind } from '../../types/sql-type.ts';
import { toHex } from '../../util/hex.ts';

const same = (value: unknown): WireValue => value as WireValue;

const castToInteger = (sql: string): string => `cast(${sql} as integer)`;
const castToText = (sql: string): string => `cast(${sql} as text)`;

function refuse(): never {
  throw new TypeError('of another type');
}

export const integer: Codec = {
  ddl: 'integer',
  plain: true,
  encode: same,
  decode: same,
  // A sum may be larger than its parts, and D1 rounds it.
  computed: strict('integer', (raw) => (Number.isSafeInteger(raw) ? raw : refuse())),
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
  decode: strict('boolean', (raw) => (typeof raw === 'number' ? raw !== 0 : refuse())),
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
  return Array.isArray(raw) ? Uint8Array.from(raw as number[]) : refuse();
}

const CODECS: Partial<Record<TypeKind, Codec>> = { integer, bigint, text, boolean, double, bytes };

const made = new WeakMap<SqlType, Codec>();

/** How SQLite stores a type: numbers and bytes as they are, the rest in the form of text that the type gives itself. */
export function sqliteCodec(type: SqlType): Codec {
  const fixed = CODECS[type.kind];
  if (fixed) return fixed;
  let codec = made.get(type);
  if (!codec) made.set(type, (codec = type.codec?.(type, 'sqlite', sqliteCodec) ?? formedCodec(type)));
  return codec;
}

function formedCodec(type: SqlType): Codec {
  const { kind, scaled } = type;
  const { format = same, parse } = scaled ?? type;
  return {
    // A scaled decimal is a 64-bit integer, so that order and sums are exact.
    ...(scaled ? bigint : text),
    ...(type.unordered && { unordered: type.unordered }),
    plain: !parse,
    encode: format,
    decode: parse ? strict(kind, (raw) => (typeof raw === 'string' ? parse(raw) : refuse())) : same,
  };
}
