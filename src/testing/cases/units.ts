import { refuses } from '../assert.ts';
import type { ConformanceCase, Query } from '../conformance.ts';
import { snapshotReads } from './requirements.ts';

/** Units: all or nothing, alone in the database, and what their statements see of each other. */
export const unitCases: readonly ConformanceCase[] = [
  {
    name: 'statements of a unit see what those before them did',
    async run({ same, table, unit }) {
      const t = await table('id @key, v integer');
      const { results } = await unit(
        'write',
        [`insert into ${t} (v) values (1), (2)`],
        [`select sum(v) as s from ${t}`],
        [`update ${t} set v = v + 10 where v = ?1`, 2],
        [`select v from ${t} order by id`],
        [`delete from ${t}`],
        [`select count(*) as n from ${t}`],
      );
      same(
        [1, 3, 5].map((at) => results[at]?.rows),
        [[[3]], [[1], [12]], [[0]]],
        'rows',
      );
    },
  },
  ...(['first', 'middle', 'last'] as const).map((place, at): ConformanceCase => ({
    name: `a unit whose ${place} statement fails keeps nothing`,
    async run({ same, table, unit, read }) {
      const t = await table('id @key, v text not null');
      await unit('write', [`insert into ${t} values (1, 'before')`]);
      const queries: Query[] = [2, 3, 4, 5].map((id) => [`insert into ${t} values (?1, 'x')`, id]);
      queries.unshift([`update ${t} set v = 'changed'`]);
      queries.splice([0, 2, 5][at] ?? 0, 0, [`insert into ${t} values (99, null)`]);
      await refuses(() => unit('write', ...queries), {
        code: 'NotNullViolation',
        outcome: 'not committed',
      });
      same(await read(`select id, v from ${t}`), [[1, 'before']], 'rows');
    },
  })),
  {
    name: 'after a unit that failed the next one works',
    async run({ same, table, unit, read }) {
      const t = await table('v integer unique');
      await unit('write', [`insert into ${t} values (1)`]);
      for (let time = 0; time < 3; time++) {
        await refuses(() => unit('write', [`insert into ${t} values (2)`], [`insert into ${t} values (1)`]), {
          code: 'UniqueViolation',
        });
      }
      await unit('write', [`insert into ${t} values (2)`]);
      same(await read(`select v from ${t} order by v`), [[1], [2]], 'rows');
    },
  },
  {
    name: 'definitions of tables are part of a unit',
    async run({ same, name, unit, read }) {
      const t = name();
      const create = [`create table ${t} (v integer not null)`] as const;
      await refuses(() => unit('write', create, [`insert into ${t} values (null)`]), { code: 'NotNullViolation' });
      same(await read('select @tables(?1) as n', t), [[0]], 'table after the failure');
      const { results } = await unit(
        'write',
        create,
        [`insert into ${t} values (5)`],
        [`select v from ${t}`],
        [`drop table ${t}`],
      );
      same(results[2]?.rows, [[5]], 'rows');
    },
  },
  {
    name: 'units at the same time do not mix',
    async run({ same, table, unit, read }) {
      const counter = await table('n integer not null');
      const seen = await table('n integer not null unique');
      await unit('write', [`insert into ${counter} values (0)`]);
      const one = (): Promise<unknown> =>
        unit(
          'write',
          [`update ${counter} set n = n + 1`],
          [`insert into ${seen} select n from ${counter}`],
          [`update ${counter} set n = n + 1`],
          [`insert into ${seen} select n from ${counter}`],
        );
      await Promise.all(Array.from({ length: 20 }, one));
      same(await read(`select n from ${counter}`), [[40]], 'counter');
      same(await read(`select count(*) as n, max(n) as m from ${seen}`), [[40, 40]], 'seen');
    },
  },
  {
    name: 'a read unit sees one state of the database',
    requires: snapshotReads,
    async run({ same, table, unit }) {
      const [a, b] = [await table('n integer not null'), await table('n integer not null')];
      await unit('write', [`insert into ${a} values (0)`], [`insert into ${b} values (0)`]);
      const write = (): Promise<unknown> => unit('write', [`update ${a} set n = n + 1`], [`update ${b} set n = n + 1`]);
      const readBoth = async (): Promise<void> => {
        const { results } = await unit('read', [`select n from ${a}`], ['select 1 as x'], [`select n from ${b}`]);
        same(results[0]?.rows, results[2]?.rows, 'both counters');
      };
      await Promise.all(Array.from({ length: 15 }, () => Promise.all([write(), readBoth()])));
    },
  },
  {
    name: 'changes counts the rows of INSERT, UPDATE and DELETE',
    async run({ same, table, unit, write }) {
      const t = await table('id @key, v integer');
      const { results } = await unit(
        'write',
        [`insert into ${t} (v) values (1), (2), (3)`],
        [`update ${t} set v = 9 where v > 1`],
        [`update ${t} set v = 9 where v > 100`],
        [`delete from ${t} where v = 9`],
        [`delete from ${t} where v = 9`],
      );
      same(
        results.map(({ changes }) => changes),
        [3, 2, 0, 2, 0],
        'changes in a unit',
      );
      same(
        (await write(`insert into ${t} (v) select @int(value) from @list('[1,2]') as l`)).changes,
        2,
        'changes alone',
      );
    },
  },
  {
    name: 'RETURNING gives the rows of every kind of write',
    async run({ same, table, unit, write }) {
      const t = await table(`id @key, v text, d text default 'made'`);
      const { results } = await unit(
        'write',
        [`insert into ${t} (v) values ('a'), ('b') returning id, v, d`],
        [`insert into ${t} (v) select value from @list('["c","d"]') as l order by key returning id as i, v as w`],
        [`update ${t} set v = v || '!' where id = ?1 returning v, id`, 2],
        [`insert into ${t} (id, v) values (1, 'z') on conflict (id) do update set v = excluded.v returning id, v`],
        [`delete from ${t} where id >= ?1 returning id`, 3],
        [`update ${t} set v = 'never' where id = 100 returning id`],
      );
      same(
        results.map(({ rows }) => rows),
        [
          [
            [1, 'a', 'made'],
            [2, 'b', 'made'],
          ],
          [
            [3, 'c'],
            [4, 'd'],
          ],
          [['b!', 2]],
          [[1, 'z']],
          [[3], [4]],
          [],
        ],
        'rows',
      );
      same((await write(`insert into ${t} (v) values ('e') returning v, d`)).rows, [['e', 'made']], 'alone');
    },
  },
  {
    name: 'changes of a statement with RETURNING is the count, or 0 where the driver does not say',
    async run({ same, table, unit }) {
      const t = await table('id @key, v integer');
      const { results } = await unit('write', [`insert into ${t} (v) values (1), (2) returning id`]);
      const { changes } = results[0] ?? {};
      same(changes === 2 || changes === 0, true, `changes (${changes}) is 2 or 0`);
    },
  },
  {
    name: 'one UPDATE changes many rows from a list',
    async run({ same, table, unit, read }) {
      const t = await table('id @key, v text, w integer');
      const ids = Array.from({ length: 500 }, (_, at) => at + 1);
      await unit('write', [`insert into ${t} select @int(value), 'old', 0 from @list(?1) as l`, JSON.stringify(ids)]);
      const list = JSON.stringify(ids.map((id) => [id, `new ${id}`, id * 2]));
      const { results } = await unit('write', [
        `update ${t} set v = j.value ->> 1, w = @int(j.value ->> 2) from @rows(?1) j where ${t}.id = @int(j.value ->> 0)`,
        list,
      ]);
      same(results[0]?.changes, 500, 'changes');
      same(
        await read(`select id, v, w from ${t} order by id`),
        ids.map((id) => [id, `new ${id}`, id * 2]),
        'rows',
      );
    },
  },
];
