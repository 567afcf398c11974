import {
  declarativeBase,
  expire,
  extend,
  integer,
  isCinnabarError,
  merge,
  on,
  parts,
  refreshAll,
  replaceItems,
  select,
  type Session,
  text,
  upsert,
} from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { Author, Book, givenBooks, Model } from './models.ts';

const Zoo = declarativeBase();
class Animal extends Zoo(
  'animals',
  { id: integer().primaryKey(), kind: text(), name: text() },
  { rows: { kind: 'animal' } },
) {}
class Dog extends extend(Animal, { kind: 'dog' }, {}) {}
Zoo.register(Dog);

/** What an error has to say, word for word. */
interface Said {
  readonly code: string;
  readonly message: string;
  readonly model?: string;
  readonly attributes?: readonly string[];
  readonly outcome?: string;
}

/** What types hide where nothing is loaded. */
interface Unloaded {
  readonly items: readonly Book[];
  readonly subset: readonly Book[];
  readonly parts: Readonly<Record<string, readonly Book[]>>;
}
const booksOf = (author: Author): Author['books'] & Unloaded => author.books as Author['books'] & Unloaded;

/** Mistakes, by usual and by unusual ways: the whole of what is said, nothing sent, nothing lost. */
export function refusalCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenBooks(db);
    session = db.session();
  });

  /** Tries each way, with work pending: it is refused without a call, and what was pending is written afterwards. */
  async function refused(ways: Readonly<Record<string, () => unknown>>, said: Said, calls = 0): Promise<void> {
    for (const [way, attempt] of Object.entries(ways)) {
      const found = await db.failure(attempt).catch((error: unknown) => expect.fail(`${way}: ${String(error)}`));
      expect(isCinnabarError(found.error), `${way}: ${String(found.error)}`).toBe(true);
      expect(found.error, way).toMatchObject(said);
      expect(found.calls, way).toBe(calls);
    }
  }
  /** Something pending, and a look whether it is there once it is committed. */
  async function pending(): Promise<() => Promise<void>> {
    const bob = (await session.get(Author, 2))!;
    bob.motto = 'kept';
    return async () => {
      expect((await db.record(() => session.commit())).calls).toBe(1);
      expect(await db.values('select motto from authors where id = 2')).toEqual(['kept']);
      expect(await db.values('select title from books order by id')).toEqual(['One', 'Two', 'Three']);
    };
  }

  describe('a relation that is not loaded', () => {
    const said = (property: string): Said => ({
      code: 'NotLoadedError',
      message: `Author.books.${property}: the relation of a Author (key: id) is not loaded. Await it, load it with the query: with({ books: true }), or session.load(entity, { books: true })`,
      model: 'Author',
      attributes: ['books'],
    });

    test('is not read, however its entity came', async () => {
      const kept = await pending();
      const [byKey, byQuery] = [(await session.get(Author, 1))!, (await session.query(Author).all())[0]!];
      const merged = await merge(session, Author, { id: 1, name: 'Ann' });
      const [upserted] = await upsert(session, Author, [{ id: 1, name: 'Ann' }], { on: ['id'] });
      const ways = Object.entries({ byKey, byQuery, merged, upserted: upserted! });
      await refused(Object.fromEntries(ways.map(([way, author]) => [way, () => booksOf(author).items])), said('items'));
      await refused({ subset: () => booksOf(byKey).subset }, said('subset'));
      await refused({ parts: () => booksOf(byKey).parts }, said('parts'));
      await refused({ replaceItems: () => replaceItems(byKey.books, []) }, said('items'));
      expect((await byKey.books).map(({ id }) => id)).toEqual([1, 2]);
      await kept();
    });

    test('nor once what was loaded is forgotten', async () => {
      const kept = await pending();
      const ann = await session.query(Author).where(Author.c.id.eq(1)).with({ books: true }).one();
      const ways: readonly (() => unknown)[] = [
        () => expire(session, ann),
        () => session.refresh(ann),
        () => refreshAll(session, [ann]),
        () => expire(session, ann, 'books'),
      ];
      for (const forget of ways) {
        await session.load(ann, { books: true });
        await forget();
        await refused({ items: () => booksOf(ann).items }, said('items'));
      }
      await kept();
    });
  });

  describe('a part of a collection', () => {
    const read = (from: Session): Promise<Author> =>
      from
        .query(Author)
        .where(Author.c.id.eq(1))
        .with({ books: select(Book).where(Book.c.pages.gt(15)) })
        .one();

    test('does not replace the whole', async () => {
      const kept = await pending();
      const ann = await read(session);
      await session.load(ann, { books: true });
      await refused(
        { 'a part': () => replaceItems(ann.books, booksOf(ann).subset) },
        {
          code: 'ConfigurationError',
          message:
            'replaceItems(): these are a part of Author.books of a Author (key: id); what the part leaves out would be taken out of the whole. Load the whole and say what is to stay',
          model: 'Author',
          attributes: ['books'],
        },
      );
      await kept();
    });

    test('is not merged as the whole, by name or not, of this session or another', async () => {
      const kept = await pending();
      const other = await read(db.session());
      const ann = await read(session);
      const named = await db
        .session()
        .query(Author)
        .with({ books: parts({ thick: select(Book).where(Book.c.pages.gt(15)) }) })
        .all();
      const attempt = (books: readonly Book[]) => () => merge(session, Author, { id: 1, books });
      await refused(
        {
          'mine': attempt(booksOf(ann).subset),
          'of another session': attempt(booksOf(other).subset),
          'by name': attempt(booksOf(named[0]!).parts['thick']!),
        },
        {
          code: 'ConfigurationError',
          message:
            'merge().books: these are a part of a collection, and a Author (key: id) would lose what the part leaves out. Give the whole, or a copy of the part if it is meant as the whole',
          model: 'Author',
          attributes: ['books'],
        },
      );
      await kept();
    });

    test('goes along with an entity that is merged as what it is: the rest stays', async () => {
      const kept = await pending();
      await merge(session, await read(db.session()));
      await kept();
    });
  });

  describe('an entity of another session', () => {
    test('is refused, whichever way it comes, and stays where it is', async () => {
      const kept = await pending();
      const other = db.session();
      const [theirs, book] = [(await other.get(Author, 1))!, (await session.get(Book, 3))!];
      const fresh = new Author({ name: 'Cid' });
      other.add(fresh);
      const said = (message: string, attributes?: string[]): Said => ({
        code: 'ConfigurationError',
        message,
        model: 'Author',
        ...(attributes && { attributes }),
      });
      const remedy = 'is in another session: close that one first, or load or merge() the entity in this one';
      await refused(
        {
          'add()': () => session.add(theirs),
          'addAll(), after one that may come': () => session.addAll([new Author({ name: 'Dan' }), theirs]),
        },
        said(`a Author (key: id) ${remedy}`),
      );
      // What is made with an entity of another session is taken in there.
      const drawn = new Book({ title: 'x', author: theirs });
      await refused(
        { 'with a graph': () => session.add(drawn) },
        { ...said(`a new Book (key: id) ${remedy}`), model: 'Book' },
      );
      await refused({ 'a new one': () => session.add(fresh) }, said(`a new Author (key: id) ${remedy}`));
      await refused(
        { 'add() of a collection': () => theirs.books.add(book) },
        said(
          'Author.books.add(): a Author (key: id) and a Book (key: id) are in different sessions: load both in one, or merge() one of them',
          ['books'],
        ),
      );
      await refused(
        { 'set() of a relation': () => book.author.set(theirs) },
        {
          ...said(
            'Book.author.set(): a Book (key: id) and a Author (key: id) are in different sessions: load both in one, or merge() one of them',
            ['author'],
          ),
          model: 'Book',
        },
      );
      await refused(
        { 'delete()': () => session.delete(theirs) },
        { code: 'ConfigurationError', message: 'delete(): a Author (key: id) is not in this session; load it first' },
      );
      // A commit that fails there, or a rollback of a changed one, does not let it go.
      theirs.name = 'changed';
      await other.rollback();
      await refused({ 'after a rollback': () => session.add(theirs) }, said(`a Author (key: id) ${remedy}`));
      // A new one has left with the rollback.
      session.add(fresh);
      session.delete(fresh);
      expect(book.author.peek()).not.toBe(theirs);
      expect(await merge(session, theirs)).not.toBe(theirs);
      await session.rollback();
      (await session.get(Author, 2))!.motto = 'kept';
      await kept();
    });
  });

  describe('a discriminator without a class', () => {
    test('is told of by every way to read, and nothing is lost', async () => {
      db = await freshDatabase(await open(), Zoo.metadata);
      await db.run(`insert into animals (id, kind, name) values (1, 'dog', 'Rex'), (2, 'unicorn', 'Uma')`);
      session = db.session();
      const rex = (await session.get(Dog, 1))!;
      rex.name = 'kept';
      const all = (): unknown => session.query(Animal).all();
      await refused(
        {
          all,
          one: () => session.query(Animal).where(Animal.c.id.eq(2)).one(),
          get: () => session.get(Animal, 2),
          stream: async () => {
            for await (const animal of session.query(Animal).stream()) expect(animal).toBe(rex);
          },
          select: () => session.all(select(Animal)),
          merge: () => merge(session, Animal, { id: 2, name: 'x' }),
        },
        {
          code: 'ConfigurationError',
          message: 'a row of Animal (key: id) is of no class that its kind would tell: extend(Animal, …)',
          model: 'Animal',
          attributes: ['kind'],
        },
        1,
      );
      expect((await db.record(() => session.commit())).calls).toBe(1);
      expect(await db.rows('select id, kind, name from animals order by id')).toEqual([
        [1, 'dog', 'kept'],
        [2, 'unicorn', 'Uma'],
      ]);
    });
  });

  describe('a merge over a stale version', () => {
    const said: Said = {
      code: 'StaleDataError',
      message:
        'merge(): a Book (key: id) was changed or deleted by another since it was read; nothing is merged. Refresh it and try again',
      model: 'Book',
    };

    test('merges nothing, neither of the row nor of its graph, wherever the row stands in it', async () => {
      const old = await db.session().query(Author).where(Author.c.id.eq(1)).with({ books: true }).one();
      old.name = 'lost?';
      await db.run('update books set version = 2 where id = 2');
      const kept = await pending();
      await refused(
        {
          'an entity': () => merge(db.session(), old.books.items[1]!),
          'a graph': () => merge(session, old),
          'data': () => merge(db.session(), Book, { id: 2, version: 1, title: 'x' }),
          'data within data': () =>
            merge(db.session(), Author, { id: 1, name: 'x', books: [{ id: 1 }, { id: 2, version: 1 }] }),
        },
        said,
        1,
      );
      const ann = (await session.get(Author, 1))!;
      expect(ann.name).toBe('Ann');
      // In memory by now: it is known without a look.
      await session.get(Book, 2);
      await refused({ 'in memory': () => merge(session, Book, { id: 2, version: 1, title: 'x' }) }, said);
      await kept();
    });
  });

  describe('an event that changes what it must not', () => {
    const load = {
      code: 'ConfigurationError',
      message:
        "a handler of 'load' changed Author.name of a Author (key: id): columns are what the row has; derive another property",
      model: 'Author',
      attributes: ['name'],
    };

    test('a column of an entity that is read, by any way to read it', async () => {
      const kept = await pending();
      const off = on(session, 'load', (entity) => {
        if (entity instanceof Author) entity.name = 'changed';
      });
      await refused(
        {
          get: () => session.get(Author, 1),
          query: () => session.query(Author).where(Author.c.id.eq(1)).all(),
          merge: () => merge(session, Author, { id: 1, motto: 'x' }),
          eager: () => session.query(Book).where(Book.c.id.eq(1)).with({ author: true }).all(),
        },
        load,
        1,
      );
      off();
      await session.rollback();
      (await session.get(Author, 2))!.motto = 'kept';
      await kept();
    });

    test('what tells the class of a row, before it is written', async () => {
      db = await freshDatabase(await open(), Zoo.metadata);
      session = db.session();
      const rex = new Dog({ name: 'Rex' });
      session.add(rex);
      await session.commit();
      const off = on(Animal, 'beforeUpdate', (animal) => {
        animal.kind = 'cat';
      });
      rex.name = 'Max';
      await refused(
        { commit: () => session.commit() },
        {
          code: 'ConfigurationError',
          message: 'Dog.kind of a Dog (key: id) tells what class a row is of, and cannot be changed',
          model: 'Dog',
          attributes: ['kind'],
        },
      );
      off();
      expect(rex.name).toBe('Max');
      rex.kind = 'dog';
      expect((await db.record(() => session.commit())).calls).toBe(1);
      expect(await db.values('select name from animals')).toEqual(['Max']);
    });
  });

  describe('commits at the same time', () => {
    const said = (what: string, running: string): Said => ({
      code: 'SessionBusyError',
      message: `${what}() while ${running}() is running on this session: await it first`,
    });

    test('of one session are refused, and the first is whole', async () => {
      const kept = await pending();
      const release = db.hold();
      const first = session.commit();
      await refused({ commit: () => session.commit() }, said('commit', 'commit'));
      await refused({ rollback: () => session.rollback() }, said('rollback', 'commit'));
      release();
      await first;
      (await session.get(Author, 2))!.motto = 'kept';
      expect((await db.record(() => session.commit())).calls).toBe(0);
      (await session.get(Author, 1))!.motto = 'x';
      await kept();
    });

    test('within a handler, or after one that failed', async () => {
      const kept = await pending();
      const off = on(session, 'beforeFlush', (given) => given.commit());
      await refused({ 'of a handler': () => session.commit() }, said('commit', 'commit'));
      off();
      await kept();
    });

    test('of two sessions write one after the other, or the later is stale', async () => {
      const other = db.session();
      const [mine, theirs] = [(await session.get(Book, 1))!, (await other.get(Book, 1))!];
      mine.title = 'Mine';
      theirs.title = 'Theirs';
      const ends = await Promise.allSettled([session.commit(), other.commit()]);
      const failed = ends.filter((end) => end.status === 'rejected');
      expect(failed).toHaveLength(1);
      expect(failed[0]!.reason).toMatchObject({
        code: 'StaleDataError',
        message:
          'a Book (key: id) was changed or deleted by another since it was read; nothing was written. Refresh it and try again',
        outcome: 'not committed',
        model: 'Book',
      });
      const [won, lost] = ends[0].status === 'fulfilled' ? [mine, theirs] : [theirs, mine];
      expect(await db.rows('select title, version from books where id = 1')).toEqual([[won.title, 2]]);
      const loser = lost === mine ? session : other;
      const { title } = lost;
      await loser.refresh(lost);
      lost.title = title;
      await loser.commit();
      expect(await db.rows('select title, version from books where id = 1')).toEqual([[title, 3]]);
    });
  });
}
