type Part = readonly [sign: string, amount: string];

const ISO = /^P(?=.)([-\d.YMWD]*)(?:T([-\d.HMS]+))?$/;
const UNITS = { Y: 0, M: 1, D: 2, year: 0, mon: 1, day: 2, hour: 3, min: 4, sec: 5 } as const;

/**
 * What PostgreSQL writes of an interval, by whatever its setting IntervalStyle says, as a duration of ISO 8601. Parts of both
 * signs have no form with one sign, and go on as they are: the type refuses the text.
 */
export function fromInterval(text: string): string {
  const parts = partsOf(text);
  const signs = new Set(parts.flatMap(([sign, amount]) => (/[1-9]/.test(amount) ? [sign] : [])));
  if (parts.length === 0 || signs.size > 1) return text;
  const [years, months, days, hours, minutes, seconds] = Array.from(
    { length: 6 },
    (_, at) => parts.find((part) => part[2] === at)?.[1] ?? '0',
  );
  return `${signs.has('-') ? '-' : ''}P${years}Y${months}M${days}DT${hours}H${minutes}M${seconds}S`;
}

type Placed = readonly [...Part, unit: number];

function partsOf(text: string): readonly Placed[] {
  const iso = ISO.exec(text);
  if (iso) {
    const [, calendar = '', clock = ''] = iso;
    return [...unitsOf(calendar, /(-?)([\d.]+)([YMD])/g), ...unitsOf(clock, /(-?)([\d.]+)([HMS])/g, 3)];
  }
  // `@ 1 day 2 hours ago`
  const worded = unitsOf(text.replace(/^@ 0$/, '0 secs'), /([-+]?)([\d.]+) (year|mon|day|hour|min|sec)s?/g);
  const parts = text.endsWith(' ago')
    ? worded.map(([sign, ...rest]): Placed => [sign === '-' ? '' : '-', ...rest])
    : worded;
  // A clock, and what the standard of SQL has for the rest: `1-2 3 4:05:06`. A sign counts for what follows it.
  let sign = '';
  const numbers = text.split(' ').flatMap((token): Placed[] => {
    const [, own, whole] = /^([-+]?)(\d+(?:-\d+|(?::\d\d)+(?:\.\d+)?)?)$/.exec(token) ?? [];
    const isWorded = parts.length > 0 && !token.includes(':');
    if (whole === undefined || isWorded) return [];
    if (own) sign = own === '-' ? '-' : '';
    const first = whole.includes(':') ? 3 : whole.includes('-') ? 0 : 2;
    return whole.split(/[-:]/).map((amount, at): Placed => [sign, amount, first + at]);
  });
  return [...parts, ...numbers];
}

/** Amounts with the names of their units. */
function unitsOf(text: string, pattern: RegExp, clock?: 3): Placed[] {
  return Array.from(text.matchAll(pattern), ([, sign = '', amount = '', unit = '']): Placed => {
    const at = clock ? clock + 'HMS'.indexOf(unit) : UNITS[unit as keyof typeof UNITS];
    return [sign === '-' ? '-' : '', amount, at];
  });
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
