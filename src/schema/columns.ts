import type { SqlType } from '../types/sql-type.ts';
import {
  bigintType,
  booleanType,
  doubleType,
  enumerationType,
  integerType,
  numericType,
  textType,
  uuidType,
} from '../types/scalar.ts';
import { bytesType, jsonType, type JsonSchema } from '../types/structured.ts';
import { plainDateTimeType, plainDateType, plainTimeType, timestampType } from '../types/temporal.ts';
import { customType } from '../types/custom.ts';
import { ConfigurationError } from '../errors/errors.ts';
import { ColumnBuilder, isColumn, type Column } from './column.ts';

function column<V>(type: SqlType): Column<V> {
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

/** A 64-bit floating point number. SQLite keeps no sign of zero: -0 comes back as 0. */
export function double(): Column<number> {
  return column(doubleType);
}

/** An instant. Zone-less, as strings: `plainDateTime()`, `plainDate()`, `plainTime()`. */
export function timestamp(): Column<Date> {
  return column(timestampType);
}
export function plainDateTime(): Column<string> {
  return column(plainDateTimeType);
}
export function plainDate(): Column<string> {
  return column(plainDateType);
}
export function plainTime(): Column<string> {
  return column(plainTimeType);
}

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

/** A JSON document; -0 in it comes back as 0, as JSON has it. A Standard Schema (zod, valibot, arktype) types and checks it. */
export function json<V>(schema?: StandardSchema<unknown, V>): Column<V> {
  return column(jsonType(schema as JsonSchema | undefined));
}

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
