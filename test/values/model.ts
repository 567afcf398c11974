import {
  array,
  bigint,
  boolean,
  bytes,
  custom,
  customType,
  declarativeBase,
  double,
  enumeration,
  inet,
  integer,
  interval,
  json,
  jsonBigint,
  numeric,
  plainDate,
  plainDateTime,
  plainTime,
  text,
  timestamp,
  uuid,
} from 'cinnabar';
import type { Kind } from './kind.ts';
import { kinds } from './kinds.ts';
import { LABELS } from './scalar-kinds.ts';

const Model = declarativeBase();
export const { metadata } = Model;

/** Values that JSON carries: many rows go as one parameter. */
const carried = {
  integer: integer().nullable(),
  bigint: bigint().nullable(),
  text: text().nullable(),
  boolean: boolean().nullable(),
  short: numeric(18, 6).nullable(),
  whole: numeric(5, 0).nullable(),
  fraction: numeric(18, 18).nullable(),
  long: numeric(30, 10).nullable(),
  huge: numeric(38, 0).nullable(),
  timestamp: timestamp().nullable(),
  plainDateTime: plainDateTime().nullable(),
  plainDate: plainDate().nullable(),
  plainTime: plainTime().nullable(),
  interval: interval().nullable(),
  uuid: uuid().nullable(),
  enumeration: enumeration(...LABELS).nullable(),
  bytes: bytes().nullable(),
  json: json<unknown>().nullable(),
  jsonBigint: jsonBigint<unknown>().nullable(),
  texts: array(text().nullable()).nullable(),
  bigints: array(bigint()).nullable(),
  instants: array(timestamp().nullable()).nullable(),
  inet: inet().nullable(),
  cents: custom(bigint(), { read: (cents) => ({ cents }), write: ({ cents }: { cents: bigint }) => cents }).nullable(),
  epoch: custom(timestamp(), { read: (at) => at.getTime(), write: (at: number) => new Date(at) }).nullable(),
  ownText: customType<readonly string[]>({
    sqlite: {
      ddl: 'varchar(20)',
      encode: (list) => JSON.stringify(list),
      decode: (stored: string) => JSON.parse(stored),
    },
    postgres: {
      ddl: 'text',
      encode: (list) => JSON.stringify(list),
      decode: (stored: string) => JSON.parse(stored),
    },
    equals: (left, right) => left.length === right.length && left.every((item, at) => item === right[at]),
  }).nullable(),
  ownInteger: customType<{ n: number }>({
    sqlite: { ddl: 'integer', encode: ({ n }) => n, decode: (n: number) => ({ n }) },
    postgres: { ddl: 'numeric(20)', encode: ({ n }) => String(n), decode: (n: string) => ({ n: Number(n) }) },
  }).nullable(),
  ownBigint: customType<{ n: bigint }>({
    sqlite: { ddl: 'bigint', encode: ({ n }) => n, decode: (n: bigint) => ({ n }) },
    postgres: { ddl: 'bigint', encode: ({ n }) => n, decode: (n: bigint) => ({ n }) },
  }).nullable(),
  ownBytes: customType<readonly number[]>({
    sqlite: { ddl: 'blob', encode: (list) => Uint8Array.from(list), decode: (stored: Uint8Array) => [...stored] },
    postgres: { ddl: 'bytea', encode: (list) => Uint8Array.from(list), decode: (stored: Uint8Array) => [...stored] },
  }).nullable(),
};

/** Doubles among them: each value is a parameter of its own. */
const bound = {
  double: double().nullable(),
  other: double().nullable(),
  ownReal: customType<{ n: number }>({
    sqlite: { ddl: 'real', encode: ({ n }) => n, decode: (n: number) => ({ n }) },
    postgres: { ddl: 'double precision', encode: ({ n }) => n, decode: (n: number) => ({ n }) },
  }).nullable(),
  bigint: bigint().nullable(),
  text: text().nullable(),
  short: numeric(18, 6).nullable(),
  timestamp: timestamp().nullable(),
  bytes: bytes().nullable(),
  json: json<unknown>().nullable(),
};

/** A column of each type, by the name of its kind. */
export const columns = { ...carried, ...bound };

export class Carried extends Model('carried', { id: integer().primaryKey(), ...carried }) {}
export class Bound extends Model('bound', { id: integer().primaryKey(), ...bound }) {}

/** Values of a custom type: those of another type, wrapped. */
function wrapped(kind: Kind, wrap: (value: never) => unknown, json: (value: never) => unknown): Kind {
  return {
    edges: kind.edges.map(wrap as (value: unknown) => unknown),
    random: (random) => wrap(kind.random(random) as never),
    json,
  };
}

const {
  short,
  whole,
  fraction,
  long,
  huge,
  integer: integers,
  bigint: bigints,
  text: texts,
  double: doubles,
  timestamp: timestamps,
  bytes: blobs,
  json: documents,
  ...others
} = kinds;
const shared = { short, bigint: bigints, text: texts, timestamp: timestamps, bytes: blobs, json: documents };

export const kindsOf: {
  readonly Carried: Readonly<Record<string, Kind>>;
  readonly Bound: Readonly<Record<string, Kind>>;
} = {
  Carried: {
    ...others,
    ...shared,
    whole,
    fraction,
    long,
    huge,
    integer: integers,
    cents: wrapped(
      bigints,
      (cents) => ({ cents }),
      ({ cents }: { cents: bigint }) => String(cents),
    ),
    epoch: wrapped(
      timestamps,
      (at: Date) => at.getTime(),
      (at: number) => new Date(at).toISOString(),
    ),
    ownText: wrapped(
      texts,
      (item) => [item, ''],
      (list) => JSON.stringify(list),
    ),
    ownInteger: wrapped(
      integers,
      (n) => ({ n }),
      ({ n }: { n: number }) => n,
    ),
    ownBigint: wrapped(
      bigints,
      (n) => ({ n }),
      ({ n }: { n: bigint }) => String(n),
    ),
    ownBytes: wrapped(
      blobs,
      (list: Uint8Array) => [...list],
      (list: number[]) => btoa(String.fromCharCode(...list)),
    ),
  },
  Bound: {
    ...shared,
    double: doubles,
    other: doubles,
    ownReal: wrapped(
      doubles,
      (n: number) => ({ n }),
      ({ n }: { n: number }) => n,
    ),
  },
};
