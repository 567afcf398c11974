import { refuses } from '../assert.ts';
import { type ConformanceCase, knows, type Query } from '../conformance.ts';
import { all, needs } from './requirements.ts';

/** Names of columns, which are the user's. */
const names: readonly (readonly [what: string, name: string])[] = [
  ['quotes', 'a "b" \'c\' `d` [e]'],
  ['every plane of Unicode', 'żółw 🐢 日本'],
  ['lines and spaces', ' a\n\tb '],
  ['words of SQL', 'select'],
  ['length', 'x'.repeat(63)],
  ['what looks like a parameter', '?1 :a $b'],
];

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const naming = ([what, name]: (typeof names)[number]): ConformanceCase => ({
  name: `a column may have a name with ${what}`,
  async run({ same, table, unit, write }) {
    const column = quoted(name);
    const t = await table(`id @key, ${column} text unique`);
    same((await write(`insert into ${t} (${column}) values (?1) returning ${column}`, 'x')).rows, [['x']], 'returned');
    const select: Query = [`select ${column}, id from ${t} where ${column} = ?1`, 'x'];
    same((await unit('read', select, select)).results[1]?.rows, [['x', 1]], 'rows');
    await refuses(() => write(`insert into ${t} (${column}) values ('x')`), { code: 'UniqueViolation' });
  },
});

/** Tables, and other things that are defined. */
export const definitionCases: readonly ConformanceCase[] = [
  ...names.map(naming),
  {
    name: 'columns may share a name',
    requires: needs('positionalRows'),
    async run({ same, unit, read }) {
      const query: Query = ['select 1 as a, 2 as a, 3 as b, 4 as a'];
      same(await read(...query), [[1, 2, 3, 4]], 'alone');
      same((await unit('read', query, query)).results[1]?.rows, [[1, 2, 3, 4]], 'in a read unit');
      same((await unit('write', query)).results[0]?.rows, [[1, 2, 3, 4]], 'in a write unit');
    },
  },
  {
    name: 'a read alone gives columns that share a name',
    async run({ same, read }) {
      same(await read('select 1 as a, 2 as a, 3 as "0"'), [[1, 2, 3]], 'row');
    },
  },
  {
    name: 'columns may be called by numbers',
    requires: needs('positionalRows'),
    async run({ same, unit }) {
      const query: Query = ['select 1 as z, 2 as "2", 3 as "1", 4 as "-1"'];
      same((await unit('read', query, query)).results[1]?.rows, [[1, 2, 3, 4]], 'in a read unit');
    },
  },
  {
    name: 'a text used again sees the table as it is now',
    async run({ same, table, write, read: readAlone }) {
      // A connection to a replica learns of a change by the first read after it.
      const read = async (sql: string): Promise<readonly (readonly unknown[])[]> => {
        await readAlone(`select @tables('') as n`);
        return readAlone(sql);
      };
      const t = await table('id @key, v text');
      await write(`insert into ${t} (v) values ('a')`);
      const rows = `select * from ${t}`;
      same(await read(rows), [[1, 'a']], 'at first');
      await write(`alter table ${t} add column w text default 'new'`);
      same(await read(rows), [[1, 'a', 'new']], 'with a column more');
      await write(`alter table ${t} rename column v to z`);
      same(await read(rows), [[1, 'a', 'new']], 'with a column of another name');
      await write(`alter table ${t} drop column z`);
      same(await read(rows), [[1, 'new']], 'with a column less');
      await write(`drop table ${t}`);
      await refuses(() => read(rows), { code: 'DatabaseError' });
      await write(`create table ${t} (only_one text)`);
      await write(`insert into ${t} values ('b')`);
      same(await read(rows), [['b']], 'of another table by the name');
    },
  },
  {
    name: 'a unit may change a table between its statements',
    async run({ same, table, unit, read }) {
      const t = await table('id @key');
      const insert: Query = [`insert into ${t} default values`];
      const rows: Query = [`select * from ${t} order by id`];
      const { results } = await unit(
        'write',
        insert,
        rows,
        [`alter table ${t} add column v text default 'x'`],
        insert,
        rows,
      );
      same(
        [results[1]?.rows, results[4]?.rows],
        [
          [[1]],
          [
            [1, 'x'],
            [2, 'x'],
          ],
        ],
        'rows',
      );
      same(await read(`select count(*) as n from ${t}`), [[2]], 'count');
    },
  },
  {
    name: 'a view shows what is in its tables',
    async run({ same, table, unit, read, write }) {
      const t = await table('v integer');
      await unit('write', [`create view ${t}_view (twice) as select v * 2 from ${t}`], [`insert into ${t} values (4)`]);
      same(await read(`select twice from ${t}_view`), [[8]], 'rows');
      await refuses(() => write(`insert into ${t}_view values (1)`), { code: 'DatabaseError' });
      await write(`drop view ${t}_view`);
    },
  },
  {
    name: 'a table made of a query has its rows',
    async run({ same, table, name, write, read }) {
      const t = await table('v integer');
      const copy = name();
      await write(`insert into ${t} values (1), (2)`);
      await write(`create table ${copy} as select v, v * 10 as ten from ${t}`);
      same(
        await read(`select v, ten from ${copy} order by v`),
        [
          [1, 10],
          [2, 20],
        ],
        'rows',
      );
      await write(`drop table ${copy}`);
    },
  },
  {
    name: 'the schema can be read: columns, references and indexes',
    requires: knows('pragmas'),
    async run({ same, table, unit, read }) {
      const parent = await table('id @key');
      const t = await table(
        `id @key, p_id integer not null references ${parent} (id) on delete cascade, v text default 'x'`,
      );
      await unit('write', [`create unique index ${t}_v on ${t} (v, p_id)`]);
      const columns = await read(
        `select name, type, "notnull" as nn, dflt_value as d, pk from pragma_table_info(?1) order by cid`,
        t,
      );
      same(
        columns,
        [
          ['id', 'INTEGER', 0, null, 1],
          ['p_id', 'INTEGER', 1, null, 0],
          ['v', 'TEXT', 0, "'x'", 0],
        ],
        'columns',
      );
      same(
        await read(`select "table" as t, "from" as f, "to" as o, on_delete as d from pragma_foreign_key_list(?1)`, t),
        [[parent, 'p_id', 'id', 'CASCADE']],
        'references',
      );
      same(await read(`select name, "unique" as u from pragma_index_list(?1)`, t), [[`${t}_v`, 1]], 'indexes');
      same(
        await read(`select name from pragma_index_info(?1) order by seqno`, `${t}_v`),
        [['v'], ['p_id']],
        'columns of the index',
      );
    },
  },
  {
    name: 'what is there already is made no second time, and may be asked for',
    async run({ table, write }) {
      const t = await table('v integer');
      await refuses(() => write(`create table ${t} (w integer)`), { code: 'DatabaseError', outcome: 'not committed' });
      await write(`create table if not exists ${t} (w integer)`);
      await write(`insert into ${t} (v) values (1)`);
      await write(`drop table if exists ${t}_none`);
      await refuses(() => write(`drop table ${t}_none`), { code: 'DatabaseError', outcome: 'not committed' });
    },
  },
  {
    name: 'how a query runs can be asked, and leaves no lock',
    requires: all(needs('explain'), knows('explainQueryPlan')),
    async run({ same, table, read, write }) {
      const t = await table('id @key, v text');
      const plan = await read(`explain query plan select v from ${t} where id = ?1`, 1);
      same(plan.length, 1, 'lines');
      same(String(plan[0]?.at(-1)).includes(t), true, 'the plan names the table');
      same((await read(`explain select v from ${t}`)).length > 3, true, 'there are steps');
      await write(`drop table ${t}`);
    },
  },
];
