import { inspect, isModified, merge, mergeAll, type Session } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { Author, Book, Essay, Genre, givenBooks, Model, Seat } from './models.ts';

/** Entities of other sessions, and plain data, brought into one. */
export function mergeCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenBooks(db);
    session = db.session();
  });

  describe('merge of an entity', () => {
    test('copies what it says onto the entity of the session; one trip, none where it is in memory', async () => {
      const far = (await db.session().get(Author, 1))!;
      far.name = 'Ada';

      const { result, trips, sql } = await db.record(() => merge(session, far));

      expect(result).not.toBe(far);
      expect(result).toBe(await session.get(Author, 1));
      expect([result.name, inspect(result).state, trips, sql.length]).toEqual(['Ada', 'persistent', 1, 1]);
      expect(inspect(result).history('name')).toEqual({ added: ['Ada'], deleted: ['Ann'], unchanged: [] });
      far.name = 'Eve';
      expect((await db.record(() => merge(session, far))).trips).toBe(0);
      await session.commit();
      expect(await db.values('select name from authors where id = 1')).toEqual(['Eve']);
    });

    test('takes a graph along, whatever is in it, in one trip', async () => {
      const other = db.session();
      const far = await other
        .query(Author)
        .filterBy({ id: 1 })
        .with({ books: { genres: true }, essays: true })
        .one();
      const [one, two] = far.books.items;
      one!.title = 'Uno';
      one!.genres.remove(one!.genres.items[0]!);
      far.books.remove(two!);
      far.books.add(new Book({ title: 'Neu', genres: [new Genre({ label: 'new' })] }));
      far.essays.add((await other.get(Essay, 1))!);

      const { result, trips } = await db.record(() => merge(session, far));
      expect(trips).toBe(1);
      const written = await db.record(() => session.commit());

      expect(written.trips).toBe(1);
      expect(await db.rows('select id, title, author_id from books order by id')).toEqual([
        [1, 'Uno', 1],
        [3, 'Three', 2],
        [4, 'Neu', 1],
      ]);
      expect(await db.rows('select book_id, genre_id from book_genres order by 1, 2')).toEqual([
        [1, 2],
        [4, 4],
      ]);
      expect(await db.values('select author_id from essays')).toEqual([1]);
      expect((await result.books).map((book) => book.title)).toEqual(['Uno', 'Neu']);
    });

    test('of one that is new makes a new one, and leaves the given alone', async () => {
      const given = new Author({ name: 'Cid', books: [new Book({ title: 'Neu' })] });

      const { result, trips } = await db.record(() => merge(session, given));
      await session.commit();

      expect([trips, inspect(given).state, result.id, given.id]).toEqual([0, 'transient', 3, undefined]);
      expect(await db.rows('select title, author_id from books where author_id = 3')).toEqual([['Neu', 3]]);
    });

    test('of a new one with a key finds its row; its empty collections say nothing', async () => {
      const given = new Author({ id: 2, name: 'Bea' });
      expect(given.books.peek()).toEqual([]);

      const result = await merge(session, given);

      expect(inspect(result).modified).toEqual(['name', 'motto']);
      await session.commit();
      expect(await db.rows('select name, motto from authors where id = 2')).toEqual([['Bea', null]]);
      expect(await db.values('select count(*) from books where author_id = 2')).toEqual([1]);
    });

    test('of one in the session is that one', async () => {
      const ann = (await session.get(Author, 1))!;
      expect(await merge(session, ann)).toBe(ann);
    });

    test('twice in one graph is one row', async () => {
      const [far, same] = [(await db.session().get(Book, 1))!, (await db.session().get(Book, 1))!];
      const [first, second] = await mergeAll(session, [far, same]);
      expect(first).toBe(second);
      const made = await mergeAll(session, Seat, [
        { hall: 'z', number: 1, guest: 'A' },
        { hall: 'z', number: 1, guest: 'B' },
      ]);
      expect(made[0]).toBe(made[1]);
      await session.commit();
      expect(await db.values(`select guest from seats where hall = 'z'`)).toEqual(['B']);
    });

    test('over a newer version is stale: nothing is merged', async () => {
      const far = (await db.session().get(Book, 1))!;
      far.title = 'Mine';
      await db.run('update books set version = 2, pages = 11 where id = 1');
      const near = (await session.get(Book, 1))!;

      const { error } = await db.failure(() => merge(session, far));

      expect(error).toMatchObject({ code: 'StaleDataError', model: 'Book', outcome: 'not sent', entities: [near] });
      expect(isModified(near)).toBe(false);
    });

    test('of a version whose row is gone is stale; without one it is inserted again', async () => {
      const other = db.session();
      const [book, seat] = [(await other.get(Book, 3))!, (await other.get(Seat, { hall: 'b', number: 1 }))!];
      await db.run('delete from books where id = 3', `delete from seats where hall = 'b'`);

      expect((await db.failure(() => merge(session, book))).error).toMatchObject({ code: 'StaleDataError' });
      const again = await merge(session, seat);
      expect(inspect(again).state).toBe('pending');
      await session.commit();
      expect(await db.values(`select guest from seats where hall = 'b'`)).toEqual(['Bob']);
    });

    test('takes the deletion of its row back', async () => {
      const far = (await db.session().get(Seat, { hall: 'a', number: 1 }))!;
      const near = (await session.get(Seat, { hall: 'a', number: 1 }))!;
      session.delete(near);
      await merge(session, far);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });
  });

  describe('merge of data', () => {
    test('changes what it names and nothing else', async () => {
      const { result, trips } = await db.record(() => merge(session, Author, { id: 2, name: 'Bea' }));

      expect([result.name, result.motto, trips]).toEqual(['Bea', 'brief', 1]);
      expect(inspect(result).modified).toEqual(['name']);
    });

    test('nested: a given collection is the whole, orphans go, others join', async () => {
      const { result, trips } = await db.record(() =>
        merge(session, Author, {
          id: 1,
          books: [{ id: 2, pages: 21 }, { id: 3 }, { title: 'Neu', genres: [{ id: 3 }] }],
        }),
      );
      await session.commit();

      expect(trips).toBe(1);
      expect(await db.rows('select id, title, pages, author_id from books order by id')).toEqual([
        [2, 'Two', 21, 1],
        [3, 'Three', 30, 1],
        [4, 'Neu', 0, 1],
      ]);
      expect(await db.rows('select book_id, genre_id from book_genres')).toEqual([[4, 3]]);
      expect(result.books.peek()?.length).toBe(3);
    });

    test('a to-one relation by data, by entity and by null', async () => {
      const bob = (await session.get(Author, 2))!;
      const [book] = await mergeAll(session, Book, [{ id: 1, author: bob }]);
      await merge(session, Essay, { id: 1, author: null });
      await merge(session, Book, { id: 2, author: { name: 'New' } });
      await session.commit();

      expect(book!.authorId).toBe(2);
      expect(await db.values('select author_id from books order by id')).toEqual([2, 3, 2]);
      expect(await db.values('select author_id from essays')).toEqual([null]);
    });

    test('without a key, or with one that no row has, is new', async () => {
      const result = await merge(session, Seat, { hall: 'c', number: 1, guest: 'Cid' });
      expect(inspect(result).state).toBe('pending');
      await session.commit();
      expect(await db.values(`select guest from seats where hall = 'c'`)).toEqual(['Cid']);
    });

    test('with a version is checked by it', async () => {
      await expect(merge(session, Book, { id: 1, title: 'x', version: 9 })).rejects.toMatchObject({
        code: 'StaleDataError',
      });
      expect((await merge(session, Book, { id: 1, title: 'x', version: 1 })).title).toBe('x');
    });

    test.for<[string, (session: Session) => unknown, RegExp]>([
      [
        'an unknown attribute',
        // @ts-expect-error -- no such attribute
        (at) => merge(at, Book, { id: 1, tilte: 'x' }),
        /Book has no attribute 'tilte'/,
      ],
      [
        'a wrong value',
        // @ts-expect-error -- a number is wanted
        (at) => merge(at, Book, { id: 1, pages: 'x' }),
        /Book\.pages: expected/,
      ],
      [
        'a collection that is no array',
        // @ts-expect-error -- members stand in an array
        (at) => merge(at, Author, { id: 1, books: {} }),
        /expected an array of Book/,
      ],
      [
        'data without a model',
        // @ts-expect-error -- an entity, or a model and data
        (at) => merge(at, { id: 1 }),
        /expected an entity, or a model and its data/,
      ],
      [
        'an entity of another model',
        // @ts-expect-error -- a book is wanted
        (at) => merge(at, Author, { id: 1, books: [new Genre({ label: 'x' })] }),
        /expected a Book, got a Genre/,
      ],
    ])('refuses %s before any I/O', async ([, work, message]) => {
      const { error, calls } = await db.failure(() => work(session));
      expect(String(error)).toMatch(message);
      expect(calls).toBe(0);
    });
  });

  describe('merge without loading', () => {
    test('takes entities of another session as they are, relations too', async () => {
      const far = await db
        .session()
        .query(Author)
        .filterBy({ id: 1 })
        .with({ books: { genres: true } })
        .one();

      const { result, calls } = await db.record(() => merge(session, far, { load: false }));

      expect(calls).toBe(0);
      expect(result.books.peek()?.map((book) => book.title)).toEqual(['One', 'Two']);
      expect(result.books.peek()![0]!.author.peek()).toBe(result);
      expect(inspect(result).state).toBe('persistent');
      result.books.peek()![0]!.title = 'Uno';
      await session.commit();
      expect(await db.values('select title from books where id = 1')).toEqual(['Uno']);
    });

    test('takes plain data for rows, such as a cache has', async () => {
      const { result, calls } = await db.record(() =>
        merge(session, Book, { id: 1, title: 'One', pages: 10, version: 1, authorId: 1 }, { load: false }),
      );
      expect(calls).toBe(0);
      result.pages = 12;
      await session.commit();
      expect(await db.rows('select title, pages, version from books where id = 1')).toEqual([['One', 12, 2]]);
    });

    test('refuses what has changes, what is new, and what lacks its version', async () => {
      const far = (await db.session().get(Author, 1))!;
      far.name = 'x';
      await expect(merge(session, far, { load: false })).rejects.toThrow('has changes that are not committed');
      await expect(merge(session, new Author({ name: 'x' }), { load: false })).rejects.toThrow('has no row yet');
      await expect(merge(session, Book, { id: 1, title: 'x' }, { load: false })).rejects.toThrow("lacks its 'version'");
    });
  });
}
