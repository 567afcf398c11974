import { findGuard, guardTag, type GuardFailure } from '../../compiler/write-plan.ts';
import { refuses, same } from '../assert.ts';
import type { ConformanceCase } from '../conformance.ts';
import { sqlite } from './requirements.ts';

/** A guard that aborts the unit unless the statement before it changed `rows` rows. */
const unless = (rows: number): string =>
  `select json_extract('{}', iif(changes() = ${rows}, '$', '${guardTag('stale', 3)}0,2')) as guard`;

/** The unit is refused with the text of the guard, by which a session tells what it found. */
async function isGuarded(work: () => Promise<unknown>, kind: GuardFailure['kind']): Promise<void> {
  const error = await refuses(work, { outcome: 'not committed' });
  same(findGuard(error)?.kind, kind, 'guard');
}

/** What the write plan builds on: keys that the database makes, guards, and checks put off. */
export const keyCases: readonly ConformanceCase[] = [
  {
    name: 'a guard aborts the unit, as stale data',
    requires: sqlite,
    async run({ table, unit, read }) {
      const t = await table('v integer');
      const guard = [`select json_extract('{}', '${guardTag('stale', 3)}0,2')`] as const;
      await isGuarded(
        () => unit('write', [`insert into ${t} values (1)`], guard, [`insert into ${t} values (2)`]),
        'stale',
      );
      await isGuarded(() => unit('write', guard), 'stale');
      same(await read(`select count(*) as n from ${t}`), [[0]], 'rows');
    },
  },
  {
    name: 'a guard of keys that are not the expected ones says so',
    requires: sqlite,
    async run({ table, unit, read }) {
      const t = await table('v integer');
      const guard = [`select json_extract('{}', '${guardTag('keys', 0)}')`] as const;
      await isGuarded(() => unit('write', [`insert into ${t} values (1)`], guard), 'keys');
      same(await read(`select count(*) as n from ${t}`), [[0]], 'rows');
    },
  },
  ...['', ' returning id'].map((returning): ConformanceCase => ({
    name: `changes() tells a guard what an UPDATE did${returning && ', also with RETURNING'}`,
    requires: sqlite,
    async run({ table, unit, read }) {
      const t = await table('id integer primary key, v integer');
      await unit('write', [`insert into ${t} values (1, 1), (2, 1)`]);
      const update = (id: number) => [`update ${t} set v = v + 1 where id <= ?1 and v = 1${returning}`, id] as const;
      const { results } = await unit('write', update(2), [unless(2)]);
      same(results[0]?.rows, returning ? [[1], [2]] : [], 'returned');
      await isGuarded(() => unit('write', [`insert into ${t} values (3, 3)`], update(2), [unless(2)]), 'stale');
      same(
        await read(`select id, v from ${t} order by id`),
        [
          [1, 2],
          [2, 2],
        ],
        'rows',
      );
    },
  })),
  {
    name: 'a guard finds which rows are stale, by a list',
    requires: sqlite,
    async run({ table, unit }) {
      const t = await table('id integer primary key, version integer');
      await unit('write', [`insert into ${t} values (1, 1), (2, 5), (3, 1)`]);
      const guard = `select json_extract('{}', '${guardTag('stale', 0)}' || group_concat(j.key)) as guard
        from json_each(?1) j where not exists (
          select 1 from ${t} t where t.id = j.value ->> 0 and t.version = j.value ->> 1)`;
      await unit('write', [guard, '[[1,1],[3,1]]']);
      await isGuarded(() => unit('write', [guard, '[[1,1],[2,1],[4,1]]']), 'stale');
    },
  },
  {
    name: 'last_insert_rowid() carries from one statement of a unit to the next',
    requires: sqlite,
    async run({ table, unit, read }) {
      const parent = await table('id integer primary key, v text');
      const child = await table('id integer primary key, parent_id integer, v text');
      await unit('write', [`insert into ${parent} values (41, 'other')`]);
      const { results } = await unit(
        'write',
        [`insert into ${parent} (v) values ('p')`],
        ['select last_insert_rowid() as id'],
        [`insert into ${child} (parent_id, v) select last_insert_rowid(), value from json_each('["a"]')`],
      );
      same(results[1]?.rows, [[42]], 'key');
      same(await read(`select parent_id, v from ${child}`), [[42, 'a']], 'child');
    },
  },
  {
    name: 'keys of INSERT .. SELECT are max(id) and the ordinal',
    requires: sqlite,
    async run({ table, unit, read }) {
      const parent = await table('id integer primary key, v text');
      const child = await table('id integer primary key, parent_id integer, v text');
      await unit('write', [`insert into ${parent} values (10, 'other')`]);
      const insert = `insert into ${parent} (id, v) select (select coalesce(max(id), 0) from ${parent}) + key + 1, value
        from json_each(?1) order by key returning id, v`;
      const link = `insert into ${child} (parent_id, v)
        select (select max(id) from ${parent}) - 3 + (value ->> 0), value ->> 1 from json_each(?1) order by key`;
      const { results } = await unit('write', [insert, '["a","b","c"]'], [link, '[[1,"a1"],[3,"c1"],[1,"a2"]]']);
      same(
        results[0]?.rows.toSorted(),
        [
          [11, 'a'],
          [12, 'b'],
          [13, 'c'],
        ],
        'keys',
      );
      const joined = `select p.v as p, c.v as c from ${child} c join ${parent} p on p.id = c.parent_id order by c.id`;
      same(
        await read(joined),
        [
          ['a', 'a1'],
          ['c', 'c1'],
          ['a', 'a2'],
        ],
        'children',
      );
    },
  },
  {
    name: 'foreign keys are checked',
    requires: sqlite,
    async run({ table, write, read }) {
      const parent = await table('id integer primary key');
      const child = await table(
        `id integer primary key, parent_id integer references ${parent} (id) on delete cascade`,
      );
      await refuses(() => write(`insert into ${child} (parent_id) values (7)`), { code: 'ForeignKeyViolation' });
      await write(`insert into ${parent} values (7)`);
      await write(`insert into ${child} (parent_id) values (7), (7), (null)`);
      await write(`delete from ${parent}`);
      same(await read(`select count(*) as n from ${child}`), [[1]], 'after the cascade');
    },
  },
  {
    name: 'checks of foreign keys can be put off to the end of a unit, and of no other',
    requires: (driver) => (driver.dialect.deferForeignKeys ? sqlite(driver) : 'the dialect cannot put checks off'),
    async run({ driver, table, unit, write, read }) {
      const t = await table('id integer primary key, other_id integer not null');
      const r = await table(`id integer primary key, t_id integer not null references ${t} (id)`);
      const defer = [driver.dialect.deferForeignKeys ?? ''] as const;
      await unit('write', defer, [`insert into ${r} values (1, 5)`], [`insert into ${t} values (5, 1)`]);
      same(await read(`select t_id from ${r}`), [[5]], 'rows');
      await refuses(() => write(`insert into ${r} values (2, 6)`), { code: 'ForeignKeyViolation' });
    },
  },
  {
    name: 'a check that was put off and fails at the end keeps nothing',
    requires: (driver) => (driver.dialect.deferForeignKeys ? sqlite(driver) : 'the dialect cannot put checks off'),
    async run({ driver, table, unit, read }) {
      const t = await table('id integer primary key');
      const r = await table(`id integer primary key, t_id integer not null references ${t} (id)`);
      const defer = [driver.dialect.deferForeignKeys ?? ''] as const;
      await refuses(() => unit('write', defer, [`insert into ${t} values (1)`], [`insert into ${r} values (1, 5)`]), {
        code: 'ForeignKeyViolation',
        outcome: 'not committed',
      });
      same(await read(`select (select count(*) from ${t}) as t, (select count(*) from ${r}) as r`), [[0, 0]], 'rows');
    },
  },
];
