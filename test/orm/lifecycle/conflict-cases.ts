import { commitResolving, type Conflict, type Session } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { Author, Book, givenBooks, Model } from './models.ts';

/** Rows that another has changed since they were read, attribute by attribute. */
export function conflictCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  let book: Book;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenBooks(db);
    session = db.session();
    book = (await session.get(Book, 1))!;
    book.title = 'mine';
    book.pages = 15;
  });
  const stored = (): Promise<unknown> => db.rows('select title, pages, version, author_id from books where id = 1');
  const theirs = (set: string): Promise<void> => db.run(`update books set version = version + 1, ${set} where id = 1`);

  describe('commitResolving', () => {
    test('is a commit where nothing is stale', async () => {
      const { trips } = await db.record(() => commitResolving(session, { onConflict: 'mine' }));
      expect(trips).toBe(1);
      expect(await stored()).toEqual([['mine', 15, 2, 1]]);
    });

    test('keeps what only one side has changed, and asks for the rest', async () => {
      await theirs(`title = 'theirs', author_id = 2`);
      const asked: Conflict[] = [];
      const onConflict = (conflict: Conflict): 'theirs' => {
        asked.push(conflict);
        return 'theirs';
      };
      const { calls } = await db.record(() => commitResolving(session, { onConflict }));
      expect(calls).toBe(3);
      expect(asked).toEqual([{ entity: book, attribute: 'title', mine: 'mine', theirs: 'theirs', before: 'One' }]);
      expect(await stored()).toEqual([['theirs', 15, 3, 2]]);
      expect([book.title, book.pages, book.version, book.authorId]).toEqual(['theirs', 15, 3, 2]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('overwrites by one word, or takes a value of its own', async () => {
      await theirs(`title = 'theirs', pages = 12`);
      await commitResolving(session, {
        onConflict: ({ attribute, mine, theirs: other, before }) =>
          attribute === 'pages' ? { value: Number(other) + Number(mine) - Number(before) } : 'mine',
      });
      expect(await stored()).toEqual([['mine', 17, 3, 1]]);
    });

    test('lets a relation go back to what the row says', async () => {
      book.author.set((await session.get(Author, 2))!);
      await db.run(`insert into authors (id, name) values (9, 'Eve')`);
      await theirs(`author_id = 9`);
      await commitResolving(session, { onConflict: 'theirs' });
      expect([book.authorId, (await book.author).name]).toEqual([9, 'Eve']);
    });

    test('leaves a row that is gone, one that is to be deleted, and a row that goes on changing, to the program', async () => {
      await db.run('delete from book_genres', 'delete from books where id = 1');
      const gone = await db.failure(() => commitResolving(session, { onConflict: 'mine' }));
      expect(gone.error).toMatchObject({ code: 'StaleDataError', entities: [book] });
      await session.rollback();
      const two = (await session.get(Book, 2))!;
      await db.run('update books set version = 5 where id = 2');
      two.title = 'mine';
      const never = await db.failure(() => commitResolving(session, { onConflict: 'mine', rounds: 0 }));
      expect([never.error, never.calls]).toMatchObject([{ code: 'StaleDataError' }, 1]);
      await session.rollback();
      session.delete(two);
      const deleted = await db.failure(() => commitResolving(session, { onConflict: 'mine' }));
      expect(deleted.error).toMatchObject({ code: 'StaleDataError', entities: [two] });
      await session.rollback();
    });
  });
}
