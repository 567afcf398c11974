import { expire, expireAll, expunge, getMany, inspect, isModified, refreshAll, Session } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { Author, Book, Essay, Genre, givenBooks, Model, Seat } from './models.ts';

/** What a session knows of an entity, and how an entity leaves it or is read again. */
export function stateCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenBooks(db);
    session = db.session();
  });

  describe('inspect', () => {
    test('follows an entity through its life', async () => {
      const author = new Author({ name: 'Cid' });
      const view = inspect(author);
      expect([view.state, view.session, view.key]).toEqual(['transient', undefined, undefined]);

      session.add(author);
      expect([view.state, view.session]).toEqual(['pending', session]);

      await session.commit();
      expect([view.state, view.key]).toEqual(['persistent', 3]);

      session.delete(author);
      expect(view.state).toBe('deleted');
      await session.rollback();
      expect(view.state).toBe('persistent');

      session.delete(author);
      await session.commit();
      expect([view.state, view.session]).toEqual(['detached', undefined]);
    });

    test('gives a composite key by attribute, as the row has it', async () => {
      const seat = (await session.get(Seat, { hall: 'a', number: 2 }))!;
      seat.number = 9;

      expect(inspect(seat).key).toEqual({ hall: 'a', number: 2 });
    });

    test('tells the history of columns', async () => {
      const author = (await session.get(Author, 2))!;
      const view = inspect(author);
      expect(view.history('name')).toEqual({ added: [], deleted: [], unchanged: ['Bob'] });

      author.name = 'Bea';
      author.motto = null;

      expect(view.history('name')).toEqual({ added: ['Bea'], deleted: ['Bob'], unchanged: [] });
      expect(view.history('motto')).toEqual({ added: [null], deleted: ['brief'], unchanged: [] });
      expect(view.modified).toEqual(['name', 'motto']);

      author.name = 'Bob';
      expect(view.modified).toEqual(['motto']);
    });

    test('tells the history of relations, of both sides', async () => {
      const [ann, bob] = await session.query(Author).with({ books: true }).orderBy(Author.c.id.asc()).all();
      const [one, two] = ann!.books.items;
      const made = new Book({ title: 'New', author: ann! });
      bob!.books.add(two!);

      expect(inspect(ann!).history('books')).toEqual({ added: [made], deleted: [two], unchanged: [one] });
      expect(inspect(two!).history('author')).toEqual({ added: [bob], deleted: [ann], unchanged: [] });
      expect(inspect(one!).history('author')).toEqual({ added: [], deleted: [], unchanged: [ann] });
      expect(inspect(made).history('author')).toEqual({ added: [ann], deleted: [], unchanged: [] });
      expect(inspect(made).state).toBe('pending');
    });

    test('tells of a collection that is not loaded what is pending, and of a relation that was never asked nothing', async () => {
      const [book] = await session.query(Book).all();
      const genre = (await session.get(Genre, 3))!;
      book!.genres.add(genre);

      expect(inspect(book!).history('genres')).toEqual({ added: [genre], deleted: [], unchanged: [] });
      expect(inspect(genre).history('books')).toEqual({ added: [book], deleted: [], unchanged: [] });
      const bob = (await session.get(Author, 2))!;
      expect(inspect(bob).history('essays')).toEqual({ added: [], deleted: [], unchanged: [] });
    });

    test('names what is not in memory', async () => {
      const [book] = await session.query(Book).loadOnly('title').all();

      expect(inspect(book!).unloaded).toEqual(['pages', 'author', 'genres']);
      expect(inspect(new Author({ name: 'x' })).unloaded).toEqual([]);
    });

    test('of an entity whose session is closed goes on', async () => {
      const author = (await session.get(Author, 2))!;
      author.name = 'Bea';
      await session.close();

      expect(inspect(author).state).toBe('detached');
      expect(inspect(author).key).toBe(2);
      expect(inspect(author).history('name')).toEqual({ added: ['Bea'], deleted: ['Bob'], unchanged: [] });
      expect(isModified(author)).toBe(true);
    });

    test('refuses what is no entity, and an attribute that is none', async () => {
      const author = new Author({ name: 'x' });
      // @ts-expect-error -- a copy is no entity
      expect(() => inspect(author.toJSON())).toThrow(/expected an entity/);
      // @ts-expect-error -- no such attribute
      expect(() => inspect(author).history('nmae')).toThrow(/no attribute 'nmae'/);
    });
  });

  describe('isModified', () => {
    test('means a net change, of a column or a relation', async () => {
      const book = (await session.get(Book, 1))!;
      expect(isModified(book)).toBe(false);
      book.title = 'Other';
      expect(isModified(book)).toBe(true);
      book.title = 'One';
      expect(isModified(book)).toBe(false);
      const genre = (await session.get(Genre, 3))!;
      book.genres.add(genre);
      expect([isModified(book), isModified(genre)]).toEqual([true, true]);
      await session.commit();
      expect([isModified(book), isModified(genre)]).toEqual([false, false]);
      expect(isModified(new Author({ name: 'x' }))).toBe(true);
    });
  });

  describe('expunge', () => {
    test('takes an entity and what belongs to it out; another session takes them in', async () => {
      const ann = await session.query(Author).filterBy({ id: 1 }).with({ books: true }).one();
      const [first] = ann.books.items;
      first!.title = 'Changed';

      expunge(session, ann);

      expect([inspect(ann).state, inspect(first!).state]).toEqual(['detached', 'detached']);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      const other = db.session();
      other.add(ann);
      await other.commit();
      expect(await db.values('select title from books where id = 1')).toEqual(['Changed']);
    });

    test('leaves what only refers to it, and takes a new entity out of collections', async () => {
      const bob = await session.query(Author).filterBy({ id: 2 }).with({ essays: true }).one();
      const [essay] = bob.essays.items;
      const made = new Essay({ title: 'New', author: bob });
      expect(inspect(made).state).toBe('pending');

      expunge(session, made);

      expect(inspect(made).state).toBe('transient');
      expect(bob.essays.items).toEqual([essay]);
      expunge(session, bob);
      expect(inspect(essay!).state).toBe('persistent');
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('a deletion that was pending is none', async () => {
      const bob = (await session.get(Author, 2))!;
      session.delete(bob);
      expunge(session, bob);

      expect((await db.record(() => session.commit())).calls).toBe(0);
      session.add(bob);
      expect(inspect(bob).state).toBe('persistent');
    });

    test('what it leaves is read as another object', async () => {
      const bob = (await session.get(Author, 2))!;
      expunge(session, bob);
      const again = (await session.get(Author, 2))!;

      expect(again).not.toBe(bob);
      expect(() => session.add(bob)).toThrow('a Author (key: id) is in the session already, as another object');
      expect(() => expunge(session, bob)).toThrow('expunge(): a Author (key: id) is not in this session');
    });
  });

  describe('expire', () => {
    test('drops what was read and changed; the next get reads it again', async () => {
      const ann = await session.query(Author).filterBy({ id: 1 }).with({ books: true }).one();
      ann.name = 'Changed';
      await db.run(`update authors set name = 'Ada' where id = 1`);

      expire(session, ann);

      expect([ann.id, ann.name, ann.books.loaded]).toEqual([1, undefined, false]);
      expect(isModified(ann)).toBe(false);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      const { result, trips } = await db.record(() => session.get(Author, 1));
      expect(result).toBe(ann);
      expect([ann.name, trips]).toEqual(['Ada', 1]);
    });

    test('edits after it survive the next read', async () => {
      const bob = (await session.get(Author, 2))!;
      expire(session, bob);
      bob.name = 'Mine';
      await session.query(Author).all();

      expect([bob.name, bob.motto]).toEqual(['Mine', 'brief']);
      await session.commit();
      expect(await db.values('select name from authors where id = 2')).toEqual(['Mine']);
    });

    test('of one relation loads that anew, and leaves the rest', async () => {
      const ann = await session.query(Author).filterBy({ id: 1 }).with({ books: true }).one();
      ann.name = 'Mine';
      await db.run(`insert into books (id, title, pages, version, author_id) values (9, 'Nine', 1, 1, 1)`);
      expire(session, ann, 'books');

      expect((await ann.books).map((book) => book.id)).toEqual([1, 2, 9]);
      expect(ann.name).toBe('Mine');
    });

    test('takes a moved child back to where its row is', async () => {
      const [ann, bob] = await session.query(Author).with({ books: true }).orderBy(Author.c.id.asc()).all();
      const [first] = ann!.books.items;
      bob!.books.add(first!);

      expire(session, first!);

      expect(first!.authorId).toBe(1);
      expect(ann!.books.items).toContain(first);
      expect(bob!.books.items).not.toContain(first);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('of the whole session', async () => {
      const [ann, bob] = await session.query(Author).orderBy(Author.c.id.asc()).all();
      expireAll(session);
      expect([ann!.name, bob!.name]).toEqual([undefined, undefined]);
      const { trips } = await db.record(() => getMany(session, Author, [1, 2]));
      expect([ann!.name, bob!.name, trips]).toEqual(['Ann', 'Bob', 1]);
    });

    test('refuses what identifies a row, what has none, and what is no attribute', async () => {
      const book = (await session.get(Book, 1))!;
      for (const name of ['id', 'version', 'authorId'] as const)
        expect(() => expire(session, book, name)).toThrow(`Book.${name} identifies the row, guards it or leads to`);
      // @ts-expect-error -- no such attribute
      expect(() => expire(session, book, 'tilte')).toThrow("Book has no attribute 'tilte'");
      const made = new Author({ name: 'x' });
      session.add(made);
      expect(() => expire(session, made)).toThrow('a new Author (key: id) has no row yet');
    });
  });

  describe('refreshAll', () => {
    test('reads entities of several models in one trip, over the changes', async () => {
      const [ann, bob] = await session.query(Author).orderBy(Author.c.id.asc()).all();
      const book = (await session.get(Book, 1))!;
      ann!.name = 'Changed';
      book.title = 'Changed';
      await db.run(`update authors set name = 'Ben' where id = 2`);

      const { trips, sql } = await db.record(() => refreshAll<Author | Book>(session, [ann!, bob!, book]));

      expect([trips, sql.length]).toEqual([1, 2]);
      expect([ann!.name, bob!.name, book.title]).toEqual(['Ann', 'Ben', 'One']);
    });

    test('of chosen columns leaves the others, and does not bless an edit by a newer version', async () => {
      const book = (await session.get(Book, 1))!;
      book.title = 'Mine';
      await db.run('update books set pages = 99, version = 2 where id = 1');

      await refreshAll(session, [book], { only: ['pages'] });

      expect([book.pages, book.title, book.version]).toEqual([99, 'Mine', 1]);
      const { error } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'StaleDataError', model: 'Book' });
    });

    test('says which rows are gone', async () => {
      const [ann, bob] = await session.query(Author).orderBy(Author.c.id.asc()).all();
      await db.run('delete from essays', 'delete from books where author_id = 2', 'delete from authors where id = 2');
      await db.run(`update authors set name = 'Ada' where id = 1`);

      await expect(refreshAll(session, [ann!, bob!])).rejects.toMatchObject({ code: 'NoResultFound', model: 'Author' });
      expect(ann!.name).toBe('Ada');
    });

    test('a moved child is back with its old parent', async () => {
      const [ann, bob] = await session.query(Author).with({ books: true }).orderBy(Author.c.id.asc()).all();
      const [first] = ann!.books.items;
      bob!.books.add(first!);

      await session.refresh(first!);

      expect([first!.authorId, bob!.books.items.includes(first!)]).toEqual([1, false]);
      expect(ann!.books.items).toContain(first);
    });
  });

  describe('getMany', () => {
    test('is one trip, in the order of the keys, memory first', async () => {
      const two = await session.get(Book, 2);
      const { result, trips, sql } = await db.record(() => getMany(session, Book, [3, 99, 2, 1, 3]));

      expect(result.map((book) => book?.title ?? null)).toEqual(['Three', null, 'Two', 'One', 'Three']);
      expect(result[2]).toBe(two);
      expect(result[0]).toBe(result[4]);
      expect([trips, sql.length]).toEqual([1, 1]);
      expect((await db.record(() => getMany(session, Book, [1, 2]))).trips).toBe(0);
    });

    test('by composite keys', async () => {
      const { result, trips } = await db.record(() =>
        getMany(session, Seat, [
          { hall: 'b', number: 1 },
          { hall: 'b', number: 2 },
          { hall: 'a', number: 1 },
        ]),
      );
      expect([result.map((seat) => seat?.guest), trips]).toEqual([['Bob', undefined, 'Ann'], 1]);
    });

    test('refuses a key that the model cannot have, before any I/O', async () => {
      // @ts-expect-error -- keys are numbers
      const { error, calls } = await db.failure(() => getMany(session, Book, ['1']));
      expect(error).toMatchObject({ code: 'InvalidValueError', model: 'Book', attributes: ['id'] });
      expect(calls).toBe(0);
    });
  });

  test('functions of a session want one that is open', async () => {
    // @ts-expect-error -- an engine is no session
    expect(() => expireAll(db.engine)).toThrow('expireAll(): expected a session first, got a');
    await session.close();
    expect(() => expireAll(session)).toThrow('the session is closed');
  });
}
