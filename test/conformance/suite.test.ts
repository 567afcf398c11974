import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { type ConformanceResult, driverCases, recordingDriver, runCase, runConformance } from 'cinnabar/testing';
import { describe, expect, test } from 'vitest';
import type { Driver, StatementResult, Unit, UnitResult } from '../../src/driver/driver.ts';
import { CinnabarError } from '../../src/errors/base.ts';

const sound = (): Driver<true> => libsql(createClient({ url: ':memory:' }));

type Execute = (execute: Driver['execute'], unit: Unit) => Promise<UnitResult>;
type Broken = readonly [what: string, execute: Execute, caughtBy: string];

const change = (answer: UnitResult, of: (result: StatementResult) => StatementResult): UnitResult => ({
  ...answer,
  results: answer.results.map(of),
});
const bind = ({ statements, ...unit }: Unit, of: (value: unknown) => unknown): Unit => ({
  ...unit,
  statements: statements.map(({ sql, params }) => ({ sql, params: params.map(of) as typeof params })),
});

const broken: readonly Broken[] = [
  [
    'results in another order',
    async (execute, unit) => {
      const answer = await execute(unit);
      return { ...answer, results: answer.results.toReversed() };
    },
    'the results of a unit stand in the order of its statements',
  ],
  [
    'cells in another order',
    async (execute, unit) =>
      change(await execute(unit), (one) => ({ ...one, rows: one.rows.map((row) => row.toReversed()) })),
    'cells stand in the order of the columns, not of their names',
  ],
  [
    'statements that are not one transaction',
    async (execute, { statements, mode }) => {
      const results: StatementResult[] = [];
      for (const one of statements) results.push(...(await execute({ statements: [one], mode })).results);
      return { results, trips: Math.min(1, statements.length) };
    },
    'a unit whose last statement fails keeps nothing',
  ],
  [
    'two round trips',
    async (execute, unit) => ({ ...(await execute(unit)), trips: 2 }),
    'a unit is one round trip, whatever it holds',
  ],
  [
    'counts that are not told',
    async (execute, unit) => change(await execute(unit), (one) => ({ ...one, changes: 0 })),
    'changes counts the rows of INSERT, UPDATE and DELETE',
  ],
  [
    'text that is normalized',
    (execute, unit) => execute(bind(unit, (value) => (typeof value === 'string' ? value.normalize() : value))),
    'text is exact: empty, quotes, line ends, every plane of Unicode',
  ],
  [
    'doubles that lose digits',
    (execute, unit) => execute(bind(unit, (value) => (value === 0.1 + 0.2 ? 0.3 : value))),
    'doubles are exact, and real',
  ],
  [
    'empty bytes that become NULL',
    (execute, unit) => execute(bind(unit, (value) => (value instanceof Uint8Array && !value.length ? null : value))),
    'bytes are exact, also none',
  ],
  [
    'an outcome that is not said',
    async (execute, unit) => {
      try {
        return await execute(unit);
      } catch (error) {
        throw error instanceof CinnabarError
          ? new CinnabarError(error.code, error.message, { outcome: 'unknown' })
          : error;
      }
    },
    'a unit whose first statement fails keeps nothing',
  ],
  [
    'errors of the client',
    async (execute, unit) => {
      try {
        return await execute(unit);
      } catch (error) {
        throw new Error('SQLITE_CONSTRAINT', { cause: error });
      }
    },
    'NULL where none may be is a NotNullViolation with table and column',
  ],
  [
    'a parameter that no wire has, sent as another',
    (execute, unit) => execute(bind(unit, (value) => value ?? null)),
    'a parameter that is undefined is refused before anything is sent',
  ],
  [
    'text that gets a space',
    (execute, unit) => execute(bind(unit, (value) => (typeof value === 'string' ? `${value} ` : value))),
    'text is exact: digits',
  ],
  [
    'rows of the call before',
    (() => {
      let last: UnitResult | undefined;
      return async (execute, unit) => {
        const answer = await execute(unit);
        const given = last?.results.length === answer.results.length && unit.mode === 'read' ? last : answer;
        last = answer;
        return given;
      };
    })(),
    'each of many reads at the same time gets its own answer',
  ],
  [
    'names of constraints that are not told',
    async (execute, unit) => {
      try {
        return await execute(unit);
      } catch (error) {
        if (!(error instanceof CinnabarError)) throw error;
        const { code, message, outcome, retryable } = error;
        throw new CinnabarError(code, message, { outcome, retryable });
      }
    },
    'refused: a key of two columns that is taken',
  ],
  [
    'a definition outside of the unit',
    async (execute, { statements, mode }) => {
      const creates = statements.filter(({ sql }) => sql.startsWith('create'));
      if (creates.length === 0 || statements.length === 1) return execute({ statements, mode });
      const made = await execute({ statements: creates, mode });
      const rest = statements.filter(({ sql }) => !sql.startsWith('create'));
      return { ...made, results: [...made.results, ...(await execute({ statements: rest, mode })).results] };
    },
    'a guard after the other statements keeps nothing',
  ],
  [
    'an early end that is not heeded',
    (execute, unit) => execute(unit),
    'a signal that has aborted, or a deadline that has passed, sends nothing',
  ],
];

async function run(make: () => Driver): Promise<ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  await runConformance(make, (result) => results.push(result));
  return results;
}
const failed = (results: readonly ConformanceResult[]): string[] =>
  results.filter(({ status }) => status === 'failed').map(({ name }) => name);

describe('the suite tells a driver that is sound from one that is not', () => {
  test('a sound driver passes', { timeout: 60_000 }, async () => {
    const results: ConformanceResult[] = [];
    const totals = await runConformance(sound, (result) => results.push(result));
    expect(failed(results)).toEqual([]);
    expect(totals.passed + totals.failed + totals.skipped).toBe(driverCases.length);
    expect(results.map(({ name }) => name)).toEqual(driverCases.map(({ name }) => name));
  });

  test.for(broken)('%s: a case fails', async ([, execute, caughtBy]) => {
    const driver = sound();
    const broken: Driver = { ...driver, execute: (unit) => execute((sent) => driver.execute(sent), unit) };
    const wanted = driverCases.find(({ name }) => name === caughtBy);
    expect((await runCase(wanted!, driver)).status).toBe('passed');
    expect((await runCase(wanted!, broken)).status).toBe('failed');
  });

  test('a transaction that goes on after its end: a case fails', { timeout: 60_000 }, async () => {
    const results = await run(() => {
      const driver = sound();
      const answer: UnitResult = { results: [{ rows: [], changes: 0 }], trips: 1 };
      const deaf = { execute: async () => answer, commit: async () => answer, rollback: async () => answer };
      return { ...driver, begin: async () => deaf };
    });
    expect(failed(results)).toContain('after its end a transaction refuses, and sends nothing');
    expect(failed(results)).toContain('what a transaction commits is there, and it saw its own writes');
  });

  test('every case has a name of its own, and says something', () => {
    expect(new Set(driverCases.map(({ name }) => name)).size).toBe(driverCases.length);
    expect(driverCases.length).toBeGreaterThan(300);
  });
});

describe('a recording driver', () => {
  const create = { sql: 'create table t (v integer unique)', params: [] };
  const insert = { sql: 'insert into t values (?1)', params: [1] };

  test('remembers calls, texts and trips, and passes everything on', async () => {
    const driver = recordingDriver(sound());
    await driver.execute({ statements: [create, insert], mode: 'write' });
    expect(driver.sql).toEqual([create.sql, insert.sql]);
    expect(driver.calls).toEqual([{ kind: 'unit', mode: 'write', statements: [create, insert], trips: 1 }]);
    driver.clear();
    await expect(driver.execute({ statements: [insert], mode: 'write' })).rejects.toThrow('unique');
    expect(driver.calls[0]).toMatchObject({ error: { code: 'UniqueViolation' } });
    expect(driver.trips).toBe(0);
  });

  test('remembers transactions apart', async () => {
    const driver = recordingDriver(sound());
    await driver.execute({ statements: [create], mode: 'write' });
    driver.clear();
    const [first, second] = [await driver.begin?.(), await driver.begin?.()];
    await first?.execute({ statements: [insert], mode: 'write' });
    await first?.rollback();
    await second?.commit([insert]);
    const calls = driver.calls.map(({ kind, transaction, trips }) => [kind, transaction, trips]);
    expect(calls).toEqual([
      ['transaction', 1, 1],
      ['rollback', 1, 1],
      ['commit', 2, 1],
    ]);
    expect(driver.trips).toBe(3);
  });

  test('passes the suite itself', async () => {
    expect(failed(await run(() => recordingDriver(sound())))).toEqual([]);
  });
});
