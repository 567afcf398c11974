import { apart, data, execute, revision, variant, type RevisionStep } from 'cinnabar/migrate';
import { describe, expect, test } from 'vitest';
import { checksumOf } from '../../../src/migrate/revisions/checksum.ts';
import { plainSql, splitSql } from '../../../src/migrate/revisions/split-sql.ts';

const digest = (...up: RevisionStep[]): Promise<string> => checksumOf(revision({ id: 'a', up }));

describe('the checksum of a revision', () => {
  test.for([
    ['line endings', execute('create table a (\r\n  id int\r\n)'), execute('create table a (\n  id int\n)')],
    ['formatting', execute('select  1 ;\n\n'), execute('\n  select 1')],
    ['comments', execute('select /* one */ 1 -- yes'), execute('select 1')],
    ['how statements were put together', execute('select 1; select 2'), execute(' select 1;\n select 2;')],
    ['the order of keys', execute({ sqlite: 'a', postgres: 'b' }), execute({ postgres: 'b', sqlite: 'a' })],
    ['the code of a data step', data('fill', async () => {}), data('fill', (db) => db.execute('x'))],
  ] as const)('does not change with %s', async ([, a, b]) => {
    expect(await digest(a)).toBe(await digest(b));
  });

  test.for([
    ['what is quoted', execute(`insert into a values ('x  y')`), execute(`insert into a values ('x y')`)],
    ['another statement', execute('select 1'), execute('select 2')],
    ['one dialect of several', execute({ sqlite: 'a', postgres: 'b' }), execute({ sqlite: 'a', postgres: 'c' })],
    ['a step within a variant', variant({ sqlite: [execute('a')] }), variant({ sqlite: [execute('b')] })],
    ['how a step runs', execute('vacuum'), apart('vacuum')],
    ['the name of a data step', data('one', async () => {}), data('two', async () => {})],
    [
      'an operation',
      { kind: 'renameTable', table: { name: 'a' }, to: 'b' },
      { kind: 'renameTable', table: { name: 'a' }, to: 'c' },
    ],
  ] as const)('changes with %s', async ([, a, b]) => {
    expect(await digest(a)).not.toBe(await digest(b));
  });

  test('speaks of the way up alone, and of no name', async () => {
    const one = revision({ id: 'a', up: [execute('select 1')], down: [execute('select 2')], message: 'one' });
    const other = revision({ id: 'b', parents: ['a'], up: [execute('select 1')], labels: ['x'] });
    expect(await checksumOf(one)).toBe(await checksumOf(other));
  });
});

describe('SQL is taken apart into statements', () => {
  test.for([
    [
      'quotes',
      `insert into a values (';'); select ";" from "a;b"`,
      [`insert into a values (';')`, `select ";" from "a;b"`],
    ],
    ['comments', `select 1 -- one; two\n; /* ; */ select 2`, ['select 1 -- one; two', '/* ; */ select 2']],
    ['empty ones', ';; select 1;;', ['select 1']],
    ['nothing but a comment', '-- later', []],
    ['dollars', `select $$a;b$$; do $x$ begin; $$; end $x$`, ['select $$a;b$$', 'do $x$ begin; $$; end $x$']],
    ['parameters', 'select $1; select 2', ['select $1', 'select 2']],
    ['escapes of PostgreSQL', String.raw`select E'a\';b'; select 1`, [String.raw`select E'a\';b'`, 'select 1']],
    [
      'a trigger',
      `create trigger t after insert on a begin update a set x = case when 1 then 2 else 3 end; delete from b; end; select 1`,
      [
        `create trigger t after insert on a begin update a set x = case when 1 then 2 else 3 end; delete from b; end`,
        'select 1',
      ],
    ],
    ['a transaction that is none of its own', 'begin; select 1; commit', ['begin', 'select 1', 'commit']],
  ] as const)('with %s', ([, text, statements]) => {
    expect(splitSql(text)).toEqual(statements);
  });

  test('and is read without its spaces where nothing is quoted', () => {
    expect(plainSql(`select  'a  b' ,"c  d" -- e\n from  f`)).toBe(`select 'a  b' ,"c  d" from f`);
  });
});

describe('a revision is refused', () => {
  test.for([
    ['without an id', () => revision({ up: [] } as never), /'id' is a name of letters.*got undefined/],
    ['with a reserved one', () => revision({ id: 'head', up: [] }), /got 'head'/],
    ['with an odd label', () => revision({ id: 'a', labels: ['x y'], up: [] }), /revision 'a': 'x y' is no label/],
    [
      'with parents that are no list',
      () => revision({ id: 'a', parents: 'b' as never, up: [] }),
      /'parents' is a list/,
    ],
    ['without steps', () => revision({ id: 'a' } as never), /revision 'a': 'up' is a list of steps/],
    [
      'with a step that is none',
      () => revision({ id: 'a', up: ['select 1' as never] }),
      /revision 'a': step 1 of 'up' is a string; expected an operation, execute\(\) or data\(\)/,
    ],
    ['with SQL that is none', () => execute('-- nothing'), /execute\(\): expected SQL/],
    ['with a data step without a name', () => data('', async () => {}), /expected a name and a function/],
    ['with several statements apart', () => apart('select 1; select 2'), /apart\(\): expected one statement/],
  ] as const)('%s', ([, make, message]) => {
    expect(make).toThrow(message);
  });
});
