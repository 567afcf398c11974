import { DATE, isDay } from './calendar.ts';
import { formatInstant, parseInstant } from './instant.ts';
import { scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';

/** The first and the last instant that four digits of a year can name. */
const [FIRST, LAST] = [-62_167_219_200_000, 253_402_300_799_999];

/** An instant, as a `Date` within the years 0000 to 9999 of UTC. */
export const timestampType: SqlType = /* @__PURE__ */ (() => ({
  ...scalarType('timestamp', 'a valid Date in the years 0 to 9999', isInstant),
  equals: (left: unknown, right: unknown) => left === right || timeOf(left) === timeOf(right),
  format: (value: unknown) => formatInstant(value as Date),
  parse: (text: string) => parseInstant(text) ?? parseOther(text),
}))();

/** Its time, or NaN for what is no date: an object may only look like one. */
function timeOf(value: unknown): number {
  try {
    return value instanceof Date ? value.getTime() : Number.NaN;
  } catch {
    return Number.NaN;
  }
}

function isInstant(value: unknown): boolean {
  const time = timeOf(value);
  return time >= FIRST && time <= LAST;
}

/** What other programs and SQLite's own functions make. Without a zone it is of UTC; digits beyond milliseconds are zeros. */
const OTHER: RegExp = /* @__PURE__ */ new RegExp(
  `^(${DATE})[ T](\\d\\d:\\d\\d)(:\\d\\d)?(?:(\\.\\d{1,3})0*)?(Z|[+-]\\d\\d:\\d\\d)?$`,
);

function parseOther(text: string): Date {
  const [, day, minutes, seconds = ':00', fraction = '', zone = 'Z'] = OTHER.exec(text) ?? [];
  const date = new Date(`${day}T${minutes}${seconds}${fraction}${zone}`);
  if (day && isDay(day) && isInstant(date)) return date;
  throw new TypeError('another form');
}
