import { type ConformanceCase, knows, type Query } from '../conformance.ts';
import type { Ability } from '../forms/forms.ts';

type Rows = readonly (readonly unknown[])[];

interface Write {
  readonly what: string;
  /** Of table `t`. */
  readonly columns: string;
  readonly options?: string;
  /** `$t` stands for the table. */
  readonly setup?: readonly Query[];
  readonly write: Query;
  readonly changes?: number;
  readonly returned?: Rows;
  readonly rows: Rows;
  readonly needs?: Ability;
}

const keyed = 'id @key, v text unique, n integer default 7';
const two: readonly Query[] = [[`insert into $t (v, n) values ('a', 1), ('b', 2)`]];

/** What INSERT, UPDATE and DELETE can do, how many rows they say, and what they return. */
const writes: readonly Write[] = [
  {
    what: 'defaults',
    columns: keyed,
    write: ['insert into $t default values returning id, v, n'],
    returned: [[1, null, 7]],
    rows: [[1, null, 7]],
  },
  {
    what: 'several rows',
    columns: keyed,
    write: [`insert into $t (v) values (?1), (?2), (?3)`, 'x', 'y', null],
    changes: 3,
    rows: [
      [1, 'x', 7],
      [2, 'y', 7],
      [3, null, 7],
    ],
  },
  {
    what: 'rows of a query',
    columns: keyed,
    write: [`insert into $t (v, n) select value, key from @list(?1) as l where key > 0`, '["a","b","c"]'],
    changes: 2,
    rows: [
      [1, 'b', 1],
      [2, 'c', 2],
    ],
  },
  {
    what: 'rows of a common table expression',
    columns: keyed,
    write: [`with s (v) as (values ('x'), ('y')) insert into $t (v) select v from s`],
    changes: 2,
    rows: [
      [1, 'x', 7],
      [2, 'y', 7],
    ],
  },
  {
    what: 'a conflict that changes nothing',
    columns: keyed,
    setup: two,
    write: [`insert into $t (v) values ('a') on conflict do nothing`],
    changes: 0,
    rows: [
      [1, 'a', 1],
      [2, 'b', 2],
    ],
  },
  {
    what: 'a conflict that changes nothing returns nothing',
    columns: keyed,
    setup: two,
    write: [`insert into $t (id, v) values (9, 'a'), (3, 'c') on conflict (v) do nothing returning v`],
    returned: [['c']],
    rows: [
      [1, 'a', 1],
      [2, 'b', 2],
      [3, 'c', 7],
    ],
  },
  {
    what: 'a conflict that updates',
    columns: keyed,
    setup: two,
    write: [
      `insert into $t (id, v, n) values (9, 'a', 50), (3, 'c', 3) on conflict (v) do update set n = $t.n + excluded.n returning v, n`,
    ],
    returned: [
      ['a', 51],
      ['c', 3],
    ],
    rows: [
      [1, 'a', 51],
      [2, 'b', 2],
      [3, 'c', 3],
    ],
  },
  {
    what: 'a conflict that updates on a condition',
    columns: keyed,
    setup: two,
    write: [
      `insert into $t (v, n) values ('a', 0), ('b', 9) on conflict (v) do update set n = excluded.n where excluded.n > $t.n`,
    ],
    changes: 1,
    rows: [
      [1, 'a', 1],
      [2, 'b', 9],
    ],
  },
  {
    what: 'a conflict with one of several targets',
    needs: 'conflictClauses',
    columns: keyed,
    setup: two,
    write: [
      `insert into $t (id, v, n) values (2, 'z', 0) on conflict (v) do nothing on conflict (id) do update set n = -1`,
    ],
    changes: 1,
    rows: [
      [1, 'a', 1],
      [2, 'b', -1],
    ],
  },
  {
    what: 'replace',
    needs: 'conflictClauses',
    columns: keyed,
    setup: two,
    write: [`insert or replace into $t (id, v) values (2, 'c')`],
    changes: 1,
    rows: [
      [1, 'a', 1],
      [2, 'c', 7],
    ],
  },
  {
    what: 'ignore',
    needs: 'conflictClauses',
    columns: keyed,
    setup: two,
    write: [`insert or ignore into $t (v) values ('b'), ('c')`],
    changes: 1,
    rows: [
      [1, 'a', 1],
      [2, 'b', 2],
      [3, 'c', 7],
    ],
  },
  {
    what: 'an update of every row, whether it changes or not',
    columns: keyed,
    setup: two,
    write: ['update $t set n = 2'],
    changes: 2,
    rows: [
      [1, 'a', 2],
      [2, 'b', 2],
    ],
  },
  {
    what: 'an update from a list',
    columns: keyed,
    setup: two,
    write: [
      `update $t set n = @int(j.value ->> 1) from @rows(?1) j where $t.v = j.value ->> 0`,
      '[["a",10],["b",20],["c",30]]',
    ],
    changes: 2,
    rows: [
      [1, 'a', 10],
      [2, 'b', 20],
    ],
  },
  {
    what: 'an update from a query, returned',
    columns: keyed,
    setup: two,
    write: [`update $t set n = s.m from (select max(n) as m from $t) s where $t.id = 1 returning id, n as now`],
    returned: [[1, 2]],
    rows: [
      [1, 'a', 2],
      [2, 'b', 2],
    ],
  },
  {
    what: 'an update of several columns by what they were',
    columns: keyed,
    setup: two,
    write: [`update $t set (v, n) = (n || v, id) where id = 2`],
    changes: 1,
    rows: [
      [1, 'a', 1],
      [2, '2b', 2],
    ],
  },
  {
    what: 'an update of the key',
    columns: keyed,
    setup: two,
    write: ['update $t set id = 10 where id = 1 returning id'],
    returned: [[10]],
    rows: [
      [2, 'b', 2],
      [10, 'a', 1],
    ],
  },
  {
    what: 'a delete by a subquery',
    columns: keyed,
    setup: two,
    write: ['delete from $t where id in (select max(id) from $t)'],
    changes: 1,
    rows: [[1, 'a', 1]],
  },
  { what: 'a delete of everything', columns: keyed, setup: two, write: ['delete from $t'], changes: 2, rows: [] },
  {
    what: 'a delete of everything, returned',
    columns: keyed,
    setup: two,
    write: ['delete from $t returning v, n, id'],
    returned: [
      ['a', 1, 1],
      ['b', 2, 2],
    ],
    rows: [],
  },
  {
    what: 'a delete of nothing',
    columns: keyed,
    setup: two,
    write: ['delete from $t where id > ?1', 100],
    changes: 0,
    rows: [
      [1, 'a', 1],
      [2, 'b', 2],
    ],
  },
  {
    what: 'expressions returned',
    columns: keyed,
    write: [
      `insert into $t (v) values ('q') returning id * 10 as a, upper(v) as b, coalesce(null, n) as c, ?1 as d`,
      'p',
    ],
    returned: [[10, 'Q', 7, 'p']],
    rows: [[1, 'q', 7]],
  },
  {
    what: 'all columns returned, in their order',
    columns: 'z text, a text, id @key',
    write: [`insert into $t (a, z) values ('A', 'Z') returning *`],
    returned: [['Z', 'A', 1]],
    rows: [['Z', 'A', 1]],
  },
  {
    what: 'generated columns returned',
    columns:
      "id @key, n integer, twice integer generated always as (n * 2) stored, sign text generated always as (case when n < 0 then '-' else '+' end) stored",
    write: ['insert into $t (n) values (-4) returning twice, sign'],
    returned: [[-8, '-']],
    rows: [[1, -4, -8, '-']],
  },
  {
    what: 'a key of two columns',
    columns: 'a integer, b text, v text, primary key (a, b)',
    options: '@withoutRowid',
    setup: [[`insert into $t values (1, 'x', 'old'), (1, 'y', 'old')`]],
    write: [`insert into $t values (1, 'y', 'new') on conflict (a, b) do update set v = excluded.v returning a, b, v`],
    returned: [[1, 'y', 'new']],
    rows: [
      [1, 'x', 'old'],
      [1, 'y', 'new'],
    ],
  },
  {
    what: 'a key of text',
    columns: 'id text primary key not null, v integer',
    write: [`insert into $t values ('3f0c', 1) returning id`],
    returned: [['3f0c']],
    rows: [['3f0c', 1]],
  },
  {
    what: 'types that are kept in a STRICT table',
    columns: 'i integer, r real, t text, a any',
    options: 'strict',
    needs: 'valuesOfAnyType',
    write: [`insert into $t values (1, 2, '3', '4')`],
    changes: 1,
    rows: [[1, 2, '3', '4']],
  },
];

const writeCase = (
  { what, columns, options = '', setup = [], write, changes, returned = [], rows, needs }: Write,
  at: number,
): ConformanceCase => ({
  name: `write: ${what}`,
  ...(needs && { requires: knows(needs) }),
  async run({ same, table, unit, read }) {
    const t = await table(columns, options);
    const named = ([sql, ...params]: Query): Query => [sql.replaceAll('$t', t), ...params];
    if (setup.length > 0) await unit('write', ...setup.map(named));
    // Alone or among others, which some drivers send in different ways.
    const before: readonly Query[] = at % 2 === 0 ? [] : [['select 1 as x']];
    const { results } = await unit('write', ...before, named(write));
    const result = results[before.length];
    same(result?.rows, returned, 'returned');
    if (changes !== undefined) same(result?.changes, changes, 'changes');
    same(await read(`select * from ${t} order by ${columns.startsWith('z') ? 'id' : 1}`), rows, 'rows');
  },
});

export const writeCases: readonly ConformanceCase[] = writes.map(writeCase);
