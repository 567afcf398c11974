import {
  count,
  createAll,
  declarativeBase,
  deleteFrom,
  insert,
  integer,
  many,
  one,
  rowFilter,
  select,
  text,
  update,
} from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class Author extends Model('authors', {
  id: integer().primaryKey(),
  name: text(),
  get books() {
    return many(Book, { cascade: 'delete' });
  },
  get totals() {
    return one(Totals, { inverse: 'authorId' }).nullable();
  },
}) {}
class Book extends Model('books', {
  id: integer().primaryKey(),
  title: text(),
  pageCount: integer(),
  authorId: integer().references('authors.id'),
}) {}
/** Made of a select, by `createAll`. */
class Totals extends Model(
  'author_totals',
  {
    authorId: integer().primaryKey().references('authors.id'),
    bookCount: integer(),
    get author() {
      return one(Author);
    },
  },
  {
    view: () => select({ authorId: Book.c.authorId, bookCount: count() }).from(Book).groupBy(Book.c.authorId),
  },
) {}
/** There already. */
class Long extends Model('long_books', { id: integer().primaryKey(), title: text() }, { view: true }) {}

/** Views as models: read as others are, never written. */
export function viewCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await db.run('create view long_books as select id, title from books where page_count > 100');
    const session = db.session();
    session.addAll([
      new Author({
        name: 'Ann',
        books: [new Book({ title: 'A', pageCount: 50 }), new Book({ title: 'B', pageCount: 200 })],
      }),
      new Author({ name: 'Bob' }),
    ]);
    await session.commit();
  });

  test('are queried, loaded and loaded with', async () => {
    const session = db.session();
    const { result, trips } = await db.record(() =>
      session
        .query(Author)
        .orderBy(Author.c.name)
        .with({ totals: { author: true } })
        .all(),
    );
    expect(trips).toBe(1);
    expect(result.map(({ name, totals }) => [name, totals.value?.bookCount])).toEqual([
      ['Ann', 2],
      ['Bob', undefined],
    ]);
    expect(result[0]!.totals.value!.author.value).toBe(result[0]);
    expect((await session.get(Totals, result[0]!.id))!.bookCount).toBe(2);
    expect((await session.query(Long).all()).map(({ title }) => title)).toEqual(['B']);
    expect(
      await session
        .query(Totals)
        .where(Totals.c.author.has(Author.c.name.eq('Ann')))
        .count(),
    ).toBe(1);
  });

  test('a write is refused before any I/O', async () => {
    const session = db.session();
    const [totals] = await session.query(Totals).all();
    const refused = (what: RegExp) =>
      expect.objectContaining({ code: 'ConfigurationError', message: expect.stringMatching(what) as string }) as Error;
    expect(() => new Totals({ authorId: 7, bookCount: 1 })).toThrow(refused(/new: 'Totals' is read only/));
    expect(() => insert(Long).values({ title: 'x' })).toThrow(refused(/insert\(\): .* read only/));
    expect(() => update(Long).set({ title: 'x' })).toThrow(refused(/update\(\): .* read only/));
    expect(() => deleteFrom(Long).allRows()).toThrow(refused(/deleteFrom\(\): .* read only/));
    totals!.bookCount = 7;
    const change = await db.failure(() => session.commit());
    expect([change.error, change.calls]).toEqual([refused(/commit\(\): 'Totals' is read only/), 0]);
    await session.rollback();
    session.delete(totals!);
    const deletion = await db.failure(() => session.commit());
    expect([deletion.error, deletion.calls]).toEqual([refused(/delete\(\): 'Totals' is read only/), 0]);
  });

  test('a row that a view is made of can go: the view has no key to lose', async () => {
    const session = db.session();
    const ann = await session.query(Author).filterBy({ name: 'Ann' }).with({ totals: true }).one();
    session.delete(ann);
    await session.commit();
    expect(await db.values('select count(*) from author_totals')).toEqual([0]);
  });

  test('are created after the tables, and created again without harm', async () => {
    await createAll(db.engine, Model.metadata);
    expect(await db.values('select book_count from author_totals')).toEqual([2]);
  });

  test('a view of other attributes than those of its select is a typed error', async () => {
    const M = declarativeBase();
    class Thing extends M('things', { id: integer().primaryKey(), name: text() }) {}
    M(
      'bad',
      { id: integer().primaryKey() },
      { view: () => select({ id: Thing.c.id, nickname: Thing.c.name }).from(Thing) },
    );
    await expect(createAll(db.engine, M.metadata)).rejects.toThrow(/'bad' has no attribute 'nickname'/);
  });

  test('a filter of rows holds for them, too', async () => {
    const M = declarativeBase();
    class Thing extends M('things', { id: integer().primaryKey(), tenantId: integer() }) {}
    class Seen extends M(
      'seen',
      { id: integer().primaryKey(), tenantId: integer() },
      {
        view: () => select({ id: Thing.c.id, tenantId: Thing.c.tenantId }).from(Thing),
      },
    ) {}
    const tenant = rowFilter('tenant', { id: integer() }).on(Seen, (row, { id }) => row.tenantId.eq(id));
    const own = await freshDatabase(await open(), M.metadata);
    await own.run('insert into things (id, tenant_id) values (1, 1), (2, 2)');
    const session = own.session();
    tenant.set(session, { id: 2 });
    expect((await session.query(Seen).all()).map(({ id }) => id)).toEqual([2]);
  });
}
