import { DatabaseSync } from 'node:sqlite';
import {
  type AnyExpr,
  contains,
  createEngine,
  dateAdd,
  dateDiff,
  dateTrunc,
  type DateUnit,
  decimalAdd,
  decimalMultiply,
  decimalRound,
  decimalSubtract,
  type DurationUnit,
  endsWith,
  type Engine,
  extract,
  integer,
  isCinnabarError,
  json,
  jsonEquals,
  jsonExists,
  jsonGet,
  length,
  literal,
  numeric,
  plainDate,
  position,
  replace,
  select,
  startsWith,
  substring,
  text,
  timestamp,
  tuple,
} from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { createClient } from '@libsql/client';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';

// What a database makes of random values is what JavaScript makes of them, on an old SQLite and a new one.

const client = createClient({ url: ':memory:' });
afterAll(() => client.close());
const engines: [string, Engine][] = [
  ['libsql', createEngine(libsql(client))],
  ['node:sqlite', createEngine(nodeSqlite(new DatabaseSync(':memory:')))],
];
const numRuns = Number(process.env['FUNCTION_RUNS'] ?? 200);
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describe.for(engines)('%s', { timeout: 120_000 + numRuns * 20 }, ([, engine]) => {
  async function valuesOf(shape: Record<string, AnyExpr>): Promise<Record<string, unknown>> {
    const [row] = await engine.all(select(shape));
    return row as Record<string, unknown>;
  }
  const law = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => Promise<void>): Promise<void> =>
    fc.assert(fc.asyncProperty(arbitrary, check), { numRuns, seed });

  const plain = fc
    .string({ unit: 'binary', maxLength: 8 })
    .filter((value) => value.isWellFormed() && !value.includes('\0'));
  const tricky = fc.string({
    unit: fc.constantFrom('"', '\\', '.', '[', ']', '$', '*', "'", 'u', '0', 'a', '\n', '#', '-'),
  });
  const key = fc.oneof(plain, tricky).filter((value) => value !== '__proto__');

  test(`a document at a path (SEED=${seed})`, async () => {
    const leaf = fc.oneof(plain, fc.integer(), fc.boolean(), fc.constant(null));
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', maxDepth: 3 },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    await law(
      fc.tuple(value, fc.array(fc.oneof(fc.nat({ max: 3 }), key), { maxLength: 3 }), fc.nat()),
      async ([doc, other, pick]) => {
        const paths = pathsOf(doc);
        for (const path of [paths[pick % paths.length]!, other]) {
          const item = literal(doc, json<unknown>().nullable());
          const found = at(doc, path);
          const row = await valuesOf({
            value: jsonGet(item, path, json<unknown>()),
            exists: jsonExists(item, path),
            same: jsonEquals(jsonGet(item, path, json<unknown>()), found ?? null),
          });
          // A literal null is NULL, and no document.
          const isThere = found !== undefined && doc !== null;
          expect(row).toEqual({ value: found ?? null, exists: isThere, same: isThere });
        }
      },
    );
  });

  test(`text as it is written (SEED=${seed})`, async () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_', '!', '\\', '💥', 'é'), maxLength: 6 });
    await law(
      fc.tuple(fc.oneof(few, plain), fc.oneof(few, plain), fc.integer({ min: 1, max: 5 }), fc.nat({ max: 4 })),
      async ([whole, part, start, count]) => {
        const item = literal(whole, text());
        const points = Array.from(whole);
        const index = whole.indexOf(part);
        expect(
          await valuesOf({
            contains: contains(item, part),
            startsWith: startsWith(item, part),
            endsWith: endsWith(item, part),
            byText: endsWith(item, literal(part, text())),
            position: position(item, part),
            length: length(item),
            substring: substring(item, start, count),
            replace: replace(item, part, '<>'),
          }),
        ).toEqual({
          contains: index >= 0,
          startsWith: whole.startsWith(part),
          endsWith: whole.endsWith(part),
          byText: whole.endsWith(part),
          position: index < 0 ? 0 : Array.from(whole.slice(0, index)).length + 1,
          length: points.length,
          substring: points.slice(start - 1, start - 1 + count).join(''),
          replace: part === '' ? whole : whole.split(part).join('<>'),
        });
      },
    );
  });

  test(`dates as a calendar has them (SEED=${seed})`, async () => {
    const [first, last] = [Date.parse('0100-01-01T00:00:00Z'), Date.parse('9990-12-31T23:59:59Z')];
    const time = fc.oneof(fc.integer({ min: first, max: last }), fc.integer({ min: -1e12, max: 2e12 }));
    const units: DateUnit[] = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second'];
    const spans = { week: 604_800_000, day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 };
    await law(
      fc.tuple(time, time, fc.integer({ min: -30, max: 30 }), fc.integer({ min: -100_000, max: 100_000 })),
      async ([one, other, months, seconds]) => {
        const [date, to] = [new Date(one), new Date(other)];
        const item = literal(date, timestamp());
        const day = date.toISOString().slice(0, 10);
        const row = await valuesOf({
          ...Object.fromEntries(units.map((unit) => [unit, dateTrunc(unit, item)])),
          ...Object.fromEntries(
            Object.keys(spans).map((unit) => [`diff ${unit}`, dateDiff(unit as DurationUnit, item, to)]),
          ),
          later: dateAdd(item, { months, seconds, milliseconds: -seconds }),
          day: dateTrunc('day', item),
          dayLater: dateAdd(literal(day, plainDate()), { years: 1, months, days: seconds % 1000 }),
          parts: extract('epoch', item),
          dayOfYear: extract('dayOfYear', item),
          dayOfWeek: extract('dayOfWeek', item),
          quarter: extract('quarter', item),
        });
        const expected: Record<string, unknown> = {
          ...Object.fromEntries(units.map((unit) => [unit, truncated(unit, date)])),
          ...Object.fromEntries(
            Object.entries(spans).map(([unit, span]) => [`diff ${unit}`, Math.trunc((other - one) / span) + 0]),
          ),
          later: new Date(monthsLater(date, months).getTime() + seconds * 999),
          dayLater: new Date(monthsLater(new Date(day), 12 + months).getTime() + (seconds % 1000) * 86_400_000)
            .toISOString()
            .slice(0, 10),
          parts: Math.floor(one / 1000),
          dayOfYear:
            Math.round((truncated('day', date).getTime() - truncated('year', date).getTime()) / 86_400_000) + 1,
          dayOfWeek: date.getUTCDay(),
          quarter: Math.floor(date.getUTCMonth() / 3) + 1,
        };
        expect(row).toEqual(expected);
      },
    );
  });

  test(`decimals are exact, or refused (SEED=${seed})`, async () => {
    const decimal = fc.integer({ min: 0, max: 9 }).chain((scale) =>
      fc
        .tuple(fc.constant(scale), fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }), fc.nat({ max: 17 }))
        .map(([, digits, less]) => ({
          scale,
          digits: digits / 10n ** BigInt(less),
        })),
    );
    await law(fc.tuple(decimal, decimal, fc.nat({ max: 9 })), async ([one, other, scale]) => {
      const [left, right] = [one, other].map(({ digits, scale: of }) => literal(written(digits, of), numeric(18, of)));
      const most = Math.max(one.scale, other.scale);
      const [a, b] = [one, other].map(({ digits, scale: of }) => digits * 10n ** BigInt(most - of)) as [bigint, bigint];
      const cases: [AnyExpr, bigint, number, bigint?][] = [
        [decimalAdd(left!, right!), a + b, most, a > b ? a : b],
        [decimalSubtract(left!, right!), a - b, most, a > b ? a : b],
        [decimalMultiply(left!, right!), one.digits * other.digits, one.scale + other.scale],
        [decimalRound(left!, scale), rounded(one.digits, one.scale, scale), scale],
      ];
      for (const [value, digits, of] of cases) {
        const outcome = await engine.all(select({ value })).then(
          ([row]) => row!.value,
          (error: unknown) => isCinnabarError(error, 'InvalidValueError') && 'refused',
        );
        const isExact = outcome === written(digits, of);
        const isBeyond =
          digits !== BigInt.asIntN(64, digits) || [a, b].some((item) => item !== BigInt.asIntN(64, item));
        expect(isExact || (isBeyond && outcome === 'refused'), `${outcome} for ${written(digits, of)}`).toBe(true);
      }
    });
  });

  test(`tuples are compared by the first in which they differ (SEED=${seed})`, async () => {
    const row = fc.tuple(
      fc.integer({ min: 0, max: 1 }),
      fc.integer({ min: 0, max: 1 }),
      fc.integer({ min: 0, max: 1 }),
    );
    await law(fc.tuple(row, row, fc.array(row, { maxLength: 3 })), async ([one, other, list]) => {
      const item = tuple(
        ...(one.map((value) => literal(value, integer())) as AnyExpr[] as [AnyExpr, AnyExpr, AnyExpr]),
      );
      const order = one.join('') < other.join('') ? -1 : one.join('') > other.join('') ? 1 : 0;
      expect(
        await valuesOf({
          eq: item.eq(other),
          ne: item.ne(other),
          lt: item.lt(other),
          lte: item.lte(other),
          gt: item.gt(other),
          gte: item.gte(other),
          in: item.in(list),
          notIn: item.notIn(list),
        }),
      ).toEqual({
        eq: order === 0,
        ne: order !== 0,
        lt: order < 0,
        lte: order <= 0,
        gt: order > 0,
        gte: order >= 0,
        in: list.some((values) => values.join('') === one.join('')),
        notIn: list.every((values) => values.join('') !== one.join('')),
      });
    });
  });
});

/** Every way into a document. */
function pathsOf(doc: unknown, before: (string | number)[] = []): (string | number)[][] {
  if (typeof doc !== 'object' || doc === null) return [before];
  const entries: [string | number, unknown][] = Array.isArray(doc) ? [...doc.entries()] : Object.entries(doc);
  return [before, ...entries.flatMap(([leg, item]) => pathsOf(item, [...before, leg]))];
}

function at(doc: unknown, path: readonly (string | number)[]): unknown {
  let item = doc;
  for (const leg of path) {
    const isPlace = typeof leg === 'number';
    if (typeof item !== 'object' || item === null || Array.isArray(item) !== isPlace) return undefined;
    if (!Object.hasOwn(item, leg)) return undefined;
    item = (item as Record<string | number, unknown>)[leg];
  }
  return item;
}

function truncated(unit: DateUnit, date: Date): Date {
  const start = new Date(date);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const monday = day - ((date.getUTCDay() + 6) % 7);
  const of: Record<DateUnit, () => unknown> = {
    year: () => [start.setUTCFullYear(year, 0, 1), start.setUTCHours(0, 0, 0, 0)],
    quarter: () => [start.setUTCFullYear(year, month - (month % 3), 1), start.setUTCHours(0, 0, 0, 0)],
    month: () => [start.setUTCFullYear(year, month, 1), start.setUTCHours(0, 0, 0, 0)],
    week: () => [start.setUTCFullYear(year, month, monday), start.setUTCHours(0, 0, 0, 0)],
    day: () => start.setUTCHours(0, 0, 0, 0),
    hour: () => start.setUTCMinutes(0, 0, 0),
    minute: () => start.setUTCSeconds(0, 0),
    second: () => start.setUTCMilliseconds(0),
  };
  of[unit]();
  return start;
}

function monthsLater(date: Date, months: number): Date {
  const later = new Date(date);
  later.setUTCDate(1);
  later.setUTCMonth(later.getUTCMonth() + months);
  const last = new Date(later);
  last.setUTCMonth(last.getUTCMonth() + 1, 0);
  later.setUTCDate(Math.min(date.getUTCDate(), last.getUTCDate()));
  return later;
}

function written(digits: bigint, scale: number): string {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const whole = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
  return digits < 0n ? `-${whole}` : whole;
}

function rounded(digits: bigint, from: number, to: number): bigint {
  if (to >= from) return digits * 10n ** BigInt(to - from);
  const power = 10n ** BigInt(from - to);
  const size = digits < 0n ? -digits : digits;
  const up = (size + power / 2n) / power;
  return digits < 0n ? -up : up;
}
