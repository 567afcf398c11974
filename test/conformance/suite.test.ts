import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { type ConformanceResult, driverCases, recordingDriver, runConformance } from 'cinnabar/testing';
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
  test('a sound driver passes', async () => {
    const results: ConformanceResult[] = [];
    const totals = await runConformance(sound, (result) => results.push(result));
    expect(failed(results)).toEqual([]);
    expect(totals.passed + totals.failed + totals.skipped).toBe(driverCases.length);
    expect(results.map(({ name }) => name)).toEqual(driverCases.map(({ name }) => name));
  });

  test.for(broken)('%s: a case fails', async ([, execute, caughtBy]) => {
    const results = await run(() => {
      const driver = sound();
      return { ...driver, execute: (unit) => execute((sent) => driver.execute(sent), unit) };
    });
    expect(failed(results)).toContain(caughtBy);
  });

  test('a transaction that goes on after its end: a case fails', async () => {
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
    expect(driverCases.length).toBeGreaterThan(60);
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
