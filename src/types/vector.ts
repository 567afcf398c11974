import { customCodec } from './custom-codec.ts';
import { scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';

/** A list of so many numbers, each of which 32 bits hold: what the extension pgvector stores. */
export function vectorType(dimensions: number): SqlType {
  const isVector = (value: unknown): value is readonly number[] =>
    Array.isArray(value) &&
    value.length === dimensions &&
    Array.from(value as readonly unknown[]).every(
      (part) => typeof part === 'number' && Number.isFinite(Math.fround(part)),
    );
  const equals = (left: unknown, right: unknown): boolean =>
    left === right ||
    (isVector(left) && isVector(right) && left.every((part, at) => Math.fround(part) === Math.fround(right[at]!)));
  const form = {
    stored: scalarType('text', 'text', (value) => typeof value === 'string'),
    write: (value: unknown) => `[${(value as readonly number[]).map(shortest).join()}]`,
    read: (stored: unknown) => (JSON.parse(stored as string) as number[]).map((part) => Math.fround(part)),
  };
  return {
    ...scalarType('custom', `${dimensions} numbers that 32 bits hold`, isVector),
    name: 'vector()',
    equals,
    toJson: (value) => (value as readonly number[]).map((part) => Math.fround(part)),
    codec: customCodec,
    custom: { postgres: { ...form, ddl: `vector(${dimensions})` } },
  };
}

/** A number of 32 bits in as few digits as tell it from others. */
function shortest(part: number): string {
  const single = Math.fround(part) + 0;
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(single.toPrecision(digits));
    if (Math.fround(text) === single) return String(text);
  }
  return String(Number(single.toPrecision(9)));
}
