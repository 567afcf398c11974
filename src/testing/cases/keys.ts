import { findGuard, guardTag, type GuardFailure } from '../../compiler/write-plan.ts';
import { refuses } from '../assert.ts';
import { type ConformanceCase, type ConformanceContext, knows, type Query } from '../conformance.ts';

/** A write and a guard that aborts the unit unless it changed `rows` rows: two statements, or one where it must be one. */
function guarded({ driver }: ConformanceContext, [write, ...params]: Query, returned: string[], rows: number): Query[] {
  const { unit } = driver.dialect;
  const failure = `case when ${unit.changes} = ${rows} then null else '${guardTag('stale', 3)}0,2' end`;
  if (unit.failing) return [[unit.failing(write, returned, failure, []), ...params]];
  return [[write, ...params], [unit.fail(failure)]];
}

/** The unit is refused with the text of the guard, by which a session tells what it found. */
async function isGuarded(
  { same }: ConformanceContext,
  work: () => Promise<unknown>,
  kind: GuardFailure['kind'],
): Promise<void> {
  const error = await refuses(work, { outcome: 'not committed' });
  same(findGuard(error)?.kind, kind, 'guard');
}

/** What the write plan builds on: keys that the database makes, guards, and checks put off. */
export const keyCases: readonly ConformanceCase[] = [
  {
    name: 'a guard aborts the unit, as stale data',
    async run(context) {
      const { same, table, unit, read } = context;
      const t = await table('v integer');
      const guard = [`@fail('${guardTag('stale', 3)}0,2')`] as const;
      await isGuarded(
        context,
        () => unit('write', [`insert into ${t} values (1)`], guard, [`insert into ${t} values (2)`]),
        'stale',
      );
      await isGuarded(context, () => unit('write', guard), 'stale');
      same(await read(`select count(*) as n from ${t}`), [[0]], 'rows');
    },
  },
  {
    name: 'a guard of keys that are not the expected ones says so',
    async run(context) {
      const { same, table, unit, read } = context;
      const t = await table('v integer');
      const guard = [`@fail('${guardTag('keys', 0)}')`] as const;
      await isGuarded(context, () => unit('write', [`insert into ${t} values (1)`], guard), 'keys');
      same(await read(`select count(*) as n from ${t}`), [[0]], 'rows');
    },
  },
  ...['', ' returning id'].map((returning): ConformanceCase => ({
    name: `changes() tells a guard what an UPDATE did${returning && ', also with RETURNING'}`,
    async run(context) {
      const { same, driver, table, unit, read } = context;
      const t = await table('id @key, v integer');
      await unit('write', [`insert into ${t} values (1, 1), (2, 1)`]);
      // A guard that is one statement with its write reads what that returns.
      const returns = driver.dialect.unit.failing ? ' returning id' : returning;
      const update = (id: number): Query => [`update ${t} set v = v + 1 where id <= ?1 and v = 1${returns}`, id];
      const checked = guarded(context, update(2), returning ? ['id'] : [], 2);
      const { results } = await unit('write', ...checked);
      if (returning) same(results[0]?.rows, [[1], [2]], 'returned');
      await isGuarded(context, () => unit('write', [`insert into ${t} values (3, 3)`], ...checked), 'stale');
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
    async run(context) {
      const { driver, table, unit } = context;
      const t = await table('id @key, version integer');
      await unit('write', [`insert into ${t} values (1, 1), (2, 5), (3, 1)`]);
      const { unit: units } = driver.dialect;
      const stale = `select '${guardTag('stale', 0)}' || ${units.join('j.key')} from @rows(?1) j where not exists (
          select 1 from ${t} t where t.id = @int(j.value ->> 0) and t.version = @int(j.value ->> 1))`;
      const guard = units.fail(`(${stale})`);
      await unit('write', [guard, '[[1,1],[3,1]]']);
      await isGuarded(context, () => unit('write', [guard, '[[1,1],[2,1],[4,1]]']), 'stale');
    },
  },
  {
    name: 'last_insert_rowid() carries from one statement of a unit to the next',
    requires: knows('lastRowId'),
    async run({ same, table, unit, read }) {
      const parent = await table('id @key, v text');
      const child = await table('id @key, parent_id integer, v text');
      await unit('write', [`insert into ${parent} values (41, 'other')`]);
      const { results } = await unit(
        'write',
        [`insert into ${parent} (v) values ('p')`],
        ['select last_insert_rowid() as id'],
        [`insert into ${child} (parent_id, v) select last_insert_rowid(), value from @list('["a"]') as l`],
      );
      same(results[1]?.rows, [[42]], 'key');
      same(await read(`select parent_id, v from ${child}`), [[42, 'a']], 'child');
    },
  },
  {
    name: 'keys of INSERT .. SELECT are max(id) and the ordinal',
    async run({ same, table, unit, read }) {
      const parent = await table('id @key, v text');
      const child = await table('id @key, parent_id integer, v text');
      await unit('write', [`insert into ${parent} values (10, 'other')`]);
      const insert = `insert into ${parent} (id, v) select (select coalesce(max(id), 0) from ${parent}) + key + 1, value
        from @list(?1) as l order by key returning id, v`;
      const link = `insert into ${child} (parent_id, v)
        select (select max(id) from ${parent}) - 3 + @int(value ->> 0), value ->> 1 from @rows(?1) as r order by key`;
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
    async run({ same, table, write, read }) {
      const parent = await table('id @key');
      const child = await table(`id @key, parent_id integer references ${parent} (id) on delete cascade`);
      await refuses(() => write(`insert into ${child} (parent_id) values (7)`), { code: 'ForeignKeyViolation' });
      await write(`insert into ${parent} values (7)`);
      await write(`insert into ${child} (parent_id) values (7), (7), (null)`);
      await write(`delete from ${parent}`);
      same(await read(`select count(*) as n from ${child}`), [[1]], 'after the cascade');
    },
  },
  {
    name: 'checks of foreign keys can be put off to the end of a unit, and of no other',
    requires: (driver) => (driver.dialect.deferForeignKeys ? undefined : 'the dialect cannot put checks off'),
    async run({ same, driver, table, unit, write, read }) {
      const t = await table('id @key, other_id integer not null');
      const r = await table(`id @key, t_id integer not null references ${t} (id) @deferrable`);
      const defer = [driver.dialect.deferForeignKeys ?? ''] as const;
      await unit('write', defer, [`insert into ${r} values (1, 5)`], [`insert into ${t} values (5, 1)`]);
      same(await read(`select t_id from ${r}`), [[5]], 'rows');
      await refuses(() => write(`insert into ${r} values (2, 6)`), { code: 'ForeignKeyViolation' });
    },
  },
  {
    name: 'a check that was put off and fails at the end keeps nothing',
    requires: (driver) => (driver.dialect.deferForeignKeys ? undefined : 'the dialect cannot put checks off'),
    async run({ same, driver, table, unit, read }) {
      const t = await table('id @key');
      const r = await table(`id @key, t_id integer not null references ${t} (id) @deferrable`);
      const defer = [driver.dialect.deferForeignKeys ?? ''] as const;
      await refuses(() => unit('write', defer, [`insert into ${t} values (1)`], [`insert into ${r} values (1, 5)`]), {
        code: 'ForeignKeyViolation',
        outcome: 'not committed',
      });
      same(await read(`select (select count(*) from ${t}) as t, (select count(*) from ${r}) as r`), [[0, 0]], 'rows');
    },
  },
];
