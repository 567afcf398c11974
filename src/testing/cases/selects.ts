import type { WireValue } from '../../driver/driver.ts';
import { type ConformanceCase, knows, type Query } from '../conformance.ts';
import type { Ability, Said } from '../forms/forms.ts';

type Row = readonly (WireValue | boolean | undefined)[];
/** What a query does, the query, and its rows, in the words of all dialects or of each. */
export type ExpectedRows = readonly [what: string, query: Said<Query>, rows: Said<readonly Row[]>, needs?: Ability];

export const three = `(select 1 as id, 'a' as v, 10 as n union all select 2, 'b', 20 union all select 3, 'b', 30)`;

const BETWEEN = String.raw`2 between 1 and 3 as a, '50%' like '%\%' escape '\' as b, '50' like '%\%' escape '\' as c`;
const TEXT = `upper('ab') as a, substr('żółw', 2, 2) as b, replace('aXbX', 'X', '-') as c, trim('  a ') as d, length('🐢') as f`;
const counted = (page: string): string => `(select count(*) from (select 1 from ${three} as s ${page}) as p)`;

/** What SELECT can do, in every version of the databases that the drivers speak to. */
const selects: readonly ExpectedRows[] = [
  [
    'common table expressions that use each other',
    ['with a as (select 1 as x), b as (select x + 1 as y from a) select x, y from a, b'],
    [[1, 2]],
  ],
  [
    'a recursive query',
    [
      'with recursive n (i) as (select 1 union all select i * 2 from n where i < 100) select sum(i) as s, count(*) as c from n',
    ],
    [[255, 8]],
  ],
  [
    'a walk over a tree',
    [
      `with recursive t (id, parent) as (values (1, null), (2, 1), (3, 2), (4, 1)), up (id, depth) as (select id, 0 from t where parent is null union all select t.id, depth + 1 from t join up on t.parent = up.id) select id, depth from up order by id`,
    ],
    [
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 1],
    ],
  ],
  [
    'a window with an order',
    [`select id, sum(n) over (order by id) as s from ${three} as s order by id`],
    [
      [1, 10],
      [2, 30],
      [3, 60],
    ],
  ],
  [
    'a window with partitions and a rank',
    [`select id, row_number() over (partition by v order by id desc) as r from ${three} as s order by id`],
    [
      [1, 1],
      [2, 2],
      [3, 1],
    ],
  ],
  [
    'a window with a frame',
    [`select sum(n) over (order by id rows between 1 preceding and current row) as s from ${three} as s order by id`],
    [[10], [30], [50]],
  ],
  [
    'lag, lead and first_value',
    [
      `select lag(n) over w as a, lead(n, 1, -1) over w as b, first_value(v) over w as c from ${three} as s window w as (order by id) order by id`,
    ],
    [
      [null, 20, 'a'],
      [10, 30, 'a'],
      [20, -1, 'a'],
    ],
  ],
  [
    'union, intersect and except',
    ['select * from (select 1 as a union select 2 union select 2) as s intersect select 2 as a except select 3 as a'],
    [[2]],
  ],
  [
    'an outer join, and its NULLs',
    [`select a.id as a, b.id as b from ${three} a left join ${three} b on b.id = a.id + 1 order by a.id`],
    [
      [1, 2],
      [2, 3],
      [3, null],
    ],
  ],
  [
    'a full outer join',
    [
      'select x.a as a, y.b as b from (select 1 as a union select 2) x full join (select 2 as b union select 3) y on x.a = y.b order by coalesce(x.a, y.b)',
    ],
    [
      [1, null],
      [2, 2],
      [null, 3],
    ],
  ],
  [
    'groups, and a condition on them',
    [`select v, count(*) as c, sum(n) as s from ${three} as s group by v having count(*) > ?1`, 1],
    [['b', 2, 50]],
  ],
  [
    'aggregates of some rows',
    [`select count(*) filter (where v = ?1) as c, max(n) filter (where id < 2) as m from ${three} as s`, 'b'],
    [[2, 10]],
  ],
  [
    'aggregates of no rows',
    [`select count(*) as c, sum(n) as s, max(n) as m, coalesce(sum(n), 0) as t from ${three} as s where id > 9`],
    [[0, null, null, 0]],
  ],
  [
    'text put together in order',
    {
      sqlite: [`select group_concat(v, '-') as g from (select v from ${three} as s order by id desc)`],
      postgres: [`select string_agg(v, '-' order by id desc) as g from ${three} as s`],
    },
    [['b-b-a']],
  ],
  ['distinct rows', [`select distinct v from ${three} as s order by v`], [['a'], ['b']]],
  [
    'a correlated subquery',
    [`select id, (select count(*) from ${three} y where y.v = x.v) as c from ${three} x order by id`],
    [
      [1, 1],
      [2, 2],
      [3, 2],
    ],
  ],
  [
    'exists, and not',
    [
      `select id from ${three} x where exists (select 1 from ${three} y where y.v = x.v and y.id <> x.id) and not exists (select 1 where x.id = 3)`,
    ],
    [[2]],
  ],
  [
    'a list of rows as a source',
    ['select column1 as a, column2 as b from (values (1, ?1), (2, ?2)) as l order by a', 'x', null],
    [
      [1, 'x'],
      [2, null],
    ],
  ],
  [
    'rows compared as rows',
    [`select id from ${three} as s where (v, n) > ('b', 20) or (id, v) in (values (1, 'a')) order by id`],
    [[1], [3]],
  ],
  [
    'a comparison that knows NULL',
    ['select null is not distinct from null as a, 1 is distinct from null as b, null = null as c, (null is null) as d'],
    [[true, true, null, true]],
  ],
  [
    'NULL in logic',
    {
      sqlite: ['select (null and 0) as a, (null or 1) as b, not null as c, 1 in (2, null) as d, 1 not in () as e'],
      postgres: [
        'select (null and false) as a, (null or true) as b, not null as c, 1 in (2, null) as d, 1 not in (select 1 where false) as e',
      ],
    },
    [[false, true, null, null, true]],
  ],
  [
    'NULL first and last',
    ['select column1 as a from (values (2), (null), (1)) as l order by a desc nulls first'],
    [[null], [2], [1]],
  ],
  [
    'case, iif, coalesce and nullif',
    [
      "select case ?1 when 'a' then 1 else 2 end as a, case when 1 < 2 then 'y' else 'n' end as b, coalesce(null, null, 3) as c, nullif(1, 1) as d",
      'a',
    ],
    [[1, 'y', 3, null]],
  ],
  [
    'between, like with an escape, and glob',
    {
      sqlite: [String.raw`select ${BETWEEN}, 'abc' glob 'a*' as d`],
      postgres: [String.raw`select ${BETWEEN}, 'abc' ~ '^a.*$' as d`],
    },
    [[true, true, false, true]],
  ],
  [
    'like without regard to case in ASCII alone',
    ["select 'ABC' like 'abc' as a, 'Ä' like 'ä' as b"],
    [[1, 0]],
    'noCase',
  ],
  [
    'collations',
    ["select 'a' = 'A' collate nocase as a, 'a ' = 'a' collate rtrim as b, 'a' = 'A' as c"],
    [[1, 1, 0]],
    'noCase',
  ],
  [
    'functions of text',
    {
      sqlite: [`select ${TEXT}, instr('abc', 'c') as e`],
      postgres: [`select ${TEXT}, strpos('abc', 'c') as e`],
    },
    [['AB', 'ół', 'a-b-', 'a', 1, 3]],
  ],
  [
    'text put together, and formatted',
    {
      sqlite: [
        "select 'a' || ?1 || 'c' as a, printf('%05d|%.2f|%s', 42, 1.005, 'x') as b, hex('aß') as c, char(128034) as d, unicode('🐢') as e",
        'b',
      ],
      postgres: [
        "select 'a' || ?1 || 'c' as a, lpad('42', 5, '0') || to_char(1.005::float8, '\"|\"FM0.00\"|x\"') as b, @hex(convert_to('aß', 'UTF8')) as c, chr(128034) as d, ascii('🐢') as e",
        'b',
      ],
    },
    [['abc', '00042|1.00|x', '61C39F', '🐢', 128_034]],
  ],
  [
    'arithmetic of integers and of reals',
    {
      sqlite: ['select 7 / 2 as a, 7 / 2.0 as b, 7 % 3 as c, -7 / 2 as d, 1 << 40 as e, ~5 as f, 1 / 0 as g'],
      postgres: [
        'select 7 / 2 as a, 7 / 2.0::float8 as b, 7 % 3 as c, -7 / 2 as d, 1::bigint << 40 as e, ~5 as f, 1 / nullif(0, 0) as g',
      ],
    },
    [[3, 3.5, 1, -3, 1_099_511_627_776, -6, null]],
  ],
  [
    'round, abs, min and max',
    {
      sqlite: ['select round(2.5) as a, round(-1.25, 1) as b, abs(-3) as c, max(1, 3, 2) as d, min(2, null) as e'],
      postgres: [
        'select round(2.5) as a, round(-1.25, 1) as b, abs(-3) as c, greatest(1, 3, 2) as d, least(null, null) as e',
      ],
    },
    [[3, -1.3, 3, 3, null]],
  ],
  [
    'date and time',
    {
      sqlite: [
        "select date('2024-02-28', '+1 day') as a, strftime('%Y-%j', '2024-12-31') as b, unixepoch('1970-01-02') as c, datetime(86400, 'unixepoch') as d, strftime('%f', '2024-01-01 00:00:01.234') as e",
      ],
      postgres: [
        "select date '2024-02-28' + 1 as a, to_char(date '2024-12-31', 'YYYY-DDD') as b, extract(epoch from timestamp '1970-01-02')::bigint as c, to_timestamp(86400) at time zone 'UTC' as d, to_char(timestamp '2024-01-01 00:00:01.234', 'SS.MS') as e",
      ],
    },
    [['2024-02-29', '2024-366', 86_400, '1970-01-02 00:00:00', '01.234']],
  ],
  ['a page of rows', [`select id from ${three} as s order by id limit ?1 offset ?2`, 1, 1], [[2]]],
  [
    'a page without rows, and one without an end',
    {
      sqlite: [`select ${counted('limit 0')} as a, ${counted('limit -1 offset 2')} as b`],
      postgres: [`select ${counted('limit 0')} as a, ${counted('offset 2')} as b`],
    },
    [[0, 1]],
  ],
  [
    'conversions',
    {
      sqlite: [
        "select cast('12abc' as integer) as a, cast(1.9 as integer) as b, cast(3 as text) as c, typeof(cast('1' as real)) as d, cast(x'61' as text) as e",
      ],
      postgres: [
        String.raw`select cast(' 12 ' as integer) as a, cast(1.4 as integer) as b, cast(3 as text) as c, @kind(cast('1' as @real)) as d, convert_from('\x61', 'UTF8') as e`,
      ],
    },
    [[12, 1, '3', 'real', 'a']],
  ],
];

/** The query runs alone and in a unit, which some drivers send in different ways. */
export const queryCase =
  (kind: string) =>
  ([what, queries, expected, ability]: ExpectedRows): ConformanceCase => ({
    name: `${kind}: ${what}`,
    ...(ability && { requires: knows(ability) }),
    async run({ same, said, read, unit }) {
      const [query, rows] = [said(queries), said(expected)];
      same(await read(...query), rows, 'alone');
      const { results } = await unit('read', ['select 1 as x'], query);
      same(results[1]?.rows, rows, 'in a unit');
    },
  });

export const selectCases: readonly ConformanceCase[] = selects.map(queryCase('select'));
