import { ConfigurationError } from '../errors/errors.ts';
import { bytesType } from '../types/bytes.ts';
import { customType } from '../types/custom.ts';
import { intervalType } from '../types/interval.ts';
import { jsonBigintType } from '../types/json-bigint.ts';
import { jsonType, type JsonSchema } from '../types/json.ts';
import { numericType } from '../types/numeric.ts';
import { plainDateTimeType, plainDateType, plainTimeType } from '../types/plain-time.ts';
import {
  bigintType,
  booleanType,
  doubleType,
  enumerationType,
  integerType,
  textType,
  uuidType,
} from '../types/scalar.ts';
import type { SqlType } from '../types/sql-type.ts';
import { timestampType } from '../types/timestamp.ts';
import { ColumnBuilder, isColumn, type Column } from './column.ts';

/** A column of a type, before it says more. */
export function column<V>(type: SqlType): Column<V> {
  const builder: object = new ColumnBuilder({
    type,
    key: false,
    generated: false,
    nullable: false,
    unique: false,
    hidden: false,
    version: false,
  });
  return builder as Column<V>;
}

/** A whole number that JavaScript holds exactly (up to 2^53 - 1). `integer<UserId>()` brands it. */
export function integer<V extends number = number>(): Column<V> {
  return column(integerType);
}

/** A 64-bit whole number, as `bigint`. */
export function bigint<V extends bigint = bigint>(): Column<V> {
  return column(bigintType);
}

/** Text of any length. `text<Locale>()` brands it. */
export function text<V extends string = string>(): Column<V> {
  return column(textType);
}

export function boolean(): Column<boolean> {
  return column(booleanType);
}

/** An exact decimal, as text: `numeric(10, 2)` holds `'12345678.90'`, and `'1.5'` comes back as `'1.50'`. */
export function numeric<V extends string = string>(precision: number, scale: number): Column<V> {
  if (!Number.isInteger(precision) || !Number.isInteger(scale) || scale < 0 || precision < 1 || scale > precision) {
    throw new ConfigurationError(
      'numeric(precision, scale): whole numbers, with 0 <= scale <= precision and precision >= 1',
    );
  }
  return column(numericType(precision, scale));
}

/** A 64-bit floating point number, finite. 0 and -0 are one value, and come back as 0. */
export function double(): Column<number> {
  return column(doubleType);
}

/** An instant, to the millisecond, in the years 0 to 9999. Zone-less, as strings: `plainDateTime()`, `plainDate()`, `plainTime()`. */
export function timestamp(): Column<Date> {
  return column(timestampType);
}

/** A date and time without zone, to the millisecond: `'2020-01-31T23:59:59.5'`. */
export function plainDateTime(): Column<string> {
  return column(plainDateTimeType);
}

/** A date that the calendar has: `'2024-02-29'`. */
export function plainDate(): Column<string> {
  return column(plainDateType);
}

/** A time of day, to the millisecond: `'23:59:59.5'`. */
export function plainTime(): Column<string> {
  return column(plainTimeType);
}

/**
 * A duration of ISO 8601, to the microsecond: `'P1Y2M3DT4H5M6.5S'`. Equal durations have one form, in which it comes back:
 * `'PT90M'` as `'PT1H30M'`. Months, days and time are not carried over into each other.
 */
export function interval(): Column<string> {
  return column(intervalType);
}

/** A UUID; it comes back in lower case. */
export function uuid<V extends string = string>(): Column<V> {
  return column(uuidType);
}

/** https://standardschema.dev, version 1. */
export interface StandardSchema<In, Out> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validated<Out> | Promise<Validated<Out>>;
    readonly types?: { readonly input: In; readonly output: Out } | undefined;
  };
}
export type Validated<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[];
    };

/**
 * A JSON document, compared by content: neither the order of keys nor the sign of zero counts. A Standard Schema (zod,
 * valibot, arktype) types and checks it, and changes nothing.
 */
export function json<V>(schema?: StandardSchema<unknown, V>): Column<V> {
  return column(jsonType(schema as JsonSchema | undefined));
}

/** A JSON document in which whole numbers beyond 2^53 are bigints: `{ id: 9007199254740993n }`. */
export function jsonBigint<V>(schema?: StandardSchema<unknown, V>): Column<V> {
  return column(jsonBigintType(schema as JsonSchema | undefined));
}

/** Bytes, as a `Uint8Array`. */
export function bytes(): Column<Uint8Array> {
  return column(bytesType);
}

/** One of a closed list of labels. */
export function enumeration<const V extends string>(...labels: readonly V[]): Column<V> {
  if (labels.length === 0) throw new ConfigurationError('enumeration(): at least one label');
  return column(enumerationType(labels));
}

/**
 * A type of one's own over a stored one.
 *
 * @example
 * custom(timestamp(), { read: (d) => d.toTemporalInstant(), write: (i) => new Date(i.epochMilliseconds) })
 */
export function custom<V, Stored>(
  stored: Column<Stored>,
  codec: { read(stored: Stored): V; write(value: V): Stored },
): Column<V> {
  if (!isColumn(stored)) throw new ConfigurationError('custom(stored, codec): `stored` is a column, like text()');
  return column(
    customType({
      stored: stored.spec.type,
      read: (value) => codec.read(value as Stored),
      write: (value) => codec.write(value as V),
    }),
  );
}
