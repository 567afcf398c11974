import { DatabaseSync } from 'node:sqlite';
import { createEngine, insert, integer, MetaData, table, text } from 'cinnabar';
import { compare, migrate, reflect, render, revision, type Operation } from 'cinnabar/migrate';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { expect, test } from 'vitest';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';

function open(...sql: readonly string[]) {
  const db = new DatabaseSync(':memory:');
  for (const text of sql) db.exec(text);
  return { db, engine: createEngine(nodeSqlite(db)) };
}

/** Changes the column `name` of a table in a revision. */
async function change({ engine }: ReturnType<typeof open>, table: string, name: string, to: object): Promise<void> {
  const found = (await reflect(engine)).tables.find((of) => of.name === table)!;
  const from = found.columns.find((column) => column.name === name)!;
  const operation: Operation = { kind: 'alterColumn', table: { name: table }, from, to: { ...from, ...to } };
  await migrate(engine, [revision({ id: 'a', up: [operation], consent: [`${table}.${name}`] })]);
}

const chain = (column: string): string[] => [
  `create table nodes (id integer primary key, label text, ${column})`,
  'with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) insert into nodes select i, i, max(i - 1, 1) from n',
];

test.for([
  ['nullable', 'up integer references nodes on delete cascade'],
  ['of a column that takes no NULL', 'up integer not null references nodes on delete cascade'],
  ['that would be set to NULL', 'up integer not null references nodes on delete set null'],
  ['that would get a default', 'up integer not null references nodes on delete set default'],
] as const)('a chain of three thousand rows, %s, is no chain to follow', async ([, column]) => {
  const of = open(...chain(column));
  await change(of, 'nodes', 'label', { default: `'x'` });
  expect(of.db.prepare('select count(*) as n, sum(up) as s from nodes').get()).toEqual({ n: 3000, s: 4_498_501 });
});

test('values that the new type cannot hold stop the revision, which names the column and no value', async () => {
  const of = open('create table t (id integer primary key, v text)', "insert into t values (1, '5'), (2, 'secret')");
  await expect(change(of, 't', 'v', { type: 'integer' })).rejects.toThrow(
    expect.objectContaining({
      code: 'InvalidValueError',
      message: expect.stringContaining('values of t.v cannot be integer'),
    }),
  );
  expect(of.db.prepare('select v from t').all()).toEqual([{ v: '5' }, { v: 'secret' }]);
});

test('rows that refer to nothing stop it too', async () => {
  const of = open(
    'pragma foreign_keys = off',
    'create table p (id integer primary key, v text)',
    'create table c (p references p)',
    'insert into c values (9)',
  );
  await expect(change(of, 'p', 'v', { default: '1' })).rejects.toThrow(
    expect.objectContaining({ code: 'ForeignKeyViolation' }),
  );
});

test('a view or a trigger that the change breaks stops it', async () => {
  const tables = [
    'create table t (id integer primary key, v text, w text, check (v <> 5))',
    "insert into t values (1, 'a', 'b')",
  ];
  for (const broken of [
    'create view seen as select v from t',
    'create trigger noted after insert on t begin update t set w = new.v; end',
  ]) {
    const { engine, db } = open(...tables, broken);
    const column = { name: 'v', type: 'text', nullable: true };
    const check = { kind: 'check', expression: 'v <> 5' } as const;
    const operations: Operation[] = [
      { kind: 'dropConstraint', table: { name: 't' }, constraint: check },
      { kind: 'dropColumn', table: { name: 't' }, column },
    ];
    await expect(migrate(engine, [revision({ id: 'a', up: operations, consent: ['t.v'] })])).rejects.toThrow(
      /no such column|no column/,
    );
    expect(db.prepare('select * from t').all()).toEqual([{ id: 1, v: 'a', w: 'b' }]);
  }
});

test('a table that cannot be said is not made anew', async () => {
  const { engine } = open('create virtual table words using fts5(body)');
  const current = await reflect(engine);
  const operation: Operation = {
    kind: 'addConstraint',
    table: { name: 'words' },
    constraint: { kind: 'check', expression: '1' },
  };
  expect(() => render([operation], sqliteDialect, current)).toThrow(/'words' has a module behind it/);
});

test('a table that another refers to is not dropped before the key', async () => {
  const { engine } = open(
    'create table p (id integer primary key)',
    'create table c (p references p on delete cascade)',
  );
  const current = await reflect(engine);
  expect(() => render([{ kind: 'dropTable', table: current.tables[0]! }], sqliteDialect, current)).toThrow(
    "'p' cannot be dropped while 'c' refers to it: drop the foreign key first",
  );
});

test('tables of an attached database are made anew where they are, and their counter goes on', async () => {
  const { db, engine } = open(`attach ':memory:' as archive`);
  const models = (isUnique: boolean) => {
    const metadata = new MetaData({ schema: 'archive' });
    const name = isUnique ? text().nullable().unique() : text();
    const orgs = table('orgs', { id: integer().primaryKey({ autoincrement: true }), name }, { metadata });
    const orgId = integer().references('orgs.id', { onDelete: 'cascade' });
    const users = table('users', { id: integer().primaryKey(), orgId }, { metadata });
    return { metadata, orgs, users };
  };
  const lead = async (metadata: MetaData): Promise<void> => {
    const { operations, current } = await compare(engine, metadata);
    const statements = render(operations, sqliteDialect, current).flatMap((step) => step.statements);
    for (const sql of ['begin', ...statements, 'commit']) db.exec(sql);
    expect((await compare(engine, metadata)).operations).toEqual([]);
  };
  const { metadata, orgs, users } = models(false);
  await lead(metadata);
  await engine.run(insert(orgs).values({ name: 'x' }, { name: 'y' }));
  await engine.run(insert(users).values({ orgId: 1 }));
  db.exec('delete from archive.orgs where id = 2');
  await lead(models(true).metadata);
  db.exec(`insert into archive.orgs (name) values ('z')`);
  expect(db.prepare('select id, name from archive.orgs').all()).toEqual([
    { id: 1, name: 'x' },
    { id: 3, name: 'z' },
  ]);
  expect(db.prepare('select * from archive.users').all()).toEqual([{ id: 1, org_id: 1 }]);
});

test.for(['as they come', 'the other way round'] as const)(
  'tables get keys and keys that lead to them at once, %s, also where a cascade would follow',
  async (way) => {
    const of = open(
      'create table users (id integer primary key, org_id integer, name text)',
      'create table orgs (id integer primary key, title text, user_id integer references users)',
      'create table names (title text, org_id integer references orgs)',
      `insert into users values (7, 1, 'Ann'); insert into orgs values (1, 'a', 7); insert into names values ('Ann', 1)`,
    );
    const metadata = new MetaData();
    table('orgs', { id: integer().primaryKey(), title: text().nullable() }, { metadata });
    table('names', { title: text().primaryKey() }, { metadata });
    table(
      'users',
      {
        id: integer().primaryKey(),
        orgId: integer().nullable().references('orgs.id', { onDelete: 'cascade', onUpdate: 'cascade' }),
        name: text().nullable().references('names.title', { onDelete: 'set null' }),
      },
      { metadata },
    );
    const { operations, current } = await compare(of.engine, metadata);
    const order = way === 'as they come' ? operations : operations.toReversed();
    const statements = render(order, sqliteDialect, current).flatMap((step) => step.statements);
    for (const sql of ['begin', ...statements, 'commit']) of.db.exec(sql);
    expect((await compare(of.engine, metadata)).operations).toEqual([]);
    expect(of.db.prepare('select * from users').all()).toEqual([{ id: 7, org_id: 1, name: 'Ann' }]);
  },
);
