import { type ExpectedError, refuses } from '../assert.ts';
import { type ConformanceCase, knows, type Query } from '../conformance.ts';
import type { Ability } from '../forms/forms.ts';

interface Violation {
  readonly what: string;
  /** Of table `$t`; `$p` is a parent with the keys 1 and ('a', 1). */
  readonly columns: string;
  readonly options?: string;
  readonly setup?: readonly Query[];
  readonly write: Query;
  readonly error: ExpectedError;
  /** Whether the error names the table. */
  readonly named?: true;
  readonly needs?: Ability;
}

const unique = 'UniqueViolation';
const notNull = 'NotNullViolation';
const reference = 'ForeignKeyViolation';
const check = 'CheckViolation';
const value = 'InvalidValueError';

/** A way to break each kind of constraint, and what the error says. */
const violations: readonly Violation[] = [
  {
    what: 'a key that is taken',
    columns: 'id @key',
    setup: [['insert into $t values (1)']],
    write: ['insert into $t values (1)'],
    error: { code: unique, columns: ['id'] },
    named: true,
  },
  {
    what: 'a key of text that is taken',
    columns: 'id text primary key',
    setup: [[`insert into $t values ('a')`]],
    write: [`insert into $t values ('a')`],
    error: { code: unique, columns: ['id'] },
    named: true,
  },
  {
    what: 'a key of two columns that is taken',
    columns: 'a integer, b integer, primary key (a, b)',
    setup: [['insert into $t values (1, 2)']],
    write: ['insert into $t values (1, 2)'],
    error: { code: unique, columns: ['a', 'b'] },
    named: true,
  },
  {
    what: 'a key that is taken in a table without row ids',
    columns: 'a integer, b integer, primary key (b, a)',
    options: '@withoutRowid',
    setup: [['insert into $t values (1, 2)']],
    write: ['insert into $t values (1, 2)'],
    error: { code: unique, columns: ['b', 'a'] },
    named: true,
  },
  {
    what: 'two rows of one statement that collide',
    columns: 'v text unique',
    write: ['insert into $t values (?1), (?1)', 'x'],
    error: { code: unique, columns: ['v'] },
    named: true,
  },
  {
    what: 'an update that collides',
    columns: 'id @key, v text unique',
    setup: [[`insert into $t values (1, 'a'), (2, 'b')`]],
    write: [`update $t set v = 'a' where id = 2`],
    error: { code: unique, columns: ['v'] },
    named: true,
  },
  {
    what: 'an update of the key that collides',
    columns: 'id @key',
    setup: [['insert into $t values (1), (2)']],
    write: ['update $t set id = 1 where id = 2'],
    error: { code: unique, columns: ['id'] },
    named: true,
  },
  {
    what: 'a unique index of some rows',
    columns: 'v text, gone integer',
    setup: [
      ['create unique index $t_live on $t (v) where gone = 0'],
      [`insert into $t values ('a', 1), ('a', 1), ('a', 0)`],
    ],
    write: [`insert into $t values ('a', 0)`],
    error: { code: unique, columns: ['v'] },
    named: true,
  },
  {
    what: 'a unique column without regard to case',
    columns: 'v text collate nocase unique',
    needs: 'noCase',
    setup: [[`insert into $t values ('Ann')`]],
    write: [`insert into $t values ('ANN')`],
    error: { code: unique, columns: ['v'] },
    named: true,
  },
  {
    what: 'an upsert that collides elsewhere',
    columns: 'id @key, v text unique',
    setup: [[`insert into $t values (1, 'a'), (2, 'b')`]],
    write: [`insert into $t values (1, 'c') on conflict (id) do update set v = 'b'`],
    error: { code: unique, columns: ['v'] },
    named: true,
  },
  {
    what: 'a name with quotes and spaces',
    columns: '"a ""b"" c" text unique',
    setup: [[`insert into $t values ('x')`]],
    write: [`insert into $t values ('x')`],
    error: { code: unique, columns: ['a "b" c'] },
    named: true,
  },
  {
    what: 'NULL in an insert',
    columns: 'a text, b text not null',
    write: ['insert into $t values (?1, ?2)', 'x', null],
    error: { code: notNull, columns: ['b'] },
    named: true,
  },
  {
    what: 'NULL in an update',
    columns: 'v text not null',
    setup: [[`insert into $t values ('x')`]],
    write: ['update $t set v = ?1', null],
    error: { code: notNull, columns: ['v'] },
    named: true,
  },
  {
    what: 'NULL in a STRICT table',
    columns: 'v integer not null',
    options: '@strict',
    write: ['insert into $t values (null)'],
    error: { code: notNull, columns: ['v'] },
    named: true,
  },
  {
    what: 'a check of a column',
    columns: 'n integer check (n > 0)',
    write: ['insert into $t values (-1)'],
    error: { code: check },
  },
  {
    what: 'a check of two columns',
    columns: 'a integer, b integer, constraint ordered check (a < b)',
    write: ['insert into $t values (2, 1)'],
    error: { code: check, constraint: 'ordered' },
  },
  {
    what: 'a check in an update',
    columns: 'n integer constraint positive check (n > 0)',
    setup: [['insert into $t values (1)']],
    write: ['update $t set n = n - 1'],
    error: { code: check, constraint: 'positive' },
  },
  {
    what: 'a reference to no row',
    columns: 'p_id integer references $p (id)',
    write: ['insert into $t values (?1)', 99],
    error: { code: reference },
  },
  {
    what: 'a reference of two columns to no row',
    columns: 'a text, b integer, foreign key (a, b) references $p (a, b)',
    write: [`insert into $t values ('a', 2)`],
    error: { code: reference },
  },
  {
    what: 'an update to a reference to no row',
    columns: 'p_id integer references $p (id)',
    setup: [['insert into $t values (1)']],
    write: ['update $t set p_id = 2'],
    error: { code: reference },
  },
  {
    what: 'a row that is still referred to',
    columns: 'p_id integer references $p (id)',
    setup: [['insert into $t values (1)']],
    write: ['delete from $p'],
    error: { code: reference },
  },
  {
    what: 'a row that is still referred to, at once',
    columns: 'p_id integer references $p (id) on delete restrict',
    setup: [['insert into $t values (1)']],
    write: ['delete from $p where id = 1'],
    error: { code: reference },
  },
  {
    what: 'a key that is still referred to',
    columns: 'p_id integer references $p (id)',
    setup: [['insert into $t values (1)']],
    write: ['update $p set id = 5 where id = 1'],
    error: { code: reference },
  },
  {
    what: 'a table that is still referred to',
    columns: 'p_id integer references $p (id)',
    setup: [['insert into $t values (1)']],
    write: ['drop table $p'],
    // PostgreSQL says it of whatever depends on another.
    error: { code: [reference, 'DatabaseError'] },
  },
  {
    what: 'text among STRICT integers',
    columns: 'v integer',
    options: '@strict',
    write: [`insert into $t values ('x')`],
    error: { code: value },
  },
  {
    what: 'a fraction among STRICT integers',
    columns: 'v integer',
    options: '@strict',
    write: ['insert into $t values (1.5)'],
    needs: 'strictFractions',
    error: { code: value },
  },
  {
    what: 'bytes among STRICT texts',
    columns: 'v text',
    options: '@strict',
    write: [`insert into $t values (x'00')`],
    needs: 'valuesOfAnyType',
    error: { code: value },
  },
  {
    what: 'text among STRICT bytes',
    columns: 'v @bytes',
    options: '@strict',
    write: ['insert into $t values (@blob(?1))', String.raw`\xzz`],
    error: { code: value },
  },
  {
    what: 'text for a key that is a number',
    columns: 'id @key',
    write: [`insert into $t values ('x')`],
    error: { code: value },
  },
];

const violation = ({
  what,
  columns,
  options = '',
  setup = [],
  write,
  error,
  named,
  needs,
}: Violation): ConformanceCase => ({
  name: `refused: ${what}`,
  ...(needs && { requires: knows(needs) }),
  async run({ same, table, unit, read }) {
    const p = await table('id @key, a text, b integer, unique (a, b)');
    await unit('write', [`insert into ${p} values (1, 'a', 1)`]);
    const place = (text: string): string => text.replaceAll('$p', p);
    const t = await table(place(columns), options);
    const query = ([sql, ...params]: Query): Query => [place(sql).replaceAll('$t', t), ...params];
    if (setup.length > 0) await unit('write', ...setup.map(query));
    const before = await read(`select * from ${t}`);
    const expected: ExpectedError = {
      outcome: 'not committed',
      retryable: false,
      ...error,
      ...(named && { table: t }),
    };
    await refuses(() => unit('write', query(write)), expected);
    await refuses(() => unit('write', ['select 1 as x'], query(write), ['select 1 as x']), expected);
    same(await read(`select * from ${t}`), before, 'rows');
    same(await read(`select id from ${p}`), [[1]], 'rows of the parent');
  },
});

export const constraintCases: readonly ConformanceCase[] = violations.map(violation);
