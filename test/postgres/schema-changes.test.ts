import {
  createAll,
  createEngine,
  type Engine,
  index,
  integer,
  MetaData,
  select,
  sql,
  table,
  text,
  timestamp,
  view,
} from 'cinnabar';
import {
  applyOperations,
  compare,
  destructive,
  type Operation,
  render,
  reverse,
  type SchemaSnapshot,
} from 'cinnabar/migrate';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pg } from '../../adapters/pg/index.ts';
import { postgresDialect } from '../../src/dialect/postgres/index.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';

const url = postgresDatabase();
let pool: Pool;
let engine: Engine;
beforeAll(() => {
  pool = new Pool({ connectionString: url() });
  engine = createEngine(pg(pool));
});
afterAll(() => pool.end());

/** Carries operations out as one transaction. */
async function run(operations: readonly Operation[], current: SchemaSnapshot): Promise<void> {
  const statements = render(operations, postgresDialect, current).flatMap((step) => step.statements);
  await psql(url(), 'begin', ...statements, 'commit');
}

function rich(schema: string): MetaData {
  const metadata = new MetaData({ schema });
  const orgs = table(
    'orgs',
    {
      id: integer().primaryKey(),
      title: text().unique().comment("Of the 'firm'."),
      kind: text().defaultSql(sql`upper('a') || 'b'`),
      since: timestamp().defaultSql(sql`now()`),
      size: integer()
        .defaultSql(5)
        .check(({ size }) => sql`${size} in (1, 2, 5)`, 'sizes'),
    },
    { metadata, comment: 'All of them.' },
  );
  const users = table(
    'users',
    {
      id: integer().primaryKey(),
      name: text().collate('C'),
      length: integer().generatedAs(({ name }) => sql`length(${name}) + 1`, { stored: true }),
      orgId: integer()
        .nullable()
        .references('orgs.id', { onDelete: 'set null', onUpdate: 'cascade', deferrable: 'deferred' }),
      bossId: integer().nullable().references('users.id'),
    },
    {
      metadata,
      constrain: (c) => ({
        checks: { named: sql<boolean>`${c.name} <> '' and not (${c.orgId} = 3 or ${c.bossId} is null)` },
        indexes: [
          index(c.name.desc(), c.orgId).where(c.orgId.isNull()),
          index(sql`lower(${c.name})`, c.bossId.desc().nullsLast())
            .named('odd one')
            .unique(),
        ],
      }),
    },
  );
  view(
    'names',
    select({ theName: users.c.name, title: orgs.c.title })
      .from(users)
      .innerJoin(orgs, users.c.orgId.eq(orgs.c.id))
      .where(users.c.id.in([1, 2])),
    { metadata },
  );
  return metadata;
}

test('what was created differs from its models in nothing, in three round trips at most', async () => {
  for (const schema of ['public', 'the archive']) {
    if (schema !== 'public') await psql(url(), `create schema "${schema}"`);
    const metadata = rich(schema);
    await createAll(engine, metadata);
    const trips = engine.roundTrips;
    const { operations, questions, current } = await compare(engine, metadata);
    expect(operations).toEqual([]);
    expect(questions).toEqual([]);
    expect(current.tables.map(({ name }) => name)).toEqual(['orgs', 'users']);
    expect(engine.roundTrips - trips).toBeLessThanOrEqual(3);
  }
});

test('columns, keys, labels and views change with the rows that are there', async () => {
  await psql(url(), 'drop schema public cascade', 'create schema public');
  await psql(
    url(),
    `create type mood as enum ('sad', 'ok', 'happy')`,
    `create table orgs (id serial primary key, code varchar(10) not null, constraint orgs_code unique (code))`,
    `create table users (id int primary key, name varchar(10) default 'x', age int, feeling mood default 'ok', org text references orgs (code))`,
    `create view grown as select name, age from users where age > 17`,
    `insert into orgs (code) values ('a'), ('b')`,
    `insert into users values (1, 'Ann', 30, 'sad', 'a'), (2, 'Bob', null, 'happy', null)`,
  );
  const { current } = await compare(engine, { dialect: 'postgres', schemas: [], tables: [], enums: [], views: [] });
  const users = current.tables.find(({ name }) => name === 'users')!;
  const column = (name: string) => users.columns.find((of) => of.name === name)!;
  const of = { name: 'users' };
  const operations: Operation[] = [
    {
      kind: 'alterColumn',
      table: of,
      from: column('name'),
      to: { ...column('name'), type: 'text', default: `'y'::text` },
    },
    {
      kind: 'alterColumn',
      table: of,
      from: column('age'),
      to: { ...column('age'), type: 'bigint', nullable: false },
      using: 'coalesce(age, 0)',
    },
    { kind: 'addColumn', table: of, column: { name: 'loud', type: 'text', nullable: false }, fill: 'upper(name)' },
    { kind: 'alterEnum', enum: { name: 'mood' }, from: ['sad', 'ok', 'happy'], to: ['happy', 'sad', 'fine', 'ok'] },
    { kind: 'renameEnumLabel', enum: { name: 'mood' }, label: 'fine', to: 'good' },
    { kind: 'renameColumn', table: of, column: 'org', to: 'org_code' },
    { kind: 'renameTable', table: { name: 'orgs' }, to: 'firms' },
    { kind: 'alterColumn', table: of, from: column('id'), to: { ...column('id'), identity: 'always' } },
    { kind: 'setComment', table: of, column: 'age', to: `In "years", it's said.` },
    {
      kind: 'createIndex',
      table: of,
      index: { name: 'users_name', on: [{ column: 'name', operators: 'text_pattern_ops' }], include: ['age'] },
    },
  ];
  await run(operations, current);
  expect(await psql(url(), 'select id, name, age, feeling, org_code, loud from users order by id')).toEqual([
    [1, 'Ann', '30', 'sad', 'a', 'ANN'],
    [2, 'Bob', '0', 'happy', null, 'BOB'],
  ]);
  expect(await psql(url(), 'select * from grown')).toEqual([['Ann', '30']]);
  expect(await psql(url(), `insert into users (age, loud) values (1, '!') returning id, name, feeling`)).toEqual([
    [3, 'y', 'ok'],
  ]);
  const wanted = applyOperations(current, operations);
  const again = await compare(engine, wanted);
  expect(again.operations.filter(({ kind }) => kind !== 'dropView' && kind !== 'createView')).toEqual([]);

  // And back, but for the rows that the way lost.
  await run(reverse(operations), again.current);
  const back = await compare(engine, current);
  expect(back.operations.filter(({ kind }) => kind !== 'dropView' && kind !== 'createView')).toEqual([]);
});

test('tables that refer to each other are created and dropped', async () => {
  await psql(url(), 'drop schema public cascade', 'create schema public');
  const metadata = new MetaData();
  table('a', { id: integer().primaryKey(), bId: integer().nullable().references('b.id') }, { metadata });
  table('b', { id: integer().primaryKey(), aId: integer().references('a.id') }, { metadata });
  const made = await compare(engine, metadata);
  await run(made.operations, made.current);
  expect((await compare(engine, metadata)).operations).toEqual([]);
  const gone = await compare(engine, new MetaData());
  expect(new Set(destructive(gone.operations))).toEqual(new Set(['a', 'b']));
  await run(gone.operations, gone.current);
  expect((await compare(engine, new MetaData())).current.tables).toEqual([]);
});

test('three hundred tables take three round trips at most', { timeout: 120_000 }, async () => {
  await psql(url(), 'drop schema public cascade', 'create schema public');
  const metadata = new MetaData();
  for (let at = 0; at < 300; at++) {
    table(
      `t${at}`,
      {
        id: integer().primaryKey(),
        name: text().check(({ name }) => sql`length(${name}) in (1, ${at + 2})`, 'long'),
        size: integer().defaultSql(at),
        parentId: integer()
          .nullable()
          .references(`t${Math.max(at - 1, 0)}.id`),
      },
      { metadata, constrain: (c) => ({ indexes: [index(sql`lower(${c.name})`).named(`ix_lower_${at}`)] }) },
    );
  }
  await createAll(engine, metadata);
  const trips = engine.roundTrips;
  expect((await compare(engine, metadata)).operations).toEqual([]);
  expect(engine.roundTrips - trips).toBeLessThanOrEqual(3);
});
