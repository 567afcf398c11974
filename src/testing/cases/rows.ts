import type { ConformanceCase } from '../conformance.ts';

const count = (to: number): string =>
  `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${to}) select i, i * 2 as twice from n`;

/** The shape of an answer. */
export const rowCases: readonly ConformanceCase[] = [
  {
    name: 'the results of a unit stand in the order of its statements',
    async run({ same, unit }) {
      const { results } = await unit('read', ['select 1 as a'], ['select 2 as a'], ['select 3 as a']);
      same(
        results.map(({ rows }) => rows),
        [[[1]], [[2]], [[3]]],
        'rows',
      );
    },
  },
  {
    name: 'cells stand in the order of the columns, not of their names',
    async run({ same, unit, read }) {
      const query = ['select 1 as z, 2 as a, 3 as "M", 4 as "1b", 5 as "a b", 6 as _'] as const;
      same(await read(...query), [[1, 2, 3, 4, 5, 6]], 'alone');
      same((await unit('read', query, query)).results[1]?.rows, [[1, 2, 3, 4, 5, 6]], 'in a unit');
      same((await unit('write', query)).results[0]?.rows, [[1, 2, 3, 4, 5, 6]], 'in a write unit');
    },
  },
  {
    name: 'a column selected twice, under two names, is there twice',
    async run({ same, table, unit, read }) {
      const t = await table('id @key, v text');
      await unit('write', [`insert into ${t} values (1, 'a')`]);
      const query = [`select x.id, x.v, y.id as id_1, y.v as v_1 from ${t} x join ${t} y on y.id = x.id`] as const;
      same(await read(...query), [[1, 'a', 1, 'a']], 'alone');
      same((await unit('read', query, query)).results[1]?.rows, [[1, 'a', 1, 'a']], 'in a unit');
    },
  },
  {
    name: 'columns may have the names of what objects have',
    async run({ same, unit, read }) {
      const query = ['select 1 as length, 2 as "constructor", 3 as "__proto__", 4 as "toString", 5 as "then"'] as const;
      same(await read(...query), [[1, 2, 3, 4, 5]], 'alone');
      same((await unit('read', query, query)).results[0]?.rows, [[1, 2, 3, 4, 5]], 'in a unit');
    },
  },
  {
    name: 'no row is an empty list',
    async run({ same, unit }) {
      const { results } = await unit('read', ['select 1 as a where 1 = 0'], ['select 2 as a']);
      same(
        results.map(({ rows }) => rows),
        [[], [[2]]],
        'rows',
      );
    },
  },
  {
    name: 'thousands of rows come whole and in order',
    async run({ same, read, unit }) {
      const expected = Array.from({ length: 5000 }, (_, at) => [at + 1, (at + 1) * 2]);
      same(await read(count(5000)), expected, 'alone');
      same((await unit('read', [count(5000)], ['select 1 as a'])).results[0]?.rows, expected, 'in a unit');
    },
  },
  {
    name: 'a row may have as many columns as the driver declares',
    async run({ same, driver, read }) {
      const width = Math.min(driver.limits.columns, 1000);
      const columns = Array.from({ length: width }, (_, at) => `${at} as c${at}`);
      same(await read(`select ${columns.join()}`), [columns.map((_, at) => at)], 'row');
    },
  },
  {
    name: 'a unit of a hundred statements runs in order',
    async run({ same, table, unit, read }) {
      const t = await table('id @key, v integer');
      const inserts = Array.from({ length: 100 }, (_, at) => [`insert into ${t} (v) values (?1)`, at] as const);
      const { results } = await unit('write', ...inserts);
      same(results.length, 100, 'results');
      const expected = Array.from({ length: 100 }, (_, at) => [at + 1, at]);
      same(await read(`select id, v from ${t} order by id`), expected, 'rows');
    },
  },
  {
    name: 'a unit without statements sends nothing',
    async run({ same, unit }) {
      for (const mode of ['read', 'write'] as const) same(await unit(mode), { results: [], trips: 0 }, mode);
    },
  },
  {
    name: 'a unit is one round trip, whatever it holds',
    async run({ same, sameTrips, table, unit }) {
      const t = await table('v integer');
      const insert = [`insert into ${t} values (?1)`, 1] as const;
      same((await unit('read', ['select 1 as a'])).trips, 1, 'one read');
      sameTrips((await unit('read', ['select 1 as a'], ['select 2 as a'])).trips, 1, 'two reads');
      same((await unit('write', insert)).trips, 1, 'one write');
      sameTrips((await unit('write', insert, insert, ['select 1 as a'])).trips, 1, 'two writes and a read');
    },
  },
  {
    name: 'a read unit takes every kind of read',
    async run({ same, table, unit }) {
      const t = await table('id @key, v text');
      const { results } = await unit(
        'read',
        ['values (1), (2)'],
        [`with a as (select 1 as x), b as (select x + 1 as x from a) select x from b`],
        [`select row_number() over (order by value) as n, sum(@int(value)) over () as s from @list('[3,4]') as l`],
        ['select v from (select 1 as v union all select 2) as s order by v desc'],
        [`select * from ${t}`],
        ['select @tables(?1) as n', t],
      );
      const expected = [
        [[1], [2]],
        [[2]],
        [
          [1, 7],
          [2, 7],
        ],
        [[2], [1]],
        [],
        [[1]],
      ];
      same(
        results.map(({ rows }) => rows),
        expected,
        'rows',
      );
    },
  },
];
