import { findGuard } from '../../compiler/write-plan.ts';
import type { Driver, DriverTransaction, StatementResult } from '../../driver/driver.ts';
import { isCinnabarError } from '../../errors/base.ts';
import { holds, refuses, same } from '../assert.ts';
import { type ConformanceCase, type ConformanceContext, type Query, statement } from '../conformance.ts';
import { interactive, survivesRollback } from './requirements.ts';

/** Begins a transaction of an interactive driver. */
export async function begin(driver: Driver): Promise<DriverTransaction> {
  holds(driver.begin !== undefined, 'an interactive driver has begin()');
  return driver.begin();
}

/** Runs statements in a transaction, in one trip. */
export async function inTransaction(
  tx: DriverTransaction,
  ...queries: readonly Query[]
): Promise<readonly StatementResult[]> {
  const { results, trips } = await tx.execute({ statements: queries.map(statement), mode: 'write' });
  same(trips, 1, 'trips of a unit in a transaction');
  return results;
}

const count = async ({ read }: ConformanceContext, table: string): Promise<unknown> =>
  (await read(`select count(*) as n from ${table}`))[0]?.[0];

/** Transactions that stay open while the program decides. */
export const transactionCases: readonly ConformanceCase[] = [
  {
    name: 'what a transaction commits is there, and it saw its own writes',
    requires: interactive,
    async run(context) {
      const t = await context.table('id integer primary key, v text');
      const tx = await begin(context.driver);
      await inTransaction(tx, [`insert into ${t} (v) values ('a')`]);
      same((await inTransaction(tx, [`select v from ${t}`]))[0]?.rows, [['a']], 'inside');
      const { results, trips } = await tx.commit([statement([`insert into ${t} (v) values ('b') returning id`])]);
      same(
        results.map(({ rows }) => rows),
        [[[2]]],
        'the last statement',
      );
      same(trips, 1, 'trips of the commit');
      same(await context.read(`select v from ${t} order by id`), [['a'], ['b']], 'after');
    },
  },
  {
    name: 'read, decide, write is two trips: BEGIN and COMMIT ride along',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      await context.write(`insert into ${t} values (1)`);
      const tx = await begin(context.driver);
      const read = await tx.execute({ statements: [statement([`select v from ${t}`])], mode: 'read' });
      same(read.results[0]?.rows, [[1]], 'read');
      const { trips } = await tx.commit([statement([`update ${t} set v = 2`])]);
      same(read.trips + trips, 2, 'trips');
      same(await context.read(`select v from ${t}`), [[2]], 'rows');
    },
  },
  {
    name: 'a commit may be the first call, and may have no statement',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const all = await begin(context.driver);
      same((await all.commit([statement([`insert into ${t} values (1)`])])).trips, 1, 'trips of all at once');
      const last = await begin(context.driver);
      await inTransaction(last, [`insert into ${t} values (2)`]);
      same((await last.commit([])).results, [], 'results of a commit alone');
      const none = await begin(context.driver);
      same(await none.commit([]), { results: [], trips: 0 }, 'a transaction that did nothing');
      same(await count(context, t), 2, 'rows');
    },
  },
  {
    name: 'what is rolled back is gone',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const tx = await begin(context.driver);
      await inTransaction(tx, [`insert into ${t} values (1)`]);
      same((await tx.rollback()).trips, 1, 'trips of the rollback');
      same(await count(context, t), 0, 'rows');
      const none = await begin(context.driver);
      same(await none.rollback(), { results: [], trips: 0 }, 'a transaction that did nothing');
    },
  },
  {
    name: 'nobody outside sees an open transaction',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const tx = await begin(context.driver);
      try {
        await inTransaction(tx, [`insert into ${t} values (1)`]);
        const outside = await count(context, t).catch((error: unknown) => error);
        // A database with one connection says that it is taken.
        if (isCinnabarError(outside)) same([outside.code, outside.retryable], ['LockTimeout', true], 'refusal');
        else same(outside, 0, 'rows seen from outside');
      } finally {
        await tx.rollback();
      }
    },
  },
  {
    name: 'a commit whose statement fails commits nothing',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer unique');
      const tx = await begin(context.driver);
      await inTransaction(tx, [`insert into ${t} values (1)`]);
      const queries: readonly Query[] = [[`insert into ${t} values (2)`], [`insert into ${t} values (1)`]];
      await refuses(() => tx.commit(queries.map(statement)), { code: 'UniqueViolation', outcome: 'not committed' });
      await tx.rollback();
      same(await count(context, t), 0, 'rows');
      await context.write(`insert into ${t} values (3)`);
    },
  },
  {
    name: 'a guard aborts a commit',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const tx = await begin(context.driver);
      await inTransaction(tx, [`insert into ${t} values (1)`]);
      const guard = statement([`select json_extract('{}', 'cinnabar:stale:0:')`]);
      const error = await refuses(() => tx.commit([guard]), { outcome: 'not committed' });
      same(findGuard(error)?.kind, 'stale', 'guard');
      same(await count(context, t), 0, 'rows');
    },
  },
  {
    name: 'a check that was put off and fails at COMMIT commits nothing',
    requires: interactive,
    async run(context) {
      const t = await context.table('id integer primary key');
      const r = await context.table(`t_id integer references ${t} (id) deferrable initially deferred`);
      const tx = await begin(context.driver);
      await inTransaction(tx, [`insert into ${r} values (5)`]);
      await refuses(() => tx.commit([]), { code: 'ForeignKeyViolation', outcome: 'not committed' });
      same(await count(context, r), 0, 'rows');
      await context.write(`insert into ${t} values (1)`);
    },
  },
  {
    name: 'after its end a transaction refuses, and sends nothing',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const committed = await begin(context.driver);
      await inTransaction(committed, [`insert into ${t} values (1)`]);
      await committed.commit([]);
      const rolledBack = await begin(context.driver);
      await inTransaction(rolledBack, [`insert into ${t} values (2)`]);
      await rolledBack.rollback();
      for (const tx of [committed, rolledBack]) {
        await refuses(() => inTransaction(tx, [`insert into ${t} values (3)`]), { outcome: 'not sent' });
        await refuses(() => tx.commit([statement([`insert into ${t} values (4)`])]), { outcome: 'not sent' });
        same(await tx.rollback(), { results: [], trips: 0 }, 'a late rollback');
      }
      same(await context.read(`select v from ${t}`), [[1]], 'rows');
    },
  },
  {
    name: 'after a failed statement nothing of the transaction can be committed',
    requires: (driver) => interactive(driver) ?? survivesRollback(driver),
    async run(context) {
      const t = await context.table('v integer unique');
      await context.write(`insert into ${t} values (1)`);
      const tx = await begin(context.driver);
      await inTransaction(tx, [`insert into ${t} values (2)`]);
      // The conflict clause makes SQLite end the transaction by itself.
      await refuses(() => inTransaction(tx, [`insert or rollback into ${t} values (1)`]), { code: 'UniqueViolation' });
      await refuses(() => inTransaction(tx, [`insert into ${t} values (3)`]), { outcome: 'not sent' });
      await refuses(() => tx.commit([statement([`insert into ${t} values (4)`])]), { outcome: 'not sent' });
      await tx.rollback();
      same(await context.read(`select v from ${t}`), [[1]], 'rows');
    },
  },
  {
    name: 'a failed statement can be undone by a rollback to a savepoint',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer unique');
      const tx = await begin(context.driver);
      await inTransaction(tx, [`insert into ${t} values (1)`], ['savepoint s']);
      await refuses(() => inTransaction(tx, [`insert into ${t} values (2)`], [`insert into ${t} values (1)`]), {
        code: 'UniqueViolation',
        outcome: 'not committed',
      });
      await inTransaction(tx, ['rollback to s'], ['release s']);
      await tx.commit([statement([`insert into ${t} values (3)`])]);
      same(await context.read(`select v from ${t} order by v`), [[1], [3]], 'rows');
    },
  },
  {
    name: 'calls of one transaction at the same time run in order',
    requires: (driver) => interactive(driver) ?? survivesRollback(driver),
    async run(context) {
      const t = await context.table('v integer unique');
      await context.write(`insert into ${t} values (1)`);
      const tx = await begin(context.driver);
      const ends = await Promise.allSettled([
        inTransaction(tx, [`insert into ${t} values (2)`]),
        inTransaction(tx, [`insert or rollback into ${t} values (1)`]),
        inTransaction(tx, [`insert into ${t} values (3)`]),
        tx.commit([statement([`insert into ${t} values (4)`])]),
      ]);
      same(
        ends.map(({ status }) => status),
        ['fulfilled', 'rejected', 'rejected', 'rejected'],
        'ends',
      );
      await tx.rollback();
      same(await context.read(`select v from ${t}`), [[1]], 'rows');
    },
  },
];
