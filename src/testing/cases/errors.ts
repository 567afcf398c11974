import { holds, refuses } from '../assert.ts';
import type { ConformanceCase } from '../conformance.ts';

const refused = { outcome: 'not committed', retryable: false } as const;

/** Refusals: typed, with the names of the database and without its values. */
export const errorCases: readonly ConformanceCase[] = [
  {
    name: 'a value that is there already is a UniqueViolation with table and columns',
    async run({ table, write }) {
      const t = await table('id @key, email text unique, a text, b text, unique (a, b)');
      await write(`insert into ${t} (email, a, b) values ('x@y.z', 'a', 'b')`);
      const unique = { ...refused, code: 'UniqueViolation', table: t } as const;
      await refuses(() => write(`insert into ${t} (email) values ('x@y.z')`), { ...unique, columns: ['email'] });
      await refuses(() => write(`insert into ${t} (a, b) values ('a', 'b')`), { ...unique, columns: ['a', 'b'] });
      await refuses(() => write(`insert into ${t} (id) values (1)`), { ...unique, columns: ['id'] });
      await write(`insert into ${t} values (9, null, 'c', 'd')`);
      await refuses(() => write(`update ${t} set email = 'x@y.z' where id = 9`), { ...unique, columns: ['email'] });
    },
  },
  {
    name: 'a unique index over an expression is named',
    async run({ same, table, unit, write }) {
      const t = await table('email text');
      const index = `${t}_lower`;
      await unit('write', [`create unique index ${index} on ${t} (lower(email))`], [`insert into ${t} values ('A')`]);
      const error = await refuses(() => write(`insert into ${t} values ('a')`), {
        ...refused,
        code: 'UniqueViolation',
      });
      same(error.constraint, index, 'constraint');
    },
  },
  {
    name: 'NULL where none may be is a NotNullViolation with table and column',
    async run({ table, write }) {
      const t = await table('id @key, name text not null');
      const expected = { ...refused, code: 'NotNullViolation', table: t, columns: ['name'] } as const;
      await refuses(() => write(`insert into ${t} (id) values (1)`), expected);
    },
  },
  {
    name: 'a CHECK that is false is a CheckViolation with its name',
    async run({ same, table, name, write }) {
      const check = name();
      const t = await table(`age integer, constraint ${check} check (age < 200)`);
      const error = await refuses(() => write(`insert into ${t} values (?1)`, 777), {
        ...refused,
        code: 'CheckViolation',
      });
      same(error.constraint, check, 'constraint');
    },
  },
  {
    name: 'a missing or a kept reference is a ForeignKeyViolation',
    async run({ table, unit, write }) {
      const parent = await table('id @key');
      const child = await table(`parent_id integer references ${parent} (id)`);
      await unit('write', [`insert into ${parent} values (1)`], [`insert into ${child} values (1)`]);
      const expected = { ...refused, code: 'ForeignKeyViolation' } as const;
      await refuses(() => write(`insert into ${child} values (2)`), expected);
      await refuses(() => write(`delete from ${parent}`), expected);
    },
  },
  {
    name: 'a value of another type in a STRICT table is an InvalidValueError',
    async run({ table, write }) {
      const t = await table('n integer', '@strict');
      await refuses(() => write(`insert into ${t} values ('text')`), { ...refused, code: 'InvalidValueError' });
    },
  },
  {
    name: 'a statement with a mistake is a DatabaseError, in a read and in a write',
    async run({ same, table, unit, read, write }) {
      const t = await table('v integer');
      const missing = `no_such_table_${t}`;
      const wrong = { ...refused, code: 'DatabaseError' } as const;
      await refuses(() => read(`selec v from ${t}`), wrong);
      await refuses(() => read(`select v from ${missing}`), wrong);
      await refuses(() => read(`select no_such_column from ${t}`), wrong);
      await refuses(() => write(`insert into ${missing} values (1)`), wrong);
      await refuses(() => unit('write', [`insert into ${t} values (1)`], ['selec 1']), wrong);
      await refuses(() => unit('read', ['select 1 as a'], [`select v from ${missing}`]), wrong);
      same(await read(`select count(*) as n from ${t}`), [[0]], 'rows');
    },
  },
  {
    name: 'no message or detail of an error holds a value',
    async run({ table, write }) {
      // Long enough not to be part of a table's name by chance.
      const part = '5'.repeat(8);
      const secret = `secret ${part}5555`;
      const t = await table(`a text unique, b text check (b is null or length(b) < 3), c text not null default ''`);
      await write(`insert into ${t} (a) values (?1)`, secret);
      const failures = [
        await refuses(() => write(`insert into ${t} (a) values (?1)`, secret), { code: 'UniqueViolation' }),
        await refuses(() => write(`insert into ${t} (b) values (?1)`, secret), { code: 'CheckViolation' }),
        await refuses(() => write(`insert into ${t} (a, c) values (?1, null)`, 'x'), { code: 'NotNullViolation' }),
        await refuses(() => write('@fail(?1)', secret), { code: ['DatabaseError', 'InvalidValueError'] }),
      ];
      for (const error of failures) {
        const { cause: _, ...details } = error;
        const said = error.message + JSON.stringify(details);
        holds(!said.includes(part), `${error.code} says the value`);
      }
    },
  },
  {
    name: 'an error arrives as a rejection',
    async run({ driver, statement }) {
      const statements = [statement(['select ?1 as a', Number.NaN])];
      const answer = driver.execute({ statements, mode: 'read' });
      await refuses(() => answer, { code: 'InvalidValueError', outcome: 'not sent' });
    },
  },
];
