import { type Kind, pad, sign } from './kind.ts';
import type { Random } from './random.ts';

export const SAFE: number = Number.MAX_SAFE_INTEGER;

export const integer: Kind = {
  edges: [
    0,
    1,
    -1,
    9,
    10,
    255,
    256,
    32767,
    65536,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    2 ** 32,
    2 ** 52,
    SAFE - 1,
    SAFE,
    -SAFE,
  ],
  random: (random) => Number(random.bigint(53)) * sign(random) + 0,
};

const MOST = 2n ** 63n - 1n;
export const bigint: Kind = {
  edges: [
    0n,
    1n,
    -1n,
    2n ** 31n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    -(2n ** 53n) - 1n,
    MOST,
    MOST - 1n,
    -MOST,
    -MOST - 1n,
  ],
  random: (random) => random.bigint(63) * BigInt(sign(random)),
  json: (value: bigint) => String(value),
};

const view = new DataView(new ArrayBuffer(8));
function anyDouble(random: Random): number {
  view.setUint32(0, random.bits());
  view.setUint32(4, random.bits());
  const value = view.getFloat64(0);
  return Number.isFinite(value) ? value : 1 / 3;
}
export const double: Kind = {
  edges: [
    0,
    1,
    -1,
    0.1,
    0.2,
    0.1 + 0.2,
    1 / 3,
    5e-324,
    -5e-324,
    2.2250738585072014e-308,
    2.225073858507201e-308,
    1e21,
    1e22,
    1e23,
    123456789.12345679,
    SAFE + 1,
    2 ** 53 + 2,
    2 ** 63,
    -(2 ** 63),
    2 ** 64,
    1e308,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.EPSILON,
    4.35,
    0.000001,
    1e-7,
    8.41e21,
  ],
  random: (random) =>
    random.of([
      () => anyDouble(random),
      () => random.between(-100_000, 100_000) / 100,
      () => Number(random.bigint(70)) * sign(random) + 0,
      () => random.bits() / 2 ** 32,
    ])(),
  stored: (value: number) => value + 0,
};

const RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0x01, 0x1f],
  [0x7f, 0xa0],
  [0xa1, 0x24f],
  [0x300, 0x36f],
  [0x590, 0x6ff],
  [0x2000, 0x206f],
  [0x3040, 0x9fff],
  [0xe000, 0xf8ff],
  [0xfe00, 0xffff],
  [0x1f300, 0x1faff],
  [0x10000, 0x10ffff],
];
export function anyText(random: Random, most: number): string {
  const length = random.below(most + 1);
  let text = '';
  for (let at = 0; at < length; at++) {
    const [low, high] = random.chance(50) ? RANGES[0]! : random.of(RANGES);
    text += String.fromCodePoint(random.between(low, high));
  }
  return text;
}
const TEXTS: readonly string[] = [
  '',
  ' ',
  '  spaces  ',
  "'",
  "''",
  '"',
  '\\',
  '\\"',
  '\\u0000',
  '\\0',
  '?1',
  ':name',
  '--',
  '/*',
  'null',
  'NULL',
  'true',
  '0',
  '-0',
  '1',
  '1.0',
  '1e5',
  '0x10',
  '007',
  ' 1 ',
  'Infinity',
  'nan',
  '9007199254740993',
  '9223372036854775808',
  '{"a":1}',
  '[1]',
  '\uFEFFbom',
  '\uFFFE\uFFFF',
  '\uFFFD',
  '\u2028\u2029',
  '\u0001\u001F\u007F\u0080',
  '\r\n\t\b\f\v',
  'e\u0301',
  'é',
  'ß',
  'İ',
  '\u{10FFFF}',
  '😀',
  '👩‍👩‍👧‍👦',
  '\uD800\uDC00',
  'a'.repeat(4096),
  '€'.repeat(1366),
  '%_\\%',
];
export const text: Kind = {
  edges: TEXTS,
  random: (random) => anyText(random, random.chance(2) ? 3000 : 24),
};

export const boolean: Kind = { edges: [true, false], random: (random) => random.chance(50) };

/** A decimal as people write it: with and without zeros at its end, and with a sign on zero. */
export function decimal(precision: number, scale: number): Kind {
  const before = precision - scale;
  const nines = (count: number): string => '9'.repeat(count);
  const most = `${nines(before) || '0'}${scale > 0 ? `.${nines(scale)}` : ''}`;
  const least = scale > 0 ? `0.${pad(1, scale)}` : '1';
  const whole = before > 0 ? ['1', '-1'] : [];
  return {
    edges: [
      '0',
      '-0',
      most,
      `-${most}`,
      least,
      `-${least}`,
      ...whole,
      ...(scale > 0 ? ['0.0', '-0.0', '0.1', '-0.5'] : []),
    ],
    random: (random) => {
      const units = before > 0 ? String(random.bigint(128)).slice(0, random.between(1, before)) : '0';
      const digits = pad(random.bigint(128), 39).slice(0, random.between(1, Math.max(scale, 1)));
      const fraction = scale > 0 && random.chance(80) ? `.${digits}` : '';
      return (random.chance(50) ? '-' : '') + (units.replace(/^0+(?=\d)/, '') || '0') + fraction;
    },
    stored: (value: string) => {
      const [units = '', fraction = ''] = value.split('.');
      const full = scale === 0 ? units : `${units}.${fraction.padEnd(scale, '0')}`;
      return /[1-9]/.test(full) ? full : full.replace('-', '');
    },
  };
}

const hex = (random: Random, digits: number): string =>
  pad(random.bigint(128), 40)
    .replace(/./g, () => random.below(16).toString(16))
    .slice(0, digits);
export const uuid: Kind = {
  edges: [
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF',
    '018f3c9e-5d7a-7c3b-8f21-3d5e7a9b1c2d',
    '12345678-1234-1234-1234-1234567890e1',
  ],
  random: (random) => {
    const value = [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join('-');
    return random.chance(20) ? value.toUpperCase() : value;
  },
  stored: (value: string) => value.toLowerCase(),
  alike: (value: string) => value.toUpperCase(),
};

export const LABELS = ['a', "it's", '"b"', 'ünï', 'with space', '', '0', 'null'] as const;
export const enumeration: Kind = { edges: LABELS, random: (random) => random.of(LABELS) };

export const bytes: Kind = {
  edges: [
    new Uint8Array(),
    Uint8Array.of(0),
    Uint8Array.of(255, 0, 255),
    Uint8Array.from({ length: 256 }, (_, at) => at),
    new TextEncoder().encode("it's text"),
    new Uint8Array(5000).fill(0xab),
    Uint8Array.from({ length: 300 }, (_, at) => at).subarray(100, 103),
  ],
  random: (random) => Uint8Array.from(random.list(random.below(40), () => random.below(256))),
  json: (value: Uint8Array) => btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join('')),
};
