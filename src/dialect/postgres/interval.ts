const CALENDAR = /^(?:(-?\d+) years? ?)?(?:([-+]?\d+) mons? ?)?(?:([-+]?\d+) days? ?)?/;
const CLOCK = /^([-+]?)(\d+):(\d\d):(\d\d(?:\.\d+)?)$/;

/** What PostgreSQL writes of an interval (`1 year 2 mons 3 days 04:05:06`) as a duration of ISO 8601; others as they are. */
export function fromInterval(text: string): string {
  const [calendar = '', ...counts] = CALENDAR.exec(text) ?? [];
  const rest = text.slice(calendar.length) || '00:00:00';
  const clock = CLOCK.exec(rest);
  if (!clock) return text;
  const [, sign, ...times] = clock;
  const factor = sign === '-' ? -1 : 1;
  const parts = [...counts.map((count) => Number(count ?? 0)), ...times.map((time) => factor * Number(time))];
  const isNegative = parts.some((part) => part < 0);
  // Parts of both signs have no form with one sign: the type refuses the text.
  if (isNegative && parts.some((part) => part > 0)) return text;
  const [years, months, days] = parts.map(Math.abs);
  const [hours, minutes, seconds] = times;
  return `${isNegative ? '-' : ''}P${years}Y${months}M${days}DT${hours}H${minutes}M${seconds}S`;
}

const DURATION = /^(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(\.\d+)?S)?)?$/;

/** A duration of ISO 8601, in the form that the type gives it, as PostgreSQL writes it. */
export function toInterval(duration: string): string {
  const [, sign = '', years, months, days, hours = '', minutes = '', seconds = '', fraction = ''] =
    DURATION.exec(duration) ?? [];
  const parts = Object.entries({ year: years, mon: months, day: days }).flatMap(([unit, count]) =>
    count === undefined ? [] : `${sign}${count} ${unit}${sign === '' && count === '1' ? '' : 's'}`,
  );
  const clock = [hours, minutes, seconds].map((part) => part.padStart(2, '0')).join(':') + fraction;
  if (clock !== '00:00:00' || parts.length === 0) parts.push(sign + clock);
  return parts.join(' ');
}
