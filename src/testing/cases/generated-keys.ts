import { holds, refuses } from '../assert.ts';
import { type ConformanceCase, knows, type Query } from '../conformance.ts';
import { all, survivesRollback } from './requirements.ts';

/** Keys that the database makes, where something else makes rows too. */
export const generatedKeyCases: readonly ConformanceCase[] = [
  {
    name: 'a trigger that writes to another table leaves the keys of a unit as they are',
    async run({ same, table, trigger, unit, read }) {
      const log = await table('id @key, said text');
      const t = await table('id @key, v text');
      const c = await table('id @key, t_id integer, v text');
      await unit('write', [`insert into ${log} (said) values ('a'), ('b'), ('c')`]);
      await trigger({ table: t, on: 'after', act: `insert into ${log} (said) values (new.v)` });
      const { results } = await unit(
        'write',
        [`insert into ${t} (v) values ('x'), ('y') returning id`],
        [`select max(id) as id from ${t}`],
        [
          `insert into ${c} (t_id, v) select (select max(id) from ${t}) - 1, 'of x' union all select (select max(id) from ${t}), 'of y'`,
        ],
      );
      same([results[0]?.rows, results[1]?.rows], [[[1], [2]], [[2]]], 'keys');
      same(
        await read(`select c.v, t.v as tv from ${c} c join ${t} t on t.id = c.t_id order by c.id`),
        [
          ['of x', 'x'],
          ['of y', 'y'],
        ],
        'children',
      );
      same(await read(`select count(*) as n from ${log}`), [[5]], 'log');
    },
  },
  {
    name: 'a trigger that inserts into the same table is seen by the highest key',
    async run({ same, table, trigger, unit }) {
      const t = await table('id @key, v text');
      await trigger({
        table: t,
        on: 'after',
        when: `new.v <> 'twin'`,
        act: `insert into ${t} (v) values ('twin')`,
      });
      const { results } = await unit(
        'write',
        [`insert into ${t} (v) values ('x') returning id`],
        [`select max(id) as m, count(*) as n from ${t}`],
      );
      same(
        results.map(({ rows }) => rows),
        [[[1]], [[2, 2]]],
        'keys',
      );
    },
  },
  {
    name: 'RETURNING gives a row as it was written, before triggers change it',
    async run({ same, table, trigger, unit, read }) {
      const t = await table('id @key, v text');
      await trigger({ table: t, on: 'after', act: `update ${t} set v = upper(new.v) where id = new.id` });
      const { results } = await unit('write', [`insert into ${t} (v) values ('x') returning v`]);
      same(results[0]?.rows, [['x']], 'returned');
      same(await read(`select v from ${t}`), [['X']], 'rows');
    },
  },
  {
    name: 'the key of a last row that is gone is given again, except by AUTOINCREMENT',
    requires: knows('reusedKeys'),
    async run({ same, table, unit }) {
      const keys = async (t: string): Promise<unknown> => {
        const insert: Query = [`insert into ${t} default values returning id`];
        const { results } = await unit('write', insert, insert, [`delete from ${t} where id = 2`], insert);
        return [results[0], results[1], results[3]].map((result) => result?.rows[0]?.[0]);
      };
      same(await keys(await table('id @key')), [1, 2, 2], 'keys');
      same(await keys(await table('id integer primary key autoincrement')), [1, 2, 3], 'keys of AUTOINCREMENT');
    },
  },
  {
    name: 'a unit that fails uses up no key',
    requires: knows('countableKeys'),
    async run({ same, table, unit }) {
      const t = await table('id @key, v text unique');
      await unit('write', [`insert into ${t} (v) values ('a')`]);
      await refuses(
        () => unit('write', [`insert into ${t} (v) values ('b'), ('c')`], [`insert into ${t} (v) values ('a')`]),
        { code: 'UniqueViolation' },
      );
      const { results } = await unit('write', [`insert into ${t} (v) values ('d') returning id`]);
      same(results[0]?.rows, [[2]], 'key');
    },
  },
  {
    name: 'keys go on after one that was given',
    requires: knows('countableKeys'),
    async run({ same, table, unit }) {
      const t = await table('id @key, v text');
      const { results } = await unit(
        'write',
        [`insert into ${t} (id, v) values (1000, 'a')`],
        [`insert into ${t} (v) values ('b') returning id`],
        [`insert into ${t} (id, v) values (-5, 'c')`],
        [`insert into ${t} (v) values ('d') returning id`],
      );
      same([results[1]?.rows, results[3]?.rows], [[[1001]], [[1002]]], 'keys');
    },
  },
  {
    name: 'after the highest key there is AUTOINCREMENT has none, and says so',
    requires: all(knows('reusedKeys'), survivesRollback),
    async run({ table, write }) {
      const t = await table('id integer primary key autoincrement, v text');
      await write(`insert into ${t} values (9223372036854775807, 'last')`);
      const error = await refuses(() => write(`insert into ${t} (v) values ('more')`), {
        code: 'DatabaseError',
        outcome: 'not committed',
      });
      holds(!error.retryable, 'it is said to be retryable');
    },
  },
  {
    name: 'rows of a tree are linked in one unit, whichever comes first',
    async run({ same, table, unit, read }) {
      const t = await table('id @key, v text, parent_id integer');
      const tree = [
        ['root', null],
        ['a', 0],
        ['b', 0],
        ['a1', 1],
      ];
      const insert = `insert into ${t} (id, v, parent_id)
        select (select coalesce(max(id), 0) from ${t}) + key + 1, value ->> 0, (select coalesce(max(id), 0) from ${t}) + @int(value ->> 1) + 1
        from @rows(?1) as r order by key`;
      await unit('write', [`insert into ${t} values (7, 'other', null)`], [insert, JSON.stringify(tree)]);
      same(
        await read(`select c.v, p.v as pv from ${t} c join ${t} p on p.id = c.parent_id order by c.id`),
        [
          ['a', 'root'],
          ['b', 'root'],
          ['a1', 'a'],
        ],
        'links',
      );
    },
  },
  {
    name: 'a row that an upsert keeps is found by its target, not by the last key',
    async run({ same, table, unit, read }) {
      const p = await table('id @key, name text unique');
      const c = await table('p_id integer, v text');
      await unit('write', [`insert into ${p} (name) values ('old'), ('other')`]);
      const upsert: Query = [
        `insert into ${p} (name) values (?1) on conflict (name) do update set name = excluded.name`,
        'old',
      ];
      const link: Query = [`insert into ${c} select id, 'x' from ${p} where name = ?1`, 'old'];
      await unit('write', [`insert into ${p} (name) values ('new')`], upsert, link);
      same(await read(`select p_id from ${c}`), [[1]], 'key');
    },
  },
  {
    name: 'a counter of one row gives each unit its own numbers',
    async run({ same, table, unit }) {
      const t = await table('name text primary key, next integer not null');
      await unit('write', [`insert into ${t} values ('invoice', 1)`]);
      const take: Query = [
        `update ${t} set next = next + @int(?1) where name = ?2 returning next - @int(?1) as first`,
        3,
        'invoice',
      ];
      const answers = await Promise.all(Array.from({ length: 8 }, () => unit('write', take)));
      const firsts = answers.map(({ results }) => Number(results[0]?.rows[0]?.[0]));
      same(
        firsts.toSorted((a, b) => a - b),
        Array.from({ length: 8 }, (_, at) => 1 + at * 3),
        'numbers',
      );
    },
  },
];
