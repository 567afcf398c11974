import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  array,
  createAll,
  createAllSql,
  createEngine,
  dropAll,
  index,
  insert,
  integer,
  MetaData,
  select,
  sql,
  table,
  text,
  view,
} from 'cinnabar';
import { pg } from 'cinnabar/pg';
import { postgresDialect } from '../../src/dialect/postgres/index.ts';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';

const url = postgresDatabase();
const quiet = { onWarning: () => {} };
let pool: Pool;
beforeAll(() => (pool = new Pool({ connectionString: url() })));
afterAll(() => pool.end());

test('schemas, named constraints, comments, indexes and views', async () => {
  const metadata = new MetaData({ schema: 'the archive' });
  const orgs = table(
    'orgs',
    { id: integer().primaryKey(), title: text().unique() },
    { metadata, comment: "It's one." },
  );
  const users = table(
    'users',
    {
      id: integer().primaryKey(),
      name: text()
        .check(({ name }) => sql`length(${name}) > 1`, 'long')
        .comment('Of the person.'),
      size: integer().generatedAs(({ name }) => sql`length(${name})`, { stored: true }),
      orgId: integer()
        .nullable()
        .references('orgs.id', { onDelete: 'set null', onUpdate: 'cascade', deferrable: 'deferred' }),
    },
    { metadata, constrain: (c) => ({ indexes: [index(c.name.desc()).where(c.orgId.isNull())] }) },
  );
  const names = view('names', select({ theName: users.c.name }).from(users), { metadata });
  expect(createAllSql(metadata, postgresDialect).slice(1, 2)).toEqual([
    `comment on table "the archive"."orgs" is 'It''s one.'`,
  ]);
  await psql(url(), 'create schema "the archive"');
  const engine = createEngine(pg(pool));
  await createAll(engine, metadata);
  await createAll(engine, metadata);

  await engine.run(insert(orgs).values({ title: 'one' }));
  expect(await engine.all(insert(users).values({ name: 'Ann', orgId: 1 }).returning())).toEqual([
    { id: 1, name: 'Ann', size: 3, orgId: 1 },
  ]);
  expect(await engine.all(select(names))).toEqual([{ theName: 'Ann' }]);
  expect(
    await psql(
      url(),
      `select conname::text from pg_constraint where connamespace = '"the archive"'::regnamespace and contype <> 'n' order by 1`,
    ),
  ).toEqual([['ck_users_long'], ['fk_users_org_id_orgs'], ['pk_orgs'], ['pk_users'], ['uq_orgs_title']]);
  expect(
    await psql(
      url(),
      `select obj_description('"the archive".orgs'::regclass), col_description('"the archive".users'::regclass, 2)`,
    ),
  ).toEqual([["It's one.", 'Of the person.']]);
  expect(await psql(url(), `select indexname::text from pg_indexes where indexname like 'ix%'`)).toEqual([
    ['ix_users_name'],
  ]);
  await dropAll(engine, metadata);
  expect(
    await psql(url(), `select relname::text from pg_class where relnamespace = '"the archive"'::regnamespace`),
  ).toEqual([]);
});

test('an index has a method, columns that it includes, and NULLs that are one', async () => {
  const metadata = new MetaData();
  const notes = table(
    'notes',
    { id: integer().primaryKey(), tags: array(text()), kind: text().nullable(), title: text() },
    {
      metadata,
      constrain: (c) => ({
        indexes: [
          index(c.tags).using('gin'),
          index(c.kind).unique().include(c.title).nullsNotDistinct().where(c.id.gt(0)).named('one_kind'),
        ],
      }),
    },
  );
  const engine = createEngine(pg(pool, quiet));
  await createAll(engine, metadata);
  expect(
    await psql(url(), `select indexdef::text from pg_indexes where tablename = 'notes' order by indexname`),
  ).toEqual([
    ['CREATE INDEX ix_notes_tags ON public.notes USING gin (tags)'],
    [
      `CREATE UNIQUE INDEX one_kind ON public.notes USING btree (kind) INCLUDE (title) NULLS NOT DISTINCT WHERE (id > '0'::bigint)`,
    ],
    ['CREATE UNIQUE INDEX pk_notes ON public.notes USING btree (id)'],
  ]);
  await engine.run(insert(notes).values({ tags: [], title: 'a' }));
  await expect(engine.run(insert(notes).values({ tags: [], title: 'b' }))).rejects.toMatchObject({
    code: 'UniqueViolation',
    constraint: 'one_kind',
  });
  await dropAll(engine, metadata);
  expect(() => createAllSql(metadata, sqliteDialect)).toThrow(
    `3 mistakes in the schema:\n- the index 'ix_notes_tags' asks for using(), which sqlite has not\n- the index 'one_kind' asks for include(), which sqlite has not\n- the index 'one_kind' asks for nullsNotDistinct(), which sqlite has not`,
  );
  expect(() => index(notes.c.tags).using('gin (x)')).toThrow('expected a method');
});

test('names of 63 bytes stand, and generated ones that are longer are shortened by a hash', async () => {
  const metadata = new MetaData();
  const long = 'ü'.repeat(31) + 'x';
  table(
    long,
    { id: integer().primaryKey(), ['é'.repeat(31)]: integer().unique(), other: integer().unique() },
    { metadata, constrain: (c) => ({ indexes: [index(c.other, c.id)] }) },
  );
  const engine = createEngine(pg(pool, quiet));
  await createAll(engine, metadata);
  const names = await psql(
    url(),
    `select conname::text from pg_constraint c where conrelid = '"${long}"'::regclass and contype <> 'n' union all select indexname::text from pg_indexes where tablename = '${long}' and indexname like 'ix%'`,
  );
  expect(names).toHaveLength(4);
  for (const [name] of names) expect(new TextEncoder().encode(String(name)).length).toBeLessThanOrEqual(63);
  expect(new Set(names.flat()).size).toBe(4);
  // The same names each time: there is nothing to create again.
  await createAll(engine, metadata);
  await dropAll(engine, metadata);
  expect(() => postgresDialect.quote(`${long}y`)).toThrow('takes more than 63 bytes');
});

test('a name that is too long is one of the mistakes, before any I/O', () => {
  const metadata = new MetaData();
  table('ü'.repeat(32), { id: integer().primaryKey() }, { metadata });
  table('pg_own', { id: integer().primaryKey() }, { metadata });
  expect(() => createAllSql(metadata, postgresDialect)).toThrow(
    `2 mistakes in the schema:\n- the name of a table is longer than 63 bytes: '${'ü'.repeat(32)}'\n- a table is named 'pg_own', as only the database may`,
  );
});
