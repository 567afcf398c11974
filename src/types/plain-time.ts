import { CLOCK, DATE, isDay } from './calendar.ts';
import { formattedType, scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';

/** A date, `YYYY-MM-DD`, that the calendar has. */
export const plainDateType: SqlType = /* @__PURE__ */ (() => {
  const form = new RegExp(`^${DATE}$`);
  return scalarType(
    'plainDate',
    'a date of the calendar, YYYY-MM-DD',
    (v) => typeof v === 'string' && form.test(v) && isDay(v),
  );
})();

/** Milliseconds; finer digits than those are zeros. */
const FRACTION = '(?:\\.\\d{1,3}0{0,6})?';

export const plainDateTimeType: SqlType = /* @__PURE__ */ clockType(
  'plainDateTime',
  'a date and time without zone, YYYY-MM-DDTHH:MM:SS, to the millisecond',
  new RegExp(`^${DATE}T${CLOCK}${FRACTION}$`),
);
export const plainTimeType: SqlType = /* @__PURE__ */ clockType(
  'plainTime',
  'a time of day, HH:MM:SS, to the millisecond',
  new RegExp(`^${CLOCK}${FRACTION}$`),
);

/** Stored with three digits of a second, so that text has the order of time; read without the zeros at the end. */
function clockType(kind: 'plainDateTime' | 'plainTime', expected: string, form: RegExp): SqlType {
  const isDated = kind === 'plainDateTime';
  const holds = (value: unknown): boolean =>
    typeof value === 'string' && form.test(value) && (!isDated || isDay(value));
  const seconds = isDated ? 19 : 8;
  const format = (value: unknown): string => {
    const fraction = (value as string).slice(seconds, seconds + 4) || '.';
    return (value as string).slice(0, seconds) + fraction.padEnd(4, '0');
  };
  return formattedType(scalarType(kind, expected, holds), {
    format,
    parse: (text) => {
      // SQLite's own functions put a space between date and time.
      const value = isDated ? text.replace(' ', 'T') : text;
      if (holds(value)) return value.length > seconds ? value.replace(/\.?0+$/, '') : value;
      throw new TypeError('another form');
    },
  });
}
