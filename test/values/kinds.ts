import { bigints, inet, instants, texts } from './array-kinds.ts';
import { json, jsonBigint } from './json-kinds.ts';
import type { Kind } from './kind.ts';
import { bigint, boolean, bytes, decimal, double, enumeration, integer, text, uuid } from './scalar-kinds.ts';
import { interval, plainDate, plainDateTime, plainTime, timestamp } from './time-kinds.ts';

/** The types that a column can be of. */
export const kinds = {
  integer,
  bigint,
  double,
  text,
  boolean,
  short: decimal(18, 6),
  whole: decimal(5, 0),
  fraction: decimal(18, 18),
  long: decimal(30, 10),
  huge: decimal(38, 0),
  timestamp,
  plainDateTime,
  plainDate,
  plainTime,
  interval,
  uuid,
  enumeration,
  bytes,
  json,
  jsonBigint,
  texts,
  bigints,
  instants,
  inet,
} as const satisfies Record<string, Kind>;
