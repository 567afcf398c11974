import { scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';

/** An instant, as a `Date` within the years 0000 to 9999 of UTC. */
export const timestampType: SqlType = /* @__PURE__ */ (() => ({
  ...scalarType('timestamp', 'a valid Date in the years 0 to 9999', isInstant),
  equals: (left: unknown, right: unknown) =>
    left === right || (left instanceof Date && right instanceof Date && left.getTime() === right.getTime()),
}))();

function isInstant(value: unknown): boolean {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return false;
  const year = value.getUTCFullYear();
  return year >= 0 && year <= 9999;
}

const DATE = '\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])';
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?';

function zoneless(kind: 'plainDateTime' | 'plainDate' | 'plainTime', expected: string, form: string): SqlType {
  const pattern = new RegExp(`^${form}$`);
  return scalarType(
    kind,
    expected,
    (v) => typeof v === 'string' && pattern.test(v) && (kind === 'plainTime' || isDay(v.slice(0, 10))),
  );
}

/** Whether the day exists: no 30 February. */
function isDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

export const plainDateTimeType: SqlType = /* @__PURE__ */ zoneless(
  'plainDateTime',
  'a date and time without zone, YYYY-MM-DDTHH:MM:SS',
  `${DATE}T${TIME}`,
);
export const plainDateType: SqlType = /* @__PURE__ */ zoneless('plainDate', 'a date, YYYY-MM-DD', DATE);
export const plainTimeType: SqlType = /* @__PURE__ */ zoneless('plainTime', 'a time of day, HH:MM:SS', TIME);
