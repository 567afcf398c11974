import { isCinnabarError } from '../../errors/base.ts';
import { holds, refuses } from '../assert.ts';
import type { ConformanceCase, ConformanceContext, Query } from '../conformance.ts';
import { interactive } from './requirements.ts';
import { begin, inTransaction } from './transactions.ts';

/** What is left of rows 1, 2, 3 … when a transaction takes these steps; `$n` inserts row n, `!` a row that is refused. */
const programs: readonly (readonly [what: string, steps: readonly string[], left: readonly number[]])[] = [
  ['a savepoint that is released', ['$1', 'savepoint a', '$2', 'release a', '$3'], [1, 2, 3]],
  ['a savepoint that is rolled back to', ['$1', 'savepoint a', '$2', 'rollback to a', '$3'], [1, 3]],
  [
    'a savepoint that is rolled back to twice',
    ['savepoint a', '$1', 'rollback to a', '$2', 'rollback to a', '$3'],
    [3],
  ],
  [
    'savepoints in one another, the inner undone',
    ['$1', 'savepoint a', '$2', 'savepoint b', '$3', 'rollback to b', 'release a'],
    [1, 2],
  ],
  [
    'savepoints in one another, the outer undone',
    ['$1', 'savepoint a', '$2', 'savepoint b', '$3', 'release b', 'rollback to a'],
    [1],
  ],
  ['savepoints of one name', ['savepoint a', '$1', 'savepoint a', '$2', 'rollback to a', 'release a', '$3'], [1, 3]],
  ['a failure that is undone by a savepoint', ['$1', 'savepoint a', '$2', '!', 'rollback to a', '$3'], [1, 3]],
  [
    'a failure, and a savepoint with a longer name for the rollback',
    ['savepoint a', '!', 'ROLLBACK TO SAVEPOINT a', '$2'],
    [2],
  ],
  [
    'two failures, each undone',
    ['savepoint a', '!', 'rollback to a', '$1', 'savepoint b', '!', 'rollback to b', '$2'],
    [1, 2],
  ],
  [
    'definitions that are undone',
    [
      'savepoint a',
      'create table $t_more (v integer)',
      'rollback to a',
      'create table $t_more (v integer)',
      'drop table $t_more',
      '$1',
    ],
    [1],
  ],
];

const program = ([what, steps, left]: (typeof programs)[number]): ConformanceCase => ({
  name: `in a transaction: ${what}`,
  requires: interactive,
  async run(context) {
    const t = await context.table('v integer not null');
    const query = (step: string): Query =>
      step.startsWith('$') ? [`insert into ${t} values (?1)`, Number(step.slice(1))] : [step.replaceAll('$t', t)];
    const tx = await begin(context);
    for (const step of steps) {
      if (step !== '!') await inTransaction(context, tx, query(step));
      else
        await refuses(() => inTransaction(context, tx, [`insert into ${t} values (null)`]), {
          code: 'NotNullViolation',
        });
    }
    await tx.commit([]);
    context.same(
      await rows(context, t),
      left.map((v) => [v]),
      'rows',
    );
  },
});

const rows = ({ read }: ConformanceContext, table: string): Promise<unknown> =>
  read(`select v from ${table} order by v`);

/** Transactions beside others, and calls that send nothing. */
export const savepointCases: readonly ConformanceCase[] = [
  ...programs.map(program),
  {
    name: 'a savepoint that is not there cannot be rolled back to',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} values (1)`]);
      await refuses(() => inTransaction(context, tx, ['rollback to nowhere']), { code: 'DatabaseError' });
      await refuses(() => tx.commit([]), { outcome: 'not sent' });
      await tx.rollback();
      context.same(await rows(context, t), [], 'rows');
    },
  },
  {
    name: 'what is refused before it is sent does no harm to a transaction',
    requires: interactive,
    async run(context) {
      const t = await context.table('v @integer');
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} values (1)`]);
      const nothing = { outcome: 'not sent' } as const;
      const insert = (value: unknown) =>
        ({ statements: [context.statement([`insert into ${t} values (?1)`, value as null])], mode: 'write' }) as const;
      await refuses(() => tx.execute(insert(undefined)), { code: 'InvalidValueError', ...nothing });
      await refuses(() => tx.execute(insert(Number.NaN)), { code: 'InvalidValueError', ...nothing });
      await refuses(() => tx.execute({ statements: [context.statement(['commit'])], mode: 'write' }), {
        code: 'ConfigurationError',
        ...nothing,
      });
      await refuses(() => tx.execute(insert(2), { deadline: Date.now() - 1 }), { code: 'TimeoutError', ...nothing });
      await refuses(() => tx.execute(insert(2), { signal: AbortSignal.abort() }), { code: 'TimeoutError', ...nothing });
      await refuses(() => tx.commit(insert(undefined).statements), { code: 'InvalidValueError', ...nothing });
      await tx.commit(insert(3).statements);
      context.same(await rows(context, t), [[1], [3]], 'rows');
    },
  },
  {
    name: 'a transaction that is begun and never used keeps nobody waiting',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const unused = await begin(context);
      await unused.execute({ statements: [], mode: 'read' });
      await context.write(`insert into ${t} values (1)`);
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} values (2)`]);
      await tx.commit([]);
      context.same(await rows(context, t), [[1], [2]], 'rows');
    },
  },
  {
    name: 'ten transactions one after the other, every other one rolled back',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      for (let v = 0; v < 10; v++) {
        const tx = await begin(context);
        await inTransaction(context, tx, [`insert into ${t} values (?1)`, v]);
        await (v % 2 === 0 ? tx.commit([]) : tx.rollback());
      }
      context.same(await rows(context, t), [[0], [2], [4], [6], [8]], 'rows');
    },
  },
  {
    name: 'a unit beside an open transaction waits for it or is told so, and mixes with it in no case',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} values (1)`]);
      const beside = context.write(`insert into ${t} values (2)`).catch((error: unknown) => error);
      await tx.rollback();
      const end = await beside;
      const kept = isCinnabarError(end) ? [] : [[2]];
      if (isCinnabarError(end)) {
        context.same([end.code, end.outcome === 'unknown', end.retryable], ['LockTimeout', false, true], 'refusal');
      }
      context.same(await rows(context, t), kept, 'rows');
    },
  },
  {
    name: 'of two transactions that read, decide and write at the same time none loses what the other did',
    requires: interactive,
    async run(context) {
      const t = await context.table('n integer not null');
      await context.write(`insert into ${t} values (0)`);
      const increment = async (): Promise<boolean> => {
        const tx = await begin(context);
        try {
          const [read] = await inTransaction(context, tx, [`select n from ${t} @lock`]);
          await tx.commit([context.statement([`update ${t} set n = ?1`, Number(read?.rows[0]?.[0]) + 1])]);
          return true;
        } catch (error) {
          holds(isCinnabarError(error), 'the refusal is typed');
          holds(error.retryable, `${error.code} is to be run again`);
          await tx.rollback();
          return false;
        }
      };
      const done = await Promise.all([increment(), increment(), increment()]);
      context.same(await context.read(`select n from ${t}`), [[done.filter(Boolean).length]], 'counter');
      holds(done.includes(true), 'none came through');
    },
  },
  {
    name: 'definitions of tables are part of a transaction',
    requires: interactive,
    async run(context) {
      const t = context.name();
      const tx = await begin(context);
      await inTransaction(context, tx, [`create table ${t} (v integer)`], [`insert into ${t} values (1)`]);
      context.same((await inTransaction(context, tx, [`select v from ${t}`]))[0]?.rows, [[1]], 'inside');
      await tx.rollback();
      await refuses(() => context.read(`select v from ${t}`), { code: 'DatabaseError' });
    },
  },
  {
    name: 'checks of references that are put off wait for the commit, over several calls',
    requires: interactive,
    async run(context) {
      const p = await context.table('id @key');
      const t = await context.table(`v integer references ${p} (id) deferrable initially deferred`);
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} values (7)`]);
      await inTransaction(context, tx, [`insert into ${p} values (7)`]);
      await tx.commit([]);
      context.same(await rows(context, t), [[7]], 'rows');
    },
  },
  {
    name: 'keys that the database makes are known in the next call of a transaction',
    requires: interactive,
    async run(context) {
      const t = await context.table('id @key, v integer');
      const tx = await begin(context);
      const [made] = await inTransaction(context, tx, [`insert into ${t} (v) values (5) returning id`]);
      const [last] = await inTransaction(context, tx, [`select @lastKey(${t}) as id`]);
      context.same(last?.rows, made?.rows, 'key');
      await tx.commit([context.statement([`update ${t} set v = 6 where id = ?1`, Number(made?.rows[0]?.[0])])]);
      context.same(await rows(context, t), [[6]], 'rows');
    },
  },
  {
    name: 'hundreds of statements in each of several calls',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const tx = await begin(context);
      for (let call = 0; call < 3; call++) {
        await inTransaction(
          context,
          tx,
          ...Array.from({ length: 200 }, (_, at): Query => [`insert into ${t} values (?1)`, call * 200 + at]),
        );
      }
      await tx.commit([]);
      context.same(await context.read(`select count(*) as n, max(v) as m from ${t}`), [[600, 599]], 'rows');
    },
  },
  {
    name: 'a transaction that is committed twice, or rolled back twice, ends once',
    requires: interactive,
    async run(context) {
      const t = await context.table('v integer');
      const tx = await begin(context);
      await inTransaction(context, tx, [`insert into ${t} values (1)`]);
      const [first, second] = await Promise.allSettled([tx.commit([]), tx.commit([])]);
      context.same([first?.status, second?.status], ['fulfilled', 'rejected'], 'ends');
      const other = await begin(context);
      await inTransaction(context, other, [`insert into ${t} values (2)`]);
      const ends = await Promise.all([other.rollback(), other.rollback()]);
      context.same(
        ends.map(({ trips }) => trips),
        [1, 0],
        'trips',
      );
      context.same(await rows(context, t), [[1]], 'rows');
    },
  },
];
