import { inspect } from 'node:util';
import { d1, type D1Like, type D1LikeResult, type D1LikeStatement } from 'cinnabar/d1';
import { describe, expect, test } from 'vitest';
import type { Unit } from '../../src/driver/driver.ts';
import type { ErrorCode, Outcome } from '../../src/errors/base.ts';

const statement = { sql: 'select ?1 as a', params: ['x'] };
const write: Unit = { statements: [statement], mode: 'write' };
const read: Unit = { statements: [statement], mode: 'read' };
const reads: Unit = { statements: [statement, statement], mode: 'read' };

/** A binding that does this in place of work: failures of the platform cannot be had from a local one. */
function binding(answer: () => Promise<D1LikeResult[]>): D1Like {
  const prepared: D1LikeStatement = { bind: () => prepared, raw: () => answer().then(() => []) };
  return { prepare: () => prepared, batch: answer };
}
const failing = (message: string): D1Like => binding(() => Promise.reject(new Error(message)));

const lost = [
  'D1_ERROR: Network connection lost.',
  'Network connection lost.',
  'D1_ERROR: D1 DB reset because its code was updated.',
  'D1_ERROR: Internal error while starting up D1 DB storage caused object to be reset.',
  'D1_ERROR: Internal error in D1 DB storage caused object to be reset.',
  'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.',
  "D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset.",
  'D1_ERROR: D1 DB exceeded its CPU time limit and was reset.',
  'D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.',
  'D1_ERROR: internal error; reference = abc',
  'D1_ERROR: disk I/O error: SQLITE_IOERR (extended: SQLITE_IOERR_WRITE)',
  'something that nobody has seen yet',
];

describe('failures of the platform', () => {
  test.for(lost)('%s: a write is unknown, a read can be run again', async (message) => {
    const driver = d1(failing(message));
    await expect(driver.execute(write)).rejects.toMatchObject({ code: 'CommitOutcomeUnknown', outcome: 'unknown' });
    const again = { code: 'ConnectionLost', outcome: 'not committed', retryable: true };
    for (const unit of [read, reads]) await expect(driver.execute(unit)).rejects.toMatchObject(again);
  });

  const refused: readonly (readonly [string, ErrorCode, boolean])[] = [
    ['D1_ERROR: D1 DB is overloaded. Requests queued for too long.', 'Overloaded', true],
    ['D1_ERROR: D1 DB is overloaded. Too many requests queued.', 'Overloaded', true],
    ['Error: Too many API requests by single worker invocation.', 'LimitExceeded', false],
    ['D1_ERROR: UNIQUE constraint failed: t.v: SQLITE_CONSTRAINT', 'UniqueViolation', false],
    ['D1_ERROR: FOREIGN KEY constraint failed', 'ForeignKeyViolation', false],
    [
      'Durable Object was reset and rolled back to its last known good state because the application left the database in a state where constraints were violated: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT',
      'ForeignKeyViolation',
      false,
    ],
    ['D1_ERROR: no such table: t: SQLITE_ERROR', 'DatabaseError', false],
    ['D1_ERROR: Wrong number of parameter bindings for SQL query.', 'DatabaseError', false],
    ['D1_ERROR: Exceeded maximum DB size.', 'DatabaseError', false],
  ];
  test.for(refused)('%s: refused, nothing kept', async ([message, code, retryable]) => {
    const outcome: Outcome = 'not committed';
    for (const unit of [write, read, reads]) {
      await expect(d1(failing(message)).execute(unit)).rejects.toMatchObject({ code, outcome, retryable });
    }
  });
});

const result: D1LikeResult = { results: [], meta: { changes: 0 } };
test.for<[string, unknown]>([
  ['too few', []],
  ['too many', [result, result]],
  ['no results', [{ meta: {} }]],
  ['no counts', [{ results: [] }]],
  ['a row that is none', [{ results: [null], meta: {} }]],
  ['nothing', undefined],
])('a reply with %s to a write leaves the outcome unknown', async ([, reply]) => {
  const driver = d1(binding(() => Promise.resolve(reply as D1LikeResult[])));
  await expect(driver.execute(write)).rejects.toMatchObject({ code: 'CommitOutcomeUnknown', outcome: 'unknown' });
});

test('a value that D1 cannot bind is refused before anything is sent, and not told', async () => {
  const refuse = (): never => {
    throw new Error(`D1_TYPE_ERROR: Type 'bigint' not supported for value '1234567'`);
  };
  const driver = d1({ prepare: () => ({ bind: refuse, raw: refuse }), batch: refuse });
  const error: unknown = await driver.execute(write).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'InvalidValueError', outcome: 'not sent' });
  expect(inspect(error, { depth: 9 })).not.toContain('1234567');
});

test('a deadline ends a call that D1 does not answer', async () => {
  const driver = d1(binding(() => new Promise(() => {})));
  for (const [unit, outcome] of [
    [write, 'unknown'],
    [read, 'not committed'],
    [reads, 'not committed'],
  ] as const) {
    const call = driver.execute(unit, { deadline: Date.now() + 20 });
    await expect(call).rejects.toMatchObject({ code: 'TimeoutError', outcome });
  }
});
