import {
  createAll,
  createEngine,
  currentDate,
  custom,
  type DateAmounts,
  type DateField,
  dateAdd,
  dateDiff,
  dateTrunc,
  type DateUnit,
  declarativeBase,
  type DurationUnit,
  extract,
  insert,
  integer,
  literal,
  now,
  plainDate,
  plainDateTime,
  select,
  sql,
  timestamp,
} from 'cinnabar';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OpenDriver, TestDatabase } from '../support/database.ts';
import { givenSamples, refusedCases, s, valueCases } from './samples.ts';

/** Dates and times, in their stored forms. */
export function dateCases(open: OpenDriver): void {
  const part = (code: string, column = 'at'): string => `cast(strftime('%${code}', "${column}") as integer)`;
  valueCases('extract', open, [
    [extract('year', s.at), part('Y'), 2024],
    [extract('quarter', s.at), `(${part('m')} + 2) / 3`, 1],
    [extract('month', s.at), part('m'), 1],
    [extract('week', s.at), `(cast(strftime('%j', "at", '-3 days', 'weekday 4') as integer) + 6) / 7`, 5],
    [extract('isoYear', s.at), `cast(strftime('%Y', "at", '-3 days', 'weekday 4') as integer)`, 2024],
    [extract('day', s.at), part('d'), 31],
    [extract('dayOfWeek', s.at), part('w'), 3],
    [extract('dayOfYear', s.at), part('j'), 31],
    [extract('hour', s.at), part('H'), 22],
    [extract('minute', s.at), part('M'), 15],
    [extract('second', s.at), part('S'), 30],
    [extract('epoch', s.at), part('s'), 1706739330],
    [extract('hour', s.time), part('H', 'time'), 12],
    [extract('month', s.day), part('m', 'day'), 1],
    [extract('second', s.local), part('S', 'local'), 30],
    [extract('year', s.at).plus(1), `${part('Y')} + cast(?1 as integer)`, 2025],
    [extract('quarter', s.at).times(2), `((${part('m')} + 2) / 3) * cast(?1 as integer)`, 2],
  ]);

  const from = (format: string, column = 'at', rest = ''): string => `strftime('${format}', "${column}"${rest})`;
  valueCases('dateTrunc', open, [
    [dateTrunc('year', s.at), from('%Y-01-01T00:00:00.000Z'), new Date('2024-01-01')],
    [
      dateTrunc('quarter', s.later),
      from(
        '%Y-%m-01T00:00:00.000Z',
        'later',
        `, 'start of month', '-' || ((strftime('%m', "later") - 1) % 3) || ' months'`,
      ),
      new Date('2024-01-01'),
    ],
    [dateTrunc('month', s.at), from('%Y-%m-01T00:00:00.000Z'), new Date('2024-01-01')],
    [dateTrunc('week', s.at), from('%Y-%m-%dT00:00:00.000Z', 'at', `, 'weekday 0', '-6 days'`), new Date('2024-01-29')],
    [dateTrunc('day', s.at), from('%Y-%m-%dT00:00:00.000Z'), new Date('2024-01-31')],
    [dateTrunc('hour', s.at), from('%Y-%m-%dT%H:00:00.000Z'), new Date('2024-01-31T22:00:00Z')],
    [dateTrunc('minute', s.at), from('%Y-%m-%dT%H:%M:00.000Z'), new Date('2024-01-31T22:15:00Z')],
    [dateTrunc('second', s.at), from('%Y-%m-%dT%H:%M:%S.000Z'), new Date('2024-01-31T22:15:30Z')],
    [dateTrunc('month', s.day), from('%Y-%m-01', 'day'), '2024-01-01'],
    [dateTrunc('hour', s.local), from('%Y-%m-%dT%H:00:00.000', 'local'), '2024-01-31T22:00:00'],
    [dateTrunc('day', s.at).eq(new Date('2024-01-31')), `${from('%Y-%m-%dT00:00:00.000Z')} = ?1`, true],
  ]);

  const count = (at: number): string => `cast(?${at} as integer)`;
  valueCases('dateAdd', open, [
    [
      dateAdd(s.at, { days: 1 }),
      from('%Y-%m-%dT%H:%M:%fZ', 'at', `, ${count(1)} || ' days'`),
      new Date('2024-02-01T22:15:30.250Z'),
    ],
    [
      dateAdd(s.at, { weeks: -1, milliseconds: 750 }),
      from('%Y-%m-%dT%H:%M:%fZ', 'at', `, (${count(1)} * 7) || ' days', (${count(2)} / 1000.0) || ' seconds'`),
      new Date('2024-01-24T22:15:31.000Z'),
    ],
    [
      dateAdd(s.local, { hours: s.a, minutes: 1, seconds: 1 }),
      from('%Y-%m-%dT%H:%M:%f', 'local', `, "a" || ' hours', ${count(1)} || ' minutes', ${count(2)} || ' seconds'`),
      '2024-02-01T05:16:31.25',
    ],
    [
      dateAdd(s.day, { months: 1 }),
      `strftime('%Y-%m-%d', min(date("day", (${count(1)}) || ' months'), coalesce(date("day", 'start of month', (${count(2)} + 1) || ' months', '-1 day'), '9999-12-31')))`,
      '2024-02-29',
    ],
    [
      dateAdd(s.later, { hours: 1 }).gt(s.at),
      `${from('%Y-%m-%dT%H:%M:%fZ', 'later', `, ${count(1)} || ' hours'`)} > "at"`,
      true,
    ],
    [
      dateAdd(literal(null, timestamp().nullable()), { days: 1 }),
      `strftime('%Y-%m-%dT%H:%M:%fZ', ?1, ${count(2)} || ' days')`,
      null,
    ],
  ]);

  const apart = (a: string, b: string, unit: number): string =>
    `cast(round((julianday("${b}") - julianday("${a}")) * 86400000) as integer) / ${unit}`;
  valueCases('dateDiff', open, [
    [dateDiff('millisecond', s.at, s.later), apart('at', 'later', 1), 2511869750],
    [dateDiff('second', s.at, s.later), apart('at', 'later', 1000), 2511869],
    [dateDiff('minute', s.at, s.later), apart('at', 'later', 60_000), 41864],
    [dateDiff('hour', s.at, s.later), apart('at', 'later', 3_600_000), 697],
    [dateDiff('day', s.later, s.at), apart('later', 'at', 86_400_000), -29],
    [dateDiff('week', s.at, s.later), apart('at', 'later', 604_800_000), 4],
    [dateDiff('day', s.day, '2024-03-01'), apart('day', '', 86_400_000).replace('""', '?1'), 30],
  ]);

  describe('as a calendar has it', () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await givenSamples(open);
    });
    const value = async (
      expression: Parameters<typeof select>[0] extends never ? never : unknown,
    ): Promise<unknown> => {
      const [row] = await db.engine.all(select({ value: expression as typeof s.a }));
      return row!.value;
    };

    test.for([
      ['2024-01-31', { months: 1 }, '2024-02-29'],
      ['2023-01-31', { months: 1 }, '2023-02-28'],
      ['2024-02-29', { years: 1 }, '2025-02-28'],
      ['2024-02-29', { years: 4 }, '2028-02-29'],
      ['2024-03-31', { months: -1 }, '2024-02-29'],
      ['2024-12-31', { months: 2 }, '2025-02-28'],
      ['2024-01-31', { years: -1, months: 13 }, '2024-02-29'],
      ['2024-01-31', { months: 1, days: 1 }, '2024-03-01'],
      ['2024-05-15', { months: 0 }, '2024-05-15'],
      ['2024-01-01', { days: -1 }, '2023-12-31'],
      ['9999-12-31', { days: 1 }, null],
      ['9999-12-31', { months: 1 }, null],
      ['9999-11-30', { months: 1 }, '9999-12-30'],
      ['9999-10-31', { months: 2 }, '9999-12-31'],
    ] as [string, DateAmounts, string | null][])('%s and %o is %s', async ([day, amounts, expected]) => {
      const instant = literal(new Date(`${day}T10:11:12.013Z`), timestamp());
      const local = literal(`${day}T10:11:12.013`, plainDateTime());

      if (expected === null && db.by({ sqlite: false, postgres: true })) {
        for (const later of [
          dateAdd(literal(day, plainDate()), amounts),
          dateAdd(local, amounts),
          dateAdd(instant, amounts),
        ]) {
          await expect(value(later)).rejects.toMatchObject({ code: 'InvalidValueError' });
        }
        return;
      }
      expect(await value(dateAdd(literal(day, plainDate()), amounts))).toBe(expected);
      expect(await value(dateAdd(local, amounts))).toBe(expected && `${expected}T10:11:12.013`);
      expect(await value(dateAdd(instant, amounts))).toEqual(expected && new Date(`${expected}T10:11:12.013Z`));
    });

    test.for([
      ['2021-01-03', 2020, 53],
      ['2021-01-04', 2021, 1],
      ['2024-12-29', 2024, 52],
      ['2024-12-30', 2025, 1],
      ['2026-12-31', 2026, 53],
    ] as const)('the ISO week of %s', async ([day, year, week]) => {
      const date = literal(day, plainDate());
      expect([await value(extract('isoYear', date)), await value(extract('week', date))]).toEqual([year, week]);
    });

    test('now and today', async () => {
      const before = Date.now();
      const instant = (await value(now())) as Date;
      const day = await value(currentDate());
      const after = Date.now();

      expect(instant.getTime()).toBeGreaterThanOrEqual(before - 1000);
      expect(instant.getTime()).toBeLessThanOrEqual(after + 1000);
      expect([new Date(before), new Date(after)].map((date) => date.toISOString().slice(0, 10))).toContain(day);
      expect((await db.record(() => db.engine.all(select({ value: now() })))).sql).toEqual([
        db.by({
          sqlite: `select strftime('%Y-%m-%dT%H:%M:%fZ', 'now') as "value"`,
          postgres: `select date_trunc('milliseconds', statement_timestamp()) as "value"`,
        }),
      ]);
    });

    test('a default that the database makes has the stored form', async () => {
      const Base = declarativeBase();
      class Event extends Base('events', {
        id: integer().primaryKey(),
        at: timestamp().defaultSql(now()),
        day: plainDate().defaultSql(currentDate()),
      }) {}
      const engine = createEngine(db.driver);
      await createAll(engine, Base.metadata);
      await engine.run(insert(Event).values({ id: 1 }));
      const at = db.by({ sqlite: 'at', postgres: `to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` });
      const [stored] = await db.rows(`select ${at}, day from events`);
      const [read] = await engine.all(select(Event));
      await db.run('drop table events');

      expect(stored).toEqual([
        expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      ]);
      expect(read!.at.toISOString()).toBe(stored![0]);
    });

    test('a type of one’s own over an instant', async () => {
      const wrapped = custom(timestamp(), { read: (date) => ({ date }), write: ({ date }: { date: Date }) => date });
      const item = literal({ date: new Date('2024-01-31T22:15:30Z') }, wrapped);

      expect(await value(dateTrunc('day', item))).toEqual({ date: new Date('2024-01-31') });
      expect(await value(extract('year', item))).toBe(2024);
    });
  });

  refusedCases('dates', [
    [
      'another field',
      () => extract('century' as DateField, s.at),
      'ConfigurationError',
      'extract(): expected one of isoYear, week, year',
    ],
    [
      'a field of Object',
      () => extract('constructor' as DateField, s.at),
      'ConfigurationError',
      'extract(): expected one of',
    ],
    [
      'text',
      () => extract('year', s.name),
      'ConfigurationError',
      'expected timestamp() or plainDateTime() or plainDate(); samples.name is text()',
    ],
    ['the year of a time', () => extract('year', s.time), 'ConfigurationError', 'samples.time is plainTime()'],
    ['the hour of a date', () => extract('hour', s.day), 'ConfigurationError', 'samples.day is plainDate()'],
    [
      'a fragment',
      () => extract('year', sql<Date>`${s.at}`),
      'ConfigurationError',
      'of no known type: typed() gives it one',
    ],
    [
      'another unit',
      () => dateTrunc("day', 'now" as DateUnit, s.at),
      'ConfigurationError',
      'dateTrunc(): expected one of year',
    ],
    [
      'the hour of a date cut',
      () => dateTrunc('hour', s.day),
      'ConfigurationError',
      'samples.day is plainDate(), which has no hour',
    ],
    ['a time cut', () => dateTrunc('hour', s.time), 'ConfigurationError', 'samples.time is plainTime()'],
    ['no amount', () => dateAdd(s.at, {}), 'ConfigurationError', 'dateAdd(): expected an amount'],
    [
      'another amount',
      () => dateAdd(s.at, { fortnights: 1 } as DateAmounts),
      'ConfigurationError',
      'dateAdd(): expected one of years',
    ],
    [
      'a fraction',
      () => dateAdd(s.at, { days: 0.5 }),
      'InvalidValueError',
      'dateAdd(): days: expected a safe integer, got a fraction',
    ],
    [
      'an amount as text',
      () => dateAdd(s.at, { days: '1' as never }),
      'InvalidValueError',
      'dateAdd(): days: expected a safe integer, got a string',
    ],
    [
      'hours of a date',
      () => dateAdd(s.day, { hours: 1 }),
      'ConfigurationError',
      'samples.day is plainDate(), which has no hours',
    ],
    [
      'months between',
      () => dateDiff('month' as DurationUnit, s.at, s.later),
      'ConfigurationError',
      'dateDiff(): expected one of week, day',
    ],
    [
      'two types',
      () => dateDiff('day', s.at, s.day),
      'ConfigurationError',
      'samples.at and samples.day are not of one type',
    ],
    [
      'an invalid date',
      () => dateDiff('day', s.at, new Date(Number.NaN)),
      'InvalidValueError',
      'dateDiff(): expected a valid Date',
    ],
  ]);
}
