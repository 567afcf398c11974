import { findGuard } from '../../compiler/write-plan.ts';
import type { DriverTransaction, StatementResult } from '../../driver/driver.ts';
import { isCinnabarError } from '../../errors/base.ts';
import { holds, refuses } from '../assert.ts';
import type { ConformanceCase, ConformanceContext, Query } from '../conformance.ts';
import { interactive, survivesRollback } from './requirements.ts';

/** Begins a transaction of an interactive driver. */
export async function begin(context: ConformanceContext): Promise<DriverTransaction> {
  holds(context.driver.begin !== undefined, 'an interactive driver has begin()');
  return context.begin();
}

/** Runs statements in a transaction, in one trip. */
export async function inTransaction(
  context: ConformanceContext,
  tx: DriverTransaction,
  ...queries: readonly Query[]
): Promise<readonly StatementResult[]> {
  const { results, trips } = await tx.execute({ statements: queries.map(context.statement), mode: 'write' });
  context.sameTrips(trips, 1, 'trips of a unit in a transaction', queries.length);
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
      const t = await context.table('id @key, v text');
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} (v) values ('a')`]);
      context.same((await inTransaction(context, tx, [`select v from ${t}`]))[0]?.rows, [['a']], 'inside');
      const { results, trips } = await tx.commit([
        context.statement([`insert into ${t} (v) values ('b') returning id`]),
      ]);
      context.same(
        results.map(({ rows }) => rows),
        [[[2]]],
        'the last statement',
      );
      context.sameTrips(trips, 1, 'trips of the commit');
      context.same(await context.read(`select v from ${t} order by id`), [['a'], ['b']], 'after');
    },
  },
  {
    name: 'read, decide, write is two trips: BEGIN and COMMIT ride along',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      await context.write(`insert into ${t} values (1)`);
      const tx = await begin(context);
      const read = await tx.execute({ statements: [context.statement([`select v from ${t}`])], mode: 'read' });
      context.same(read.results[0]?.rows, [[1]], 'read');
      const { trips } = await tx.commit([context.statement([`update ${t} set v = 2`])]);
      context.sameTrips(read.trips + trips, 2, 'trips');
      context.same(await context.read(`select v from ${t}`), [[2]], 'rows');
    },
  },
  {
    name: 'a commit may be the first call, and may have no statement',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const all = await begin(context);
      context.sameTrips(
        (await all.commit([context.statement([`insert into ${t} values (1)`])])).trips,
        1,
        'trips of all at once',
      );
      const last = await begin(context);
      await inTransaction(context, last, [`insert into ${t} values (2)`]);
      context.same((await last.commit([])).results, [], 'results of a commit alone');
      const none = await begin(context);
      context.same(await none.commit([]), { results: [], trips: 0 }, 'a transaction that did nothing');
      context.same(await count(context, t), 2, 'rows');
    },
  },
  {
    name: 'what is rolled back is gone',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} values (1)`]);
      context.same((await tx.rollback()).trips, 1, 'trips of the rollback');
      context.same(await count(context, t), 0, 'rows');
      const none = await begin(context);
      context.same(await none.rollback(), { results: [], trips: 0 }, 'a transaction that did nothing');
    },
  },
  {
    name: 'nobody outside sees an open transaction',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const tx = await begin(context);
      try {
        await inTransaction(context, tx, [`insert into ${t} values (1)`]);
        const outside = await count(context, t).catch((error: unknown) => error);
        // A database with one connection says that it is taken.
        if (isCinnabarError(outside)) context.same([outside.code, outside.retryable], ['LockTimeout', true], 'refusal');
        else context.same(outside, 0, 'rows seen from outside');
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
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} values (1)`]);
      const queries: readonly Query[] = [[`insert into ${t} values (2)`], [`insert into ${t} values (1)`]];
      await refuses(() => tx.commit(queries.map(context.statement)), {
        code: 'UniqueViolation',
        outcome: 'not committed',
      });
      await tx.rollback();
      context.same(await count(context, t), 0, 'rows');
      await context.write(`insert into ${t} values (3)`);
    },
  },
  {
    name: 'a guard aborts a commit',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} values (1)`]);
      const guard = context.statement([`@fail('cinnabar:stale:0:')`]);
      const error = await refuses(() => tx.commit([guard]), { outcome: 'not committed' });
      context.same(findGuard(error)?.kind, 'stale', 'guard');
      context.same(await count(context, t), 0, 'rows');
    },
  },
  {
    name: 'a check that was put off and fails at COMMIT commits nothing',
    requires: interactive,
    async run(context) {
      const t = await context.table('id @key');
      const r = await context.table(`t_id integer references ${t} (id) deferrable initially deferred`);
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${r} values (5)`]);
      await refuses(() => tx.commit([]), { code: 'ForeignKeyViolation', outcome: 'not committed' });
      context.same(await count(context, r), 0, 'rows');
      await context.write(`insert into ${t} values (1)`);
    },
  },
  {
    name: 'after its end a transaction refuses, and sends nothing',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const committed = await begin(context);
      await inTransaction(context, committed, [`insert into ${t} values (1)`]);
      await committed.commit([]);
      const rolledBack = await begin(context);
      await inTransaction(context, rolledBack, [`insert into ${t} values (2)`]);
      await rolledBack.rollback();
      for (const tx of [committed, rolledBack]) {
        await refuses(() => inTransaction(context, tx, [`insert into ${t} values (3)`]), { outcome: 'not sent' });
        await refuses(() => tx.commit([context.statement([`insert into ${t} values (4)`])]), { outcome: 'not sent' });
        context.same(await tx.rollback(), { results: [], trips: 0 }, 'a late rollback');
      }
      context.same(await context.read(`select v from ${t}`), [[1]], 'rows');
    },
  },
  {
    name: 'after a failed statement nothing of the transaction can be committed',
    requires: (driver) => interactive(driver) ?? survivesRollback(driver),
    async run(context) {
      const t = await context.table('v integer unique');
      await context.write(`insert into ${t} values (1)`);
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} values (2)`]);
      // The conflict clause makes SQLite end the transaction by itself; others need none.
      await refuses(() => inTransaction(context, tx, [`@insertOrRollback into ${t} values (1)`]), {
        code: 'UniqueViolation',
      });
      await refuses(() => inTransaction(context, tx, [`insert into ${t} values (3)`]), { outcome: 'not sent' });
      await refuses(() => tx.commit([context.statement([`insert into ${t} values (4)`])]), { outcome: 'not sent' });
      await tx.rollback();
      context.same(await context.read(`select v from ${t}`), [[1]], 'rows');
    },
  },
  {
    name: 'a failed statement can be undone by a rollback to a savepoint',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer unique');
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} values (1)`], ['savepoint s']);
      await refuses(
        () => inTransaction(context, tx, [`insert into ${t} values (2)`], [`insert into ${t} values (1)`]),
        {
          code: 'UniqueViolation',
          outcome: 'not committed',
        },
      );
      await inTransaction(context, tx, ['rollback to s'], ['release s']);
      await tx.commit([context.statement([`insert into ${t} values (3)`])]);
      context.same(await context.read(`select v from ${t} order by v`), [[1], [3]], 'rows');
    },
  },
  {
    name: 'calls of one transaction at the same time run in order',
    requires: (driver) => interactive(driver) ?? survivesRollback(driver),
    async run(context) {
      const t = await context.table('v integer unique');
      await context.write(`insert into ${t} values (1)`);
      const tx = await begin(context);
      const ends = await Promise.allSettled([
        inTransaction(context, tx, [`insert into ${t} values (2)`]),
        inTransaction(context, tx, [`@insertOrRollback into ${t} values (1)`]),
        inTransaction(context, tx, [`insert into ${t} values (3)`]),
        tx.commit([context.statement([`insert into ${t} values (4)`])]),
      ]);
      context.same(
        ends.map(({ status }) => status),
        ['fulfilled', 'rejected', 'rejected', 'rejected'],
        'ends',
      );
      await tx.rollback();
      context.same(await context.read(`select v from ${t}`), [[1]], 'rows');
    },
  },
];
