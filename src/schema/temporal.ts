import { ConfigurationError } from '../errors/errors.ts';
import { customType } from '../types/custom.ts';
import { intervalType } from '../types/interval.ts';
import { plainDateTimeType, plainDateType, plainTimeType } from '../types/plain-time.ts';
import type { SqlType } from '../types/sql-type.ts';
import { timestampType } from '../types/timestamp.ts';
import type { Column } from './column.ts';
import { column } from './columns.ts';

/** What a class of `Temporal` makes, where the program's types know `Temporal`; elsewhere what the library uses of it. */
export type Made<Name extends string, Otherwise> = typeof globalThis extends {
  readonly Temporal: { readonly [K in Name]: { readonly prototype: infer Value } };
}
  ? Value
  : Otherwise;

/** What the library uses of `Temporal.Instant`. */
export interface TemporalInstant {
  readonly epochMilliseconds: number;
  readonly epochNanoseconds: bigint;
  toString(): string;
  toJSON(): string;
}
/** What the library uses of the other classes of `Temporal`. */
export interface TemporalValue {
  toString(): string;
  toJSON(): string;
}

interface TemporalClass {
  readonly prototype: object;
  readonly from: (this: void, text: string) => unknown;
  readonly fromEpochMilliseconds?: (this: void, milliseconds: number) => unknown;
}

/** A class of `Temporal`, which not every runtime has. */
function temporalClass(name: string, where: string): TemporalClass {
  const { Temporal } = globalThis as { readonly Temporal?: unknown };
  const found = (Temporal as Readonly<Record<string, TemporalClass>> | undefined)?.[name];
  if (found) return found;
  throw new ConfigurationError(`${where}(): this runtime has no Temporal; use the column type that takes Date or text`);
}

/** A column of a class whose text is that of another type: what that one refuses, this one refuses. */
function temporal<V>(name: string, where: string, stored: SqlType, expected: string): Column<V> {
  const { prototype, from } = temporalClass(name, where);
  const write = (value: unknown): string => {
    if (Object.getPrototypeOf(value) !== prototype) throw new TypeError('of another class');
    return String(value);
  };
  // A calendar other than that of ISO 8601 shows in the text, which the stored type then refuses.
  const type = customType({ stored, read: (text) => from(text as string), write }, expected);
  return column({ ...type, check: (value) => type.check(value) && expected });
}

/** An instant as `Temporal.Instant`, to the millisecond; stored as `timestamp()` stores it. */
export function temporalInstant(): Column<Made<'Instant', TemporalInstant>> {
  const { prototype, fromEpochMilliseconds } = temporalClass('Instant', 'temporalInstant');
  const expected = 'a Temporal.Instant of whole milliseconds in the years 0 to 9999';
  const write = (value: unknown): Date => {
    const { epochNanoseconds, epochMilliseconds } = value as TemporalInstant;
    if (Object.getPrototypeOf(value) === prototype && epochNanoseconds % 1_000_000n === 0n)
      return new Date(epochMilliseconds);
    throw new TypeError('of another class, or finer than milliseconds');
  };
  const read = (date: unknown): unknown => fromEpochMilliseconds!((date as Date).getTime());
  const type = customType({ stored: timestampType, read, write }, expected);
  return column({ ...type, check: (value) => type.check(value) && expected });
}

/** A date as `Temporal.PlainDate` of the ISO calendar; stored as `plainDate()` stores it. */
export function temporalPlainDate(): Column<Made<'PlainDate', TemporalValue>> {
  const expected = 'a Temporal.PlainDate of the ISO calendar in the years 0 to 9999';
  return temporal('PlainDate', 'temporalPlainDate', plainDateType, expected);
}

/** A date and time as `Temporal.PlainDateTime` of the ISO calendar, to the millisecond; stored as `plainDateTime()` stores it. */
export function temporalPlainDateTime(): Column<Made<'PlainDateTime', TemporalValue>> {
  const expected = 'a Temporal.PlainDateTime of the ISO calendar and whole milliseconds in the years 0 to 9999';
  return temporal('PlainDateTime', 'temporalPlainDateTime', plainDateTimeType, expected);
}

/** A time of day as `Temporal.PlainTime`, to the millisecond; stored as `plainTime()` stores it. */
export function temporalPlainTime(): Column<Made<'PlainTime', TemporalValue>> {
  return temporal('PlainTime', 'temporalPlainTime', plainTimeType, 'a Temporal.PlainTime of whole milliseconds');
}

/** A duration as `Temporal.Duration`, to the microsecond; stored, and so balanced, as `interval()` stores it. */
export function temporalDuration(): Column<Made<'Duration', TemporalValue>> {
  return temporal('Duration', 'temporalDuration', intervalType, 'a Temporal.Duration to the microsecond');
}
