import { formattedType, scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';
import { unorderedType } from './unordered.ts';

const FORM =
  /^([+-]?)P(?=\d|T\d)(?:(\d{1,18})Y)?(?:(\d{1,18})M)?(?:(\d{1,18})W)?(?:(\d{1,18})D)?(?:T(?=\d)(?:(\d{1,18})H)?(?:(\d{1,18})M)?(?:(\d{1,18})(?:\.(\d{1,6})0{0,3})?S)?)?$/;

/**
 * A duration as ISO 8601 has it. Its three parts, months, days and microseconds, have no fixed ratio and stay apart; within
 * each the units are carried over, so that equal durations have one text.
 */
export const intervalType: SqlType = /* @__PURE__ */ unorderedType(
  /* @__PURE__ */ formattedType(
    /* @__PURE__ */ scalarType(
      'interval',
      'a duration of ISO 8601 with one sign, to the microsecond, like P1DT2H30M',
      (v) => normalForm(v) !== undefined,
    ),
    {
      format: (value) => normalForm(value)!,
      parse: (text) => {
        const form = normalForm(text);
        if (form !== undefined) return form;
        throw new TypeError('another form');
      },
    },
  ),
);

/** Of months and of days; of microseconds it is what 64 bits hold. */
const MOST = 2n ** 31n - 1n;

/** The one text of a duration, or undefined for what is none. */
function normalForm(value: unknown): string | undefined {
  const found = typeof value === 'string' ? FORM.exec(value) : null;
  if (!found) return undefined;
  const [, sign, ...parts] = found;
  const fraction = BigInt((parts[7] ?? '').padEnd(6, '0'));
  const count = (at: number): bigint => BigInt(parts[at] ?? 0);
  const allMonths = count(0) * 12n + count(1);
  const allDays = count(2) * 7n + count(3);
  const micros = ((count(4) * 60n + count(5)) * 60n + count(6)) * 1_000_000n + fraction;
  if (allMonths > MOST || allDays > MOST || micros >= 2n ** 63n) return undefined;
  const text = unit(allMonths / 12n, 'Y') + unit(allMonths % 12n, 'M') + unit(allDays, 'D') + clock(micros);
  return text === '' ? 'PT0S' : `${sign === '-' ? '-' : ''}P${text}`;
}

const unit = (count: bigint, letter: string): string => (count === 0n ? '' : `${count}${letter}`);

function clock(micros: bigint): string {
  if (micros === 0n) return '';
  const all = micros / 1_000_000n;
  const fraction = String(micros % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const seconds = all % 60n;
  const rest = fraction === '' ? unit(seconds, 'S') : `${seconds}.${fraction}S`;
  return `T${unit(all / 3600n, 'H')}${unit((all / 60n) % 60n, 'M')}${rest}`;
}
