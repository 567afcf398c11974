import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatInstant, parseInstant } from '../../src/types/instant.ts';

const FIRST = Date.UTC(-1, 11, 30);
const LAST = Date.UTC(10_000, 0, 3);
const runs = { numRuns: 5000 };

test('an instant is written as Date writes it, whatever its year', () => {
  fc.assert(
    fc.property(fc.integer({ min: FIRST, max: LAST }), (time) => {
      const date = new Date(time);
      expect(formatInstant(date)).toBe(date.toISOString());
    }),
    runs,
  );
  expect(() => formatInstant(new Date(NaN))).toThrow(RangeError);
});

test('a text of an instant is read as Date reads it, or left to it', () => {
  let read = 0;
  fc.assert(
    fc.property(fc.integer({ min: FIRST, max: LAST }), (time) => {
      const found = parseInstant(new Date(time).toISOString());
      if (!found) return;
      read += 1;
      expect(found.getTime()).toBe(time);
    }),
    runs,
  );
  expect(read).toBeGreaterThan(runs.numRuns / 4);
});

test('a text with another character is never read as another instant', () => {
  const character = fc.oneof(
    fc.constantFrom('0', '1', '2', '9', '-', '+', ':', '.', 'T', 'Z', ' ', '/'),
    fc.string({ minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.integer({ min: FIRST, max: LAST }), fc.nat(23), character, (time, at, other) => {
      const text = new Date(time).toISOString();
      const changed = text.slice(0, at) + other + text.slice(at + 1);
      const found = parseInstant(changed);
      if (found) expect(found.getTime()).toBe(Date.parse(changed));
    }),
    runs,
  );
});

test.for([
  '2026-02-29T00:00:00.000Z',
  '2026-00-10T00:00:00.000Z',
  '2026-01-00T00:00:00.000Z',
  '2026-13-01T00:00:00.000Z',
  '2026-01-01T24:00:00.001Z',
  '2026-01-01T00:60:00.000Z',
  '2026-01-01T00:00:60.000Z',
  '2026-01-01T00:00:00.00/Z',
  '2026-01-01 00:00:00.000Z',
  '2026-01-01T00:00:00.000',
])('%s is left to Date', (text) => {
  expect(parseInstant(text)).toBeUndefined();
});
