import type { WireValue } from '../../driver/driver.ts';
import { holds, refuses } from '../assert.ts';
import { type ConformanceCase, knows, type Query } from '../conformance.ts';
import { exactText, all, needs } from './requirements.ts';

/** What a column of a type keeps of a value: the value as the column gives it back, and the type that it has there. */
type Stored = readonly [type: string, bound: WireValue, kept: WireValue, kind: string, needs?: 'valuesOfAnyType'];

const stored: readonly Stored[] = [
  ['integer', 5, 5, 'integer'],
  ['integer', '12', 12, 'integer'],
  ['integer', 3.5, 3.5, 'real', 'valuesOfAnyType'],
  ['integer', 'x1', 'x1', 'text', 'valuesOfAnyType'],
  ['real', 5, 5, 'real'],
  ['real', '2.5', 2.5, 'real'],
  ['numeric', '1e3', 1000, 'integer', 'valuesOfAnyType'],
  ['text', '007', '007', 'text'],
  ['text', '1.0', '1.0', 'text'],
  ['text', '', '', 'text'],
  ['blob', 'text', 'text', 'text', 'valuesOfAnyType'],
  ['integer', null, null, 'null'],
];

const WORDS: Readonly<Record<string, string>> = { integer: '@integer', real: '@real', blob: '@bytes' };

const storedCase = ([type, bound, kept, kind, ability]: Stored): ConformanceCase => ({
  name: `a column ${type} keeps ${JSON.stringify(bound)} as ${kind} ${JSON.stringify(kept)}`,
  ...(ability && { requires: knows(ability) }),
  async run({ same, table, unit, write, read }) {
    const t = await table(`id @key, v ${WORDS[type] ?? type}`);
    const insert: Query = [`insert into ${t} (v) values (?1)`, bound];
    await write(...insert);
    await unit('write', insert, insert);
    const rows = await read(`select v, @kind(v) as t from ${t} order by id`);
    same(
      rows,
      [
        [kept, kind],
        [kept, kind],
        [kept, kind],
      ],
      'rows',
    );
  },
});

/** Lengths around which formats change the size of what says the length, and buffers end. */
const lengths = [1, 63, 64, 127, 128, 255, 256, 4095, 4096, 16_383, 16_384, 65_535, 65_536, 262_144];

const texts: readonly (readonly [what: string, text: string])[] = [
  ['a mark of the order of bytes', '\uFEFFabc\uFEFF'],
  ['what is not a character', 'a\uFFFE\uFFFF\u{1FFFF}b'],
  ['controls', Array.from({ length: 31 }, (_, at) => String.fromCharCode(at + 1)).join('')],
  ['composed and decomposed letters', '\u00e9 e\u0301 \u1100\u1161 \uac00'],
  ['directions and joiners', '\u202Eabc\u202C \u200D\u200C \u2066x\u2069'],
  ['separators of lines', 'a\u2028b\u2029c\u0085d'],
  ['SQL', `'; drop table x; -- "[]\`\\ ?1 :a @b $c %s {}`],
  ['JSON', '{"a":[1,2,{"b":"\\u0000"}],"c":"\\""}'],
  ['digits', '00123 1e5 0x1F +1 -0 .5 Infinity NaN'],
];

/** Values of every type, at the edges where a driver may change them. */
export const storedCases: readonly ConformanceCase[] = [
  ...stored.map(storedCase),
  ...texts.map(([what, text]): ConformanceCase => ({
    name: `text is exact: ${what}`,
    ...(text.startsWith('\uFEFF') && { requires: exactText }),
    async run({ same, table, unit, read }) {
      const t = await table('v text');
      await unit('write', [`insert into ${t} values (?1)`, text], ['select ?1 as v', text]);
      same(await read(`select v, v = ?1 as e from ${t}`, text), [[text, true]], 'alone');
      same(
        (await unit('read', [`select v from ${t}`], ['select ?1 as v', text])).results.map(({ rows }) => rows),
        [[[text]], [[text]]],
        'in a unit',
      );
    },
  })),
  {
    name: 'text of any length is exact, whatever its characters take',
    async run({ same, table, unit, read }) {
      const t = await table('id @key, v text');
      const values = lengths.flatMap((length) => ['a', 'ß', '語', '🐢'].map((one) => one.repeat(length / one.length)));
      await unit('write', ...values.map((value): Query => [`insert into ${t} (v) values (?1)`, value]));
      const rows = await read(`select v, length(v) as n from ${t} order by id`);
      for (const [at, value] of values.entries()) {
        holds(rows[at]?.[0] === value, `text ${at} is not the same`);
        same(rows[at]?.[1], Array.from(value).length, `characters of text ${at}`);
      }
    },
  },
  {
    name: 'bytes of any length are exact',
    async run({ same, table, unit, read }) {
      const t = await table('id @key, v @bytes');
      const values = lengths.map((length) => Uint8Array.from({ length }, (_, at) => (at * 31 + length) & 255));
      await unit('write', ...values.map((value): Query => [`insert into ${t} (v) values (@blob(?1))`, value]));
      const sent = values.map((value) => [
        value.length,
        Array.from(value.subarray(0, 2), (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(''),
      ]);
      same(await read(`select length(v) as n, @hex(substr(v, 1, 2)) as e from ${t} order by id`), sent, 'kept');
    },
  },
  {
    name: 'a view of a part of a buffer binds that part',
    async run({ same, read, unit }) {
      const view = new Uint8Array(Uint8Array.from([9, 1, 2, 3, 9]).buffer, 1, 3);
      const query: Query = ['select @hex(@blob(?1)) as h, length(@blob(?1)) as n', view];
      same(await read(...query), [['010203', 3]], 'alone');
      same((await unit('read', query, query)).results[1]?.rows, [['010203', 3]], 'in a unit');
    },
  },
  {
    name: 'a text used again binds values of other types as they are',
    requires: knows('valuesOfAnyType'),
    async run({ same, table, write, read }) {
      const t = await table('id @key, v');
      const values: WireValue[] = ['text', null, 1.5, Uint8Array.of(7), '', 2.5, 'text', null, '3'];
      for (const value of values) await write(`insert into ${t} (v) values (?1)`, value);
      const kinds = ['text', 'null', 'real', 'blob', 'text', 'real', 'text', 'null', 'text'];
      same(
        await read(`select typeof(v) as t from ${t} order by id`),
        kinds.map((kind) => [kind]),
        'types',
      );
      for (const value of ['a', null, 'b']) same(await read('select ?1 as v', value), [[value]], 'read');
    },
  },
  {
    name: 'an integer beyond 2^53 is refused when it is read',
    requires: all(needs('exactIntegers'), knows('integersAsNumbers')),
    async run({ same, table, unit, read }) {
      const t = await table('v integer');
      await unit('write', [`insert into ${t} values (9007199254740993)`]);
      const refused = { code: 'InvalidValueError' } as const;
      await refuses(() => read(`select v from ${t}`), refused);
      await refuses(() => unit('read', ['select 1 as a'], [`select v from ${t}`]), refused);
      same(await read(`select cast(v as text) as v from ${t}`), [['9007199254740993']], 'as text');
    },
  },
  {
    name: 'integers of 64 bits are counted with exactly',
    async run({ same, read }) {
      const query = `select cast(cast(?1 as @integer) - cast(?2 as @integer) as text) as d,
        cast(?1 as @integer) > cast(?2 as @integer) as g, cast(cast(?1 as @integer) / 10 as text) as q`;
      same(await read(query, '9223372036854775807', '9223372036854775806'), [['1', true, '922337203685477580']], 'row');
    },
  },
  {
    name: 'doubles are compared and ordered to the last digit',
    async run({ same, table, unit, read }) {
      const t = await table('v @real');
      const values = [0.1 + 0.2, 0.3, 1 + Number.EPSILON, 1, 5e-324, 2.2250738585072014e-308, -5e-324];
      await unit('write', ...values.map((value): Query => [`insert into ${t} values (?1)`, value]));
      same(
        await read(`select v from ${t} order by v`),
        values.toSorted((a, b) => a - b).map((value) => [value]),
        'order',
      );
      for (const value of values)
        same(await read(`select count(*) as n from ${t} where v = ?1`, value), [[1]], 'equal');
    },
  },
  {
    name: 'a null among parameters is each time one of its own',
    async run({ same, read }) {
      same(
        await read('select ?1 as a, ?2 as b, ?3 as c, cast(?2 as text) is null as d', null, null, 'x'),
        [[null, null, 'x', true]],
        'row',
      );
    },
  },
  {
    name: 'a thousand parameters, or as many as there may be, keep their places',
    async run({ same, driver, read }) {
      const count = Math.min(driver.limits.parameters, 1000);
      const values = Array.from({ length: count }, (_, at) => `v${at}`);
      const list = values.map((_, at) => `(${at}, ?${at + 1})`).join();
      same(
        await read(`select column2 as v from (values ${list}) as l order by column1`, ...values),
        values.map((value) => [value]),
        'rows',
      );
    },
  },
];
