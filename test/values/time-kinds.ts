import { type Kind, pad } from './kind.ts';
import type { Random } from './random.ts';

const FIRST = Date.parse('0000-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');
/** Days around which calendars and zones go wrong. */
const DAYS = [
  '0000-01-01',
  '0000-02-29',
  '0000-12-31',
  '0001-01-01',
  '0099-12-31',
  '0100-01-01',
  '0100-02-28',
  '1582-10-10',
  '1883-11-18',
  '1900-02-28',
  '1969-12-31',
  '1970-01-01',
  '2000-02-29',
  '2011-12-30',
  '2024-02-29',
  '2024-03-10',
  '2024-03-31',
  '2024-11-03',
  '2037-12-31',
  '2038-01-19',
  '2100-02-28',
  '2100-03-01',
  '9999-12-31',
];
const CLOCKS = [
  '00:00:00',
  '00:00:00.001',
  '01:30:00',
  '02:30:00',
  '12:00:00.5',
  '23:59:59',
  '23:59:59.999',
  '23:59:59.9',
];
const MOMENTS = DAYS.flatMap((day) => CLOCKS.map((clock) => `${day}T${clock}`));

const anyTime = (random: Random): number =>
  random.chance(50)
    ? Date.parse('1950-01-01T00:00:00Z') + Number(random.bigint(41) % 4_102_444_800_000n)
    : FIRST + Math.floor((random.bits() / 2 ** 32) * (LAST - FIRST));
const anyDay = (random: Random): string => new Date(anyTime(random)).toISOString().slice(0, 10);
function anyClock(random: Random): string {
  const fraction = random.chance(60) ? `.${pad(random.below(1000), 3).slice(0, random.between(1, 3))}` : '';
  const zeros = fraction !== '' && random.chance(10) ? '000' : '';
  return `${pad(random.below(24), 2)}:${pad(random.below(60), 2)}:${pad(random.below(60), 2)}${fraction}${zeros}`;
}
const shortest = (value: string): string => (value.includes('.') ? value.replace(/\.?0+$/, '') : value);

export const timestamp: Kind = {
  edges: [FIRST, LAST, 0, -1, 1, ...MOMENTS.map((moment) => Date.parse(`${moment}Z`))].map((time) => new Date(time)),
  random: (random) => new Date(anyTime(random)),
  json: (value: Date) => value.toISOString(),
};
export const plainDateTime: Kind = {
  edges: MOMENTS,
  random: (random) => `${anyDay(random)}T${anyClock(random)}`,
  stored: shortest,
};
export const plainDate: Kind = { edges: DAYS, random: anyDay };
export const plainTime: Kind = { edges: CLOCKS, random: anyClock, stored: shortest };

/** By its three parts, so that units that carry over are as likely as those that do not. */
export const interval: Kind = {
  edges: [
    'PT0S',
    'P0D',
    '-P0D',
    '-PT0S',
    'P1W',
    'PT60S',
    'PT3600S',
    'P12M',
    '-P1Y',
    'PT0.000001S',
    '-PT0.5S',
    'P2147483647D',
    'PT24H',
    '+P1D',
  ],
  random: (random) => {
    const part = (letter: string, most: number): string => (random.chance(40) ? `${random.below(most)}${letter}` : '');
    const fraction = random.chance(30) ? `.${pad(random.below(1_000_000), 6).slice(0, random.between(1, 6))}` : '';
    const seconds = random.chance(40) ? `${random.below(10_000)}${fraction}S` : '';
    const clock = part('H', 1000) + part('M', 1000) + seconds;
    const date = part('Y', 10_000) + part('M', 100) + part('W', 100) + part('D', 1000);
    const all = date + (clock && `T${clock}`);
    return `${random.chance(30) ? '-' : ''}P${all || 'T0S'}`;
  },
  stored: balanced,
};

function balanced(value: string): string {
  const count = (pattern: RegExp): number => Number(pattern.exec(value)?.[1] ?? 0);
  const months = count(/^[^T]*?(\d+)Y/) * 12 + count(/^[^T]*?(\d+)M/);
  const days = count(/(\d+)W/) * 7 + count(/(\d+)D/);
  const all = count(/T.*?(\d+)H/) * 3600 + count(/T.*?(\d+)M/) * 60 + count(/T.*?(\d+)(?:\.\d+)?S/);
  const fraction = (/\.(\d+)S/.exec(value)?.[1] ?? '').replace(/0+$/, '');
  const unit = (number: number, letter: string): string => (number === 0 ? '' : `${number}${letter}`);
  const seconds = fraction === '' ? unit(all % 60, 'S') : `${all % 60}.${fraction}S`;
  const clock = unit(Math.floor(all / 3600), 'H') + unit(Math.floor(all / 60) % 60, 'M') + seconds;
  const text = unit(Math.floor(months / 12), 'Y') + unit(months % 12, 'M') + unit(days, 'D') + (clock && `T${clock}`);
  return text === '' ? 'PT0S' : `${value.startsWith('-') ? '-' : ''}P${text}`;
}
