import { declarativeBase, extend, integer, many, one, Session, text } from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { freshDatabase } from '../../support/database.ts';
import { libsqlMemory } from '../../support/libsql.ts';
import { badInputCases } from './bad-input-cases.ts';

const open = libsqlMemory();
describe('libsql in memory', () => badInputCases(open));

/** The first use of a model, which configures all of its base. */
function configure(model: unknown): unknown {
  try {
    Reflect.construct(model as new (init: object) => object, [{}]);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a mistake in a model is told with its name and the choices', () => {
  test('no foreign key', () => {
    const Model = declarativeBase();
    class A extends Model('a', {
      id: integer().primaryKey(),
      get bs() {
        return many(B);
      },
    }) {}
    class B extends Model('b', { id: integer().primaryKey() }) {}
    expect(configure(A)).toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringMatching(/A\.bs: no foreign key of B to A.*references\('a/),
    });
  });

  test('several foreign keys', () => {
    const Model = declarativeBase();
    class A extends Model('a', {
      id: integer().primaryKey(),
      get bs() {
        return many(B);
      },
    }) {}
    class B extends Model('b', {
      id: integer().primaryKey(),
      oneId: integer().references('a.id'),
      twoId: integer().references('a.id'),
    }) {}
    expect(configure(A)).toMatchObject({ message: expect.stringMatching(/A\.bs: several.*'oneId' or 'twoId'/) });
  });

  test('by names no column, or no foreign key', () => {
    for (const [by, message] of [
      ['nope', /A\.bs: 'nope' is no column of B; it has id, aId, n/],
      ['n', /A\.bs: 'n' is no foreign key.*'aId'/],
    ] as const) {
      const Model = declarativeBase();
      class A extends Model('a', {
        id: integer().primaryKey(),
        get bs() {
          return many(B, { by });
        },
      }) {}
      class B extends Model('b', { id: integer().primaryKey(), aId: integer().references('a.id'), n: integer() }) {}
      expect(configure(A)).toMatchObject({ message: expect.stringMatching(message) });
    }
  });

  test('one() and its key disagree on NULL', () => {
    const Model = declarativeBase();
    class A extends Model('a', { id: integer().primaryKey() }) {}
    class B extends Model('b', {
      id: integer().primaryKey(),
      oneId: integer().nullable().references('a.id'),
      twoId: integer().references('a.id'),
      get one() {
        return one(A, { by: 'oneId' });
      },
      get two() {
        return one(A, { by: 'twoId' }).nullable();
      },
    }) {}
    const error = configure(B);
    expect(error).toMatchObject({ message: expect.stringMatching(/2 mistakes[^]*B\.one[^]*nullable[^]*B\.two/) });
  });

  test('all of them at once, and again on the next use, until they are mended', async () => {
    const Model = declarativeBase();
    class Author extends Model('authors', {
      id: integer().primaryKey(),
      get books() {
        return many<typeof Object>('books' as never);
      },
    }) {}
    class Broken extends Model('broken', {
      id: integer().primaryKey(),
      get author() {
        return one(Author);
      },
    }) {}
    for (let use = 0; use < 2; use++) {
      expect(configure(Author)).toMatchObject({
        message: expect.stringMatching(/2 mistakes[^]*Author\.books: no model has the table 'books'[^]*broken\.author/),
      });
    }
    expect(configure(Broken)).toMatchObject({ code: 'ConfigurationError' });
  });

  test('each of them once, however many relations meet it', () => {
    const Model = declarativeBase();
    class A extends Model('a', {
      id: integer().primaryKey(),
      bId: integer().references('nowhere.id'),
      get b() {
        return one(A, { by: 'bId' });
      },
      get c() {
        return one(A, { by: 'bId' });
      },
    }) {}
    const { message } = configure(A) as Error;
    expect(message.match(/'nowhere'/g)).toHaveLength(1);
  });

  test('a model that comes late mends a mistake, and all works', async () => {
    const Model = declarativeBase();
    class Author extends Model('authors', {
      id: integer().primaryKey(),
      name: text(),
      fanOfId: integer().nullable().references('authors.id'),
      get fanOf() {
        return one(Author, { by: 'fanOfId' }).nullable();
      },
      get fans() {
        return many(Author, { by: 'fanOfId' });
      },
      get books() {
        return many<typeof Late>('books', { cascade: 'orphans' });
      },
    }) {}
    class Late extends Author {}
    expect(configure(Author)).toMatchObject({ message: expect.stringContaining(`'books'`) });
    class Book extends Model('books', {
      id: integer().primaryKey(),
      title: text(),
      authorId: integer().references('authors.id'),
      get author() {
        return one(Author);
      },
      get tags() {
        return many(Tag, { through: 'book_tags' });
      },
    }) {}
    class Tag extends Model('tags', {
      id: integer().primaryKey(),
      label: text(),
      get books() {
        return many(Book, { through: 'book_tags' });
      },
    }) {}
    const db = await freshDatabase(open(), Model.metadata);
    const session = db.session();
    const author = new Author({ name: 'a' });
    const book = new Book({ title: 'b', author, tags: [new Tag({ label: 't' })] });
    const fan = new Author({ name: 'fan', fanOf: author });
    session.addAll([book, fan]);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(author.books.peek()).toEqual([book]);
    expect(await db.rows('select * from book_tags')).toEqual([[1, 1]]);
    (author.books as unknown as { remove(book: Book): void }).remove(book);
    await session.commit();
    expect(await db.values('select count(*) from books')).toEqual([0]);
    session.delete(author);
    await session.commit();
    expect(await db.rows('select name, fan_of_id from authors')).toEqual([['fan', null]]);
  });

  test('a table twice', () => {
    const Model = declarativeBase();
    Model('a', { id: integer().primaryKey() });
    expect(() => Model('a', { id: integer().primaryKey() })).toThrow(/'a'/);
  });

  test('reserved names, a base attribute again, no key, no column', () => {
    for (const name of ['then', 'constructor', 'toJSON']) {
      const Model = declarativeBase();
      class A extends Model('a', { id: integer().primaryKey(), [name]: text() }) {}
      expect(configure(A), name).toMatchObject({ message: expect.stringMatching(/reserved.*named/) });
    }
    const Model = declarativeBase();
    class Base extends Model('base', { id: integer().primaryKey(), name: text() }) {}
    class Sub extends extend(Base, 'sub', { name: text() } as object) {}
    expect(configure(Sub)).toMatchObject({ message: expect.stringContaining('Sub.name') });
    const Keyless = declarativeBase();
    class None extends Keyless('none', { name: text() }) {}
    expect(configure(None)).toMatchObject({ message: expect.stringContaining('primary key') });
    expect(() => Model('b', { id: integer().primaryKey(), name: 'text' })).toThrow(/b\.name: expected a column/);
    expect(() => extend(Base, { colour: 'red' } as never, {})).not.toThrow();
  });

  test('a class field named like a relation, or like a column', async () => {
    const Model = declarativeBase();
    class A extends Model('a', {
      id: integer().primaryKey(),
      note: text().nullable(),
      get bs() {
        return many(B);
      },
    }) {
      // @ts-expect-error a field would hide the relation
      bs = [];
    }
    class B extends Model('b', { id: integer().primaryKey(), aId: integer().references('a.id') }) {}
    class C extends Model('c', { id: integer().primaryKey(), note: text().nullable() }) {
      override note: string | null = 'mine';
    }
    const db = await freshDatabase(open(), Model.metadata);
    const session: Session = db.session();
    const attempt = (make: () => never): unknown => {
      try {
        session.add(make());
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(attempt(() => new A({}) as never)).toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringContaining('A.bs'),
    });
    expect(attempt(() => new C({ note: 'given' }) as never)).toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringContaining('C.note'),
    });
    expect(new B({}).id).toBeUndefined();
    expect((await db.record(() => session.commit())).calls).toBe(0);
  });
});
