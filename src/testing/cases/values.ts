import type { WireValue } from '../../driver/driver.ts';
import { holds, refuses } from '../assert.ts';
import type { ConformanceCase, ConformanceContext } from '../conformance.ts';

const MAX = Number.MAX_SAFE_INTEGER;
const integers = [0, 1, -1, 7, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53 - 2, MAX, -MAX];
const doubles = [
  0.1,
  0.1 + 0.2,
  1 / 3,
  Math.PI,
  -1.5,
  1e21,
  1e300,
  5e-324,
  Number.MAX_VALUE,
  123_456_789_012_345.67,
  3,
  -3,
  0,
];
const texts = [
  '',
  ' ',
  'plain',
  `it's "quoted" ?1 -- ;`,
  'line\nbreak\ttab\r',
  'żółw naïve ß',
  '日本語 العربية עברית',
  '👩‍👩‍👧‍👦 🇵🇱 🐢',
  'e\u0301 versus é',
  '\u{10FFFF}\uFFFD\u200B',
  '1.0',
  '007',
  'null',
  '{"json": [1, 2]}',
];

/** Stores the values in a column of this type and reads them back, in one unit. */
async function stored(
  { table, unit }: ConformanceContext,
  type: string,
  values: readonly WireValue[],
  bound = '?1',
): Promise<readonly (readonly unknown[])[]> {
  const t = await table(`id @key, v ${type}`);
  const inserts = values.map((value) => [`insert into ${t} (v) values (${bound})`, value] as const);
  const { results } = await unit('write', ...inserts, [`select v, @kind(v) as t from ${t} order by id`]);
  return results.at(-1)?.rows ?? [];
}

/** Values: what is bound is what is stored and what is read. */
export const valueCases: readonly ConformanceCase[] = [
  {
    name: 'NULL is null',
    async run(context) {
      context.same(await stored(context, 'text', [null]), [[null, 'null']], 'stored');
      context.same(await context.read('select ?1 as a, cast(?1 as text) is null as b', null), [[null, true]], 'bound');
    },
  },
  {
    name: 'integers to ±(2^53-1) are exact, and integers',
    async run(context) {
      context.same(
        await stored(context, '@integer', integers),
        integers.map((value) => [value, 'integer']),
        'stored',
      );
      for (const value of integers) {
        const query =
          'select cast(?1 as @integer) as v, @kind(cast(?1 as @integer)) as t, cast(?1 as @integer) = @int(?1) as e';
        context.same(await context.read(query, value), [[value, 'integer', true]], `bound ${value}`);
      }
      context.same(await context.read('select 7 / cast(?1 as @integer) as v', 2), [[3]], 'division');
    },
  },
  {
    name: '64-bit integers travel as text, both ways',
    async run({ same, table, unit }) {
      const values = ['9223372036854775807', '-9223372036854775808', '9007199254740993', '-9007199254740993', '0'];
      const t = await table('id @key, v @integer');
      const inserts = values.map((value) => [`insert into ${t} (v) values (cast(?1 as @integer))`, value] as const);
      const select = [`select cast(v as text) as v, @kind(v) as t from ${t} order by id`] as const;
      const { results } = await unit('write', ...inserts, select);
      same(
        results.at(-1)?.rows,
        values.map((value) => [value, 'integer']),
        'stored',
      );
    },
  },
  {
    name: 'doubles are exact, and real',
    async run(context) {
      context.same(
        await stored(context, '@real', doubles),
        doubles.map((value) => [value, 'real']),
        'stored',
      );
      for (const value of doubles) {
        const query = 'select cast(?1 as @real) as v, @kind(cast(?1 as @real)) as t';
        context.same(await context.read(query, value), [[value, 'real']], `bound ${value}`);
      }
    },
  },
  {
    name: 'minus zero binds as a real zero',
    async run({ same, read }) {
      same(
        await read('select @kind(cast(?1 as @real)) as t, cast(?1 as @real) = 0 as e', -0),
        [['real', true]],
        'bound',
      );
    },
  },
  {
    name: 'what is no number of the database is refused before it is sent',
    async run({ same, table, unit, read }) {
      const t = await table('v @real');
      for (const value of [Number.NaN, Infinity, -Infinity]) {
        const insert = (): Promise<unknown> =>
          unit('write', [`insert into ${t} values (1.5)`], [`insert into ${t} values (?1)`, value]);
        await refuses(insert, { code: 'InvalidValueError', outcome: 'not sent' });
      }
      same(await read(`select count(*) as n from ${t}`), [[0]], 'rows');
    },
  },
  {
    name: 'text is exact: empty, quotes, line ends, every plane of Unicode',
    async run(context) {
      context.same(
        await stored(context, 'text', texts),
        texts.map((value) => [value, 'text']),
        'stored',
      );
      for (const value of texts) {
        context.same(
          await context.read('select ?1 as v, @kind(cast(?1 as text)) as t', value),
          [[value, 'text']],
          'bound',
        );
      }
    },
  },
  {
    name: 'bytes are exact, also none',
    async run(context) {
      const all = Uint8Array.from({ length: 256 }, (_, at) => at);
      const values = [
        new Uint8Array(0),
        new Uint8Array([0]),
        all,
        all.subarray(100, 103),
        new Uint8Array(100_000).fill(7),
      ];
      const expected = values.map((value) => [value, 'blob']);
      const rows = await stored(context, '@bytes', values, '@blob(?1)');
      context.same(
        rows.map(([value, type]) => [Array.isArray(value) ? Uint8Array.from(value, Number) : value, type]),
        expected,
        'stored',
      );
      const [row] = await context.read(
        'select @hex(@blob(?1)) as h, length(@blob(?2)) as n',
        all.subarray(250),
        new Uint8Array(0),
      );
      context.same(row, ['FAFBFCFDFEFF', 0], 'bound');
    },
  },
  {
    name: 'a megabyte of text goes both ways',
    async run({ same, driver, read }) {
      const value = 'aß🐢'.repeat(Math.floor(Math.min(driver.limits.valueBytes, 1_000_000) / 7));
      const [row] = await read('select ?1 as v, length(?1) as n', value);
      holds(row?.[0] === value, 'the text is not the same');
      same(row?.[1], value.length - value.length / 4, 'characters');
    },
  },
  {
    name: 'a list binds as one parameter',
    async run({ same, table, unit, read }) {
      const t = await table('id @key, v text');
      const ids = Array.from({ length: 1000 }, (_, at) => at + 1);
      await unit('write', [
        `insert into ${t} select @int(value), 'v' || value from @list(?1) as l`,
        JSON.stringify(ids),
      ]);
      const query = `select id, v from ${t} where id in (select @int(value) from @list(?1) as l) order by id`;
      for (const list of [[], [7], ids]) {
        same(
          await read(query, JSON.stringify(list)),
          list.map((id) => [id, `v${id}`]),
          `${list.length} integers`,
        );
      }
      const byText = `select id from ${t} where v in (select value from @list(?1) as l) order by id`;
      same(await read(byText, JSON.stringify(['v2', 'v1', `'"\\ 🐢`])), [[1], [2]], 'texts');
    },
  },
  {
    name: 'parameters are numbered: used twice, and in any order',
    async run({ same, read, unit }) {
      const query = ['select ?2 as b, ?1 as a, ?2 as c, ?3 as d', 'one', 'two', null] as const;
      same(await read(...query), [['two', 'one', 'two', null]], 'alone');
      const { results } = await unit('read', query, ['select ?1 as a', 'other']);
      same(
        results.map(({ rows }) => rows),
        [[['two', 'one', 'two', null]], [['other']]],
        'in a unit',
      );
    },
  },
  {
    name: 'parameters are not part of the text',
    async run({ same, table, write, read }) {
      const t = await table('v text');
      const value = `x'); drop table ${t}; --`;
      await write(`insert into ${t} values (?1)`, value);
      same(await read(`select v from ${t} where v = ?1`, value), [[value]], 'rows');
    },
  },
];
