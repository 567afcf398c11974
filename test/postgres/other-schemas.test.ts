import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  createAll,
  createEngine,
  declarativeBase,
  dropAll,
  enumType,
  insert,
  integer,
  many,
  one,
  select,
  Session,
  table,
  text,
  update,
  view,
  withSchemas,
  type Engine,
} from 'cinnabar';
import { pg } from 'cinnabar/pg';
import { recordingDriver } from 'cinnabar/testing';
import { postgresDatabase, psql } from '../support/postgres.ts';

const Model = declarativeBase({ schema: 'tenant' });
const mood = enumType('mood', ['glad', 'sad'], { schema: 'tenant' });
class Author extends Model('authors', {
  id: integer().primaryKey(),
  name: text().unique(),
  mood: mood().default('glad'),
  get books() {
    return many(Book, { by: 'authorId', cascade: 'orphans' });
  },
}) {}
class Book extends Model('books', {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer().references('authors.id'),
  get author() {
    return one(Author, { by: 'authorId' });
  },
  get tags() {
    return many(Tag, { through: 'book_tags' });
  },
}) {}
class Tag extends Model('tags', { id: integer().primaryKey(), word: text() }) {}
/** A table that has the name of the schema, and one of all tenants. */
class Same extends Model('tenant', { id: integer().primaryKey(), tenant: text() }) {}
const shared = table('shared', { id: integer().primaryKey() }, { metadata: Model.metadata, schema: 'common' });
const names = view('names', select({ theName: Author.c.name }).from(Author), {
  metadata: Model.metadata,
  schema: 'tenant',
});

const url = postgresDatabase();
let pool: Pool;
const driver = () => recordingDriver(pg(pool, { onWarning: () => {} }));
let engines: Record<'one' | 'two', { engine: Engine<true>; sent: ReturnType<typeof driver> }>;
beforeAll(() => (pool = new Pool({ connectionString: url(), pipeline: true })));
afterAll(() => pool.end());
beforeEach(async () => {
  await psql(
    url(),
    'drop schema if exists "tenant 1", tenant_2, common cascade',
    'create schema "tenant 1"',
    'create schema tenant_2',
    'create schema common',
  );
  const [one1, two] = [driver(), driver()];
  engines = {
    one: { engine: createEngine(withSchemas(one1, { tenant: 'tenant 1' })), sent: one1 },
    two: { engine: createEngine(withSchemas(two, { tenant: 'tenant_2' })), sent: two },
  };
  for (const { engine } of Object.values(engines)) await createAll(engine, Model.metadata);
  for (const { sent } of Object.values(engines)) sent.clear();
});
const rows = (text1: string): Promise<readonly (readonly unknown[])[]> => psql(url(), text1);

test('the same models are created in each, and dropped from one', async () => {
  const tables = (schema: string): Promise<readonly (readonly unknown[])[]> =>
    rows(`select table_name from information_schema.tables where table_schema = '${schema}' order by 1`);
  const all = [['authors'], ['book_tags'], ['books'], ['names'], ['tags'], ['tenant']];
  expect([await tables('tenant 1'), await tables('tenant_2'), await tables('common')]).toEqual([
    all,
    all,
    [['shared']],
  ]);
  expect(
    await rows(
      `select nspname from pg_type t join pg_namespace n on n.oid = typnamespace where typname = 'mood' order by 1`,
    ),
  ).toEqual([['tenant 1'], ['tenant_2']]);
  const keys = await rows(
    `select distinct n.nspname, f.nspname from pg_constraint c join pg_class t on t.oid = conrelid join pg_namespace n on n.oid = t.relnamespace
     join pg_class r on r.oid = confrelid join pg_namespace f on f.oid = r.relnamespace where contype = 'f' order by 1`,
  );
  expect(keys).toEqual([
    ['tenant 1', 'tenant 1'],
    ['tenant_2', 'tenant_2'],
  ]);
  await dropAll(engines.two.engine, Model.metadata);
  expect([await tables('tenant 1'), await tables('tenant_2')]).toEqual([all, []]);
});

test('graphs, loads and changes of one tenant are none of the other, by the same statements in turn', async () => {
  for (const [at, { engine, sent }] of Object.values(engines).entries()) {
    const session = new Session(engine);
    const author = new Author({
      name: 'Ann',
      mood: at === 0 ? 'glad' : 'sad',
      books: Array.from({ length: at + 1 }, (_, no) => new Book({ title: `b${no}`, tags: [new Tag({ word: 'w' })] })),
    });
    session.add(author);
    await session.commit();
    expect([author.id, session.roundTrips]).toEqual([1, 1]);
    expect(sent.sql.join('\n')).toContain(at === 0 ? '"tenant 1"."books"' : '"tenant_2"."books"');
    expect(sent.sql.join('\n')).not.toMatch(/"tenant"\./);
  }
  for (const [at, { engine }] of Object.values(engines).entries()) {
    const session = new Session(engine);
    const author = (await session.get(Author, 1))!;
    expect([author.mood, (await author.books).length]).toEqual([at === 0 ? 'glad' : 'sad', at + 1]);
    const [eager] = await new Session(engine)
      .query(Author)
      .where(Author.c.books.some(Book.c.tags.some()), Author.c.mood.eq(author.mood))
      .with({ books: { tags: true } })
      .all();
    expect(eager!.books.items[0]!.tags.items[0]!.word).toBe('w');
    expect(await engine.all(select({ name: names.c.theName }).from(names))).toEqual([{ name: 'Ann' }]);
    author.mood = 'sad';
    author.books.remove((await author.books)[0]!);
    await session.commit();
    await session.transaction(async (tx) => {
      tx.add(new Same({ tenant: 'tenant' }));
      await tx.flush();
      expect(await tx.query(Same).filterBy({ tenant: 'tenant' }).count()).toBe(1);
    });
  }
  expect(await rows('select count(*)::int from "tenant 1".books')).toEqual([[0]]);
  expect(await rows('select count(*)::int from tenant_2.books')).toEqual([[1]]);
  expect(await rows('select mood::text from tenant_2.authors union all select tenant from "tenant 1".tenant')).toEqual([
    ['sad'],
    ['tenant'],
  ]);
});

test('statements without a session, upserts, and schemas that stay', async () => {
  const { one: first, two } = engines;
  for (const { engine } of [first, two]) {
    await engine.run(insert(Author).values({ name: 'a' }, { name: 'b' }));
    await engine.run(update(Author).set({ name: 'c' }).where(Author.c.name.eq('b')));
    await engine.run(insert(shared).values({ id: engine === first.engine ? 1 : 2 }));
  }
  await first.engine.run(
    insert(Author)
      .values({ name: 'a', mood: 'sad' })
      .onConflict('name')
      .update((given) => ({ mood: given.mood })),
  );
  const moods = select({ name: Author.c.name, mood: Author.c.mood }).from(Author).orderBy(Author.c.name);
  expect(await first.engine.all(moods)).toEqual([
    { name: 'a', mood: 'sad' },
    { name: 'c', mood: 'glad' },
  ]);
  expect((await two.engine.all(moods))[0]).toEqual({ name: 'a', mood: 'glad' });
  expect(await rows('select id::int from common.shared order by 1')).toEqual([[1], [2]]);
  expect(await createEngine(driver()).all(select({ id: shared.c.id }).from(shared))).toHaveLength(2);
});

test('errors name models and attributes', async () => {
  const session = new Session(engines.two.engine);
  session.addAll([new Author({ name: 'same' }), new Author({ name: 'same' })]);
  expect(await session.commit().catch((error: unknown) => error)).toMatchObject({
    code: 'UniqueViolation',
    model: 'Author',
    attributes: ['name'],
  });
});

test('what is no name is refused', () => {
  for (const wrong of [undefined, [], { tenant: '' }, { tenant: 7 }])
    expect(() => withSchemas(driver(), wrong as never)).toThrow(
      expect.objectContaining({ code: 'ConfigurationError' }) as Error,
    );
});
