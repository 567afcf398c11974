import {
  alias,
  and,
  bigint,
  count,
  createAll,
  createEngine,
  declarativeBase,
  deleteFrom,
  dropAll,
  exists,
  insert,
  integer,
  isCinnabarError,
  many,
  MetaData,
  numeric,
  select,
  sum,
  table,
  text,
  timestamp,
  unionAll,
  update,
} from 'cinnabar';
import { expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';

const metadata = new MetaData();
const orgs = table('orgs', { id: integer().primaryKey(), title: text().unique() }, { metadata });
const users = table(
  'users',
  {
    id: integer().primaryKey(),
    fullName: text(),
    role: text().default('reader'),
    balance: numeric(10, 2).default('0.00'),
    big: bigint().nullable(),
    madeAt: timestamp().default(() => new Date(0)),
    orgId: integer().nullable().references('orgs.id', { onDelete: 'cascade' }),
  },
  { metadata, unique: [['orgId', 'fullName']] },
);

/** Tables without models, as statements use them. */
export function tableCases(open: OpenDriver): void {
  const given = async (): Promise<TestDatabase> => {
    const db = await freshDatabase(await open(), metadata);
    await db.engine.run(insert(orgs).values({ id: 1, title: 'one' }, { id: 2, title: 'two' }));
    await db.engine.run(
      insert(users).values(
        { fullName: 'Ann', orgId: 1, balance: '1.50', big: 2n ** 60n },
        { fullName: 'Bob', orgId: 1, balance: '2.25' },
        { fullName: 'Cid', role: 'editor' },
      ),
    );
    db.driver.clear();
    return db;
  };
  const ann = {
    id: 1,
    fullName: 'Ann',
    role: 'reader',
    balance: '1.50',
    big: 2n ** 60n,
    madeAt: new Date(0),
    orgId: 1,
  };

  test('rows of a table are plain objects of its columns', async () => {
    const db = await given();

    expect(await db.engine.all(select(users).where(users.c.fullName.eq('Ann')))).toEqual([ann]);
    expect(db.driver.sql).toEqual([
      'select "users"."id", "users"."full_name", "users"."role", cast("users"."balance" as text) as "balance", cast("users"."big" as text) as "big", "users"."made_at", "users"."org_id" from "users" where "users"."full_name" = ?1',
    ]);
    expect(await db.engine.all(select(users).orderBy(users.c.id.desc()).limit(1).offset(1))).toEqual([
      { ...ann, id: 2, fullName: 'Bob', balance: '2.25', big: null },
    ]);
  });

  test('joins, groups, and a row of a table within a row', async () => {
    const db = await given();

    expect(
      await db.engine.all(
        select({ name: users.c.fullName, org: orgs })
          .from(users)
          .leftJoin(orgs, orgs.c.id.eq(users.c.orgId))
          .orderBy(users.c.id),
      ),
    ).toEqual([
      { name: 'Ann', org: { id: 1, title: 'one' } },
      { name: 'Bob', org: { id: 1, title: 'one' } },
      { name: 'Cid', org: null },
    ]);
    expect(
      await db.engine.all(
        select({ title: orgs.c.title, n: count(users.c.id), total: sum(users.c.balance) })
          .from(orgs)
          .leftJoin(users, users.c.orgId.eq(orgs.c.id))
          .groupBy(orgs.c.id)
          .orderBy(orgs.c.id),
      ),
    ).toEqual([
      { title: 'one', n: 2, total: '3.75' },
      { title: 'two', n: 0, total: null },
    ]);
  });

  test('an alias, a subquery, a CTE, a union and EXISTS', async () => {
    const db = await given();
    const peer = alias(users, 'peer');
    const rich = select(users).where(users.c.balance.gt('1.00')).subquery('rich');
    const roles = select({ role: users.c.role, n: count() }).from(users).groupBy(users.c.role).cte('roles');

    expect(
      await db.engine.all(
        select({ a: users.c.fullName, b: peer.c.fullName, whole: peer })
          .from(users)
          .innerJoin(peer, and(peer.c.orgId.eq(users.c.orgId), peer.c.id.gt(users.c.id))),
      ),
    ).toEqual([{ a: 'Ann', b: 'Bob', whole: expect.objectContaining({ id: 2, fullName: 'Bob' }) as unknown }]);
    expect(await db.engine.all(select({ n: rich.c.fullName, b: rich.c.big }).from(rich).orderBy(rich.c.id))).toEqual([
      { n: 'Ann', b: 2n ** 60n },
      { n: 'Bob', b: null },
    ]);
    expect(await db.engine.all(select(roles).orderBy(roles.c.role))).toEqual([
      { role: 'editor', n: 1 },
      { role: 'reader', n: 2 },
    ]);
    expect(await db.engine.all(select({ r: roles.c.role, n: roles.c.n }).from(roles).orderBy(roles.c.role))).toEqual([
      { r: 'editor', n: 1 },
      { r: 'reader', n: 2 },
    ]);
    const names = [
      select({ name: users.c.fullName }),
      select({ name: orgs.c.title }).where(exists(select(users).where(users.c.orgId.eq(orgs.c.id)))),
    ];
    expect(await db.engine.all(unionAll(...names))).toHaveLength(4);
  });

  test('insert, upsert, update, delete, and what they return', async () => {
    const db = await given();

    expect(
      await db.engine.all(insert(users).values({ fullName: 'Dan' }).returning({ id: users.c.id, role: users.c.role })),
    ).toEqual([{ id: 4, role: 'reader' }]);
    expect(
      await db.engine.all(
        insert(orgs)
          .values({ title: 'one' }, { title: 'three' })
          .onConflict('title')
          .update((x) => ({ title: x.title }))
          .returning(),
      ),
    ).toEqual([
      { id: 1, title: 'one' },
      { id: expect.any(Number) as number, title: 'three' },
    ]);
    expect(
      await db.engine.all(update(users).set({ balance: '9.99', big: null }).where(users.c.id.eq(1)).returning()),
    ).toEqual([{ ...ann, balance: '9.99', big: null }]);
    expect(await db.engine.run(deleteFrom(orgs).where(orgs.c.id.eq(1)))).toBeGreaterThan(0);
    expect(await db.engine.all(select({ name: users.c.fullName }))).toEqual([{ name: 'Cid' }, { name: 'Dan' }]);
    expect(
      await db.engine.run(insert(orgs).from(select({ title: users.c.fullName }).where(users.c.fullName.eq('Cid')))),
    ).toBe(1);
  });

  test('a session reads and writes them as an engine does, beside entities', async () => {
    const db = await given();
    const Model = declarativeBase();
    class Org extends Model('orgs', { id: integer().primaryKey(), title: text() }) {}
    const session = db.session();
    const [row] = await session.all(
      select({ org: Org, user: users, n: users.c.balance })
        .from(Org)
        .innerJoin(users, users.c.orgId.eq(Org.c.id))
        .where(users.c.id.eq(1)),
    );

    expect(row?.org).toBeInstanceOf(Org);
    expect(row?.org.toJSON()).toEqual({ id: 1, title: 'one' });
    expect([row?.user, row?.n]).toEqual([ann, '1.50']);
    expect(await session.all(select(users).where(users.c.id.eq(1)))).toEqual([ann]);
    expect(await session.all(insert(orgs).values({ title: 'x' }).returning())).toEqual([
      { id: expect.any(Number) as number, title: 'x' },
    ]);
  });

  test('a session has no entities of them', async () => {
    const db = await given();
    const session = db.session();
    for (const use of [
      () => session.query(users as never),
      () => session.get(users as never, 1 as never),
      () => session.add({ id: 1 } as never),
    ]) {
      const { error, calls } = await db.failure(async () => use());
      expect(isCinnabarError(error, 'ConfigurationError'), String(error)).toBe(true);
      expect(calls).toBe(0);
    }
  });

  test('bad input is refused before any I/O', async () => {
    const db = await given();
    const twoNames = { id: integer().primaryKey(), one: text().named('x'), two: text().named('x') };
    const cases: readonly [make: () => unknown, code: 'ConfigurationError' | 'InvalidValueError', message: RegExp][] = [
      [() => table('t', { id: 5 as never }), 'ConfigurationError', /^t\.id: expected a column, like text\(\); got/],
      [() => table('', {}), 'ConfigurationError', /a table needs a name/],
      [() => table('t', twoNames), 'ConfigurationError', /table 't' has two columns 'x' \(one, two\)/],
      [() => table('users', {}, { metadata }), 'ConfigurationError', /two tables or views are named 'users'/],
      [() => table('t', {}, { unique: [['no' as never]] }), 'ConfigurationError', /table 't' has no attribute 'no'/],
      [() => insert(users).values({ fullName: 'x', nope: 1 } as never), 'ConfigurationError', /no column 'nope'/],
      [() => update(users).set({ id: 'x' as never }), 'InvalidValueError', /users\.id: expected a safe integer/],
      [() => select(null as never), 'ConfigurationError', /select\(\): expected/],
      [() => insert(alias(users, 'a') as never), 'ConfigurationError', /insert\(\)/],
    ];
    for (const [make, code, message] of cases) {
      const { error, calls } = await db.failure(make);
      expect(isCinnabarError(error, code) && error.message).toMatch(message);
      expect(calls).toBe(0);
    }
  });

  test('models and tables in one metadata refer to each other, and a relation goes through a table', async () => {
    const Model = declarativeBase();
    class Author extends Model('authors', {
      id: integer().primaryKey(),
      name: text(),
      get books() {
        return many(Book, { through: 'author_books' });
      },
    }) {}
    class Book extends Model('books', { id: integer().primaryKey(), title: text() }) {}
    const links = table(
      'author_books',
      {
        authorId: integer().primaryKey({ generated: false }).references('authors.id', { onDelete: 'cascade' }),
        bookId: integer().primaryKey({ generated: false }).references('books.id', { onDelete: 'cascade' }),
        share: integer().default(100),
      },
      { metadata: Model.metadata },
    );
    const db = await freshDatabase(await open(), Model.metadata);
    const session = db.session();
    session.add(new Author({ name: 'Ann', books: [new Book({ title: 'one' }), new Book({ title: 'two' })] }));
    await session.commit();

    expect(await db.engine.all(select(links).orderBy(links.c.bookId))).toEqual([
      { authorId: 1, bookId: 1, share: 100 },
      { authorId: 1, bookId: 2, share: 100 },
    ]);
    await db.engine.run(deleteFrom(links).where(links.c.bookId.eq(1)));
    const [author] = await db.session().query(Author).with({ books: true }).all();
    expect(author?.books.items.map(({ title }) => title)).toEqual(['two']);
    const bad = await db.failure(() => db.engine.run(insert(links).values({ authorId: 9, bookId: 1 })));
    expect(isCinnabarError(bad.error, 'ForeignKeyViolation')).toBe(true);
  });

  test('a table alone has a metadata of its own', async () => {
    const db = await given();
    const lone = table('lone', { id: integer().primaryKey() }, { schema: 'main' });
    await createAll(createEngine(db.driver), lone.metadata);

    expect(lone.metadata.tables).toHaveLength(1);
    expect(await db.engine.all(insert(lone).values({}).returning())).toEqual([{ id: 1 }]);
    expect(db.driver.sql.at(-1)).toBe('insert into "main"."lone" default values returning "id"');
    await dropAll(createEngine(db.driver), lone.metadata);
  });
}
