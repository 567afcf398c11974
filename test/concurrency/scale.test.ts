import { createClient } from '@libsql/client';
import {
  createAll,
  createEngine,
  declarativeBase,
  double,
  type Engine,
  integer,
  many,
  one,
  Session,
  text,
} from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { recordingDriver, type RecordingDriver } from 'cinnabar/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { countSteps } from '../support/count-steps.ts';

const Model = declarativeBase();

class Shelf extends Model('shelves', {
  id: integer().primaryKey(),
  name: text().unique(),
  get books() {
    return many(Book, { by: 'shelfId', cascade: 'orphans' });
  },
  get labels() {
    return many(Label, { through: 'shelf_labels' });
  },
}) {}

class Book extends Model('books', {
  id: integer().primaryKey(),
  title: text(),
  shelfId: integer().references('shelves.id'),
  get shelf() {
    return one(Shelf, { by: 'shelfId' });
  },
  get pages() {
    return many(Page, { by: 'bookId', cascade: 'orphans' });
  },
}) {}

class Page extends Model('pages', {
  id: integer().primaryKey(),
  text: text(),
  bookId: integer().references('books.id'),
  get book() {
    return one(Book, { by: 'bookId' });
  },
}) {}

class Label extends Model('labels', {
  id: integer().primaryKey(),
  text: text(),
  weight: double().default(0.5),
  get shelves() {
    return many(Shelf, { through: 'shelf_labels' });
  },
}) {}

/** A chain in which each row refers to the one before. */
class Link extends Model('links', {
  id: integer().primaryKey(),
  name: text(),
  beforeId: integer().nullable().references('links.id'),
  get before() {
    return one(Link, { by: 'beforeId' }).nullable();
  },
}) {}

interface Database {
  readonly engine: Engine;
  readonly driver: RecordingDriver;
  readonly rows: (sql: string) => Promise<unknown[]>;
}

async function open(metadata = Model.metadata): Promise<Database> {
  const client = createClient({ url: ':memory:' });
  onTestFinished(() => client.close());
  const driver = recordingDriver(libsql(client));
  const engine = createEngine(driver);
  await createAll(engine, metadata);
  const indexes = ['books (shelf_id)', 'pages (book_id)', 'shelf_labels (label_id)'];
  if (metadata === Model.metadata) {
    await client.batch(indexes.map((on, at) => `create index by_parent${at} on ${on}`));
  }
  driver.clear();
  return { engine, driver, rows: async (sql) => Object.values((await client.execute(sql)).rows[0]!) };
}

/** A tenth of the rows are shelves, three tenths books, six tenths pages. */
function library(count: number): Shelf[] {
  const range = (length: number): number[] => Array.from({ length }, (_, at) => at);
  return range(count / 10).map(
    (shelf) =>
      new Shelf({
        name: `shelf ${shelf}`,
        books: range(3).map(
          (book) =>
            new Book({
              title: `${shelf}.${book}`,
              pages: range(2).map((page) => new Page({ text: `${shelf}.${book}.${page}` })),
            }),
        ),
      }),
  );
}

async function commit(engine: Engine, entities: readonly (Shelf | Label | Link)[]): Promise<void> {
  const session = new Session(engine);
  session.addAll(entities);
  await session.commit();
}

describe('10,000 new rows in three levels', () => {
  test('go in one trip, are linked right, and come back in one', async () => {
    const { engine, driver, rows } = await open();
    const shelves = library(10_000);
    await commit(engine, shelves);
    expect(driver.trips).toBe(1);
    expect(
      await rows('select (select count(*) from shelves), (select count(*) from books), (select count(*) from pages)'),
    ).toEqual([1000, 3000, 6000]);
    const wrong = `select (select count(*) from books b join shelves s on s.id = b.shelf_id where 'shelf ' || substr(b.title, 1, instr(b.title, '.') - 1) <> s.name), (select count(*) from pages p join books b on b.id = p.book_id where p.text not like b.title || '._')`;
    expect(await rows(wrong)).toEqual([0, 0]);

    driver.clear();
    const loaded = await new Session(engine)
      .query(Shelf)
      .orderBy(Shelf.c.id)
      .with({ books: { pages: true } })
      .all();
    expect(driver.trips).toBe(1);
    const texts = (all: readonly Shelf[]): string[] =>
      all.flatMap((shelf) =>
        (shelf.books.peek() ?? []).flatMap((book) => (book.pages.peek() ?? []).map((page) => page.text)),
      );
    expect(texts(loaded).toSorted()).toEqual(texts(shelves).toSorted());
    expect(texts(loaded)).toHaveLength(6000);
  });

  test('take as many statements as 1,000, as long as they fit into as many parameters', async () => {
    const counts: number[] = [];
    for (const count of [1000, 2000, 4000]) {
      const { engine, driver } = await open();
      await commit(engine, library(count));
      counts.push(driver.sql.length);
    }
    expect(counts).toEqual([6, 6, 6]);
  });
});

test('100,000 rows are loaded, and 100,000 children of one parent', { timeout: 60_000 }, async () => {
  const { engine, driver } = await open();
  const numbers = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)`;
  await driver.execute({
    mode: 'write',
    statements: [
      `insert into shelves (id, name) values (1, 'the shelf')`,
      `${numbers} insert into books (title, shelf_id) select 'book ' || i, 1 from n`,
    ].map((sql) => ({ sql, params: [] })),
  });
  driver.clear();
  expect(await new Session(engine).query(Book).all()).toHaveLength(100_000);
  const shelf = await new Session(engine).query(Shelf).with({ books: true }).one();
  expect(shelf.books.items).toHaveLength(100_000);
  expect(new Set(shelf.books.items.map((book) => book.id)).size).toBe(100_000);
  const lazy = await new Session(engine).query(Shelf).one();
  expect(await lazy.books).toHaveLength(100_000);
  expect(driver.trips).toBe(4);
});

test('a chain of 10,000 rows, added from its end, is no recursion', async () => {
  const { engine, driver, rows } = await open();
  let last = new Link({ name: '0' });
  for (let at = 1; at < 10_000; at++) last = new Link({ name: String(at), before: last });
  await commit(engine, [last]);
  expect(driver.trips).toBe(1);
  expect(
    await rows('select count(*) from links a join links b on b.id = a.before_id where a.name = b.name + 1'),
  ).toEqual([9999]);
});

describe('200 relations', () => {
  const Wide = declarativeBase();
  const names = Array.from({ length: 200 }, (_, at) => `spokes${at}`);
  const relations = {};
  const spokes: (new (values: { name: string }) => object)[] = [];
  for (const [at, name] of names.entries()) {
    Object.defineProperty(relations, name, {
      enumerable: true,
      configurable: true,
      get: () => many(spokes[at] as unknown as typeof Page, { by: 'bookId' }),
    });
  }
  const key = { id: integer().primaryKey(), name: text() };
  class Hub extends Wide('hubs', Object.defineProperties(key, Object.getOwnPropertyDescriptors(relations))) {}
  for (const name of names) {
    spokes.push(
      class extends Wide(name, {
        id: integer().primaryKey(),
        name: text(),
        bookId: integer().references('hubs.id'),
        get hub() {
          return one(Hub, { by: 'bookId' });
        },
      }) {},
    );
  }

  test('are written in one trip, and read in one', async () => {
    const { engine, driver, rows } = await open(Wide.metadata);
    const session = new Session(engine);
    const values = Object.fromEntries(
      names.map((name, at) => [name, [new spokes[at]!({ name }), new spokes[at]!({ name })]]),
    );
    session.addAll([new Hub({ name: 'first', ...values }), new Hub({ name: 'second' })]);
    await session.commit();
    expect(driver.trips).toBe(1);
    expect(await rows('select count(*) from spokes7 s join hubs h on h.id = s.book_id')).toEqual([2]);

    driver.clear();
    const every = Object.fromEntries(names.map((name) => [name, true]));
    const [first, second] = await new Session(engine)
      .query(Hub)
      .orderBy(Hub.c.id)
      .with(every as never)
      .all();
    expect(driver.trips).toBe(1);
    for (const name of names) {
      const items = (hub: unknown): unknown[] => (Reflect.get(hub as object, name) as { items: unknown[] }).items;
      expect([items(first), items(second)].map((each) => each.length)).toEqual([2, 0]);
    }
  });
});

describe('the work of the library grows with the number of rows, and no faster', () => {
  const works: readonly [what: string, prepare: (engine: Engine, count: number) => Promise<() => Promise<unknown>>][] =
    [
      [
        'a commit of new rows',
        async (engine, count) => {
          const shelves = library(count);
          return () => commit(engine, shelves);
        },
      ],
      [
        'a load of three levels',
        async (engine, count) => {
          await commit(engine, library(count));
          return () =>
            new Session(engine)
              .query(Shelf)
              .with({ books: { pages: true } })
              .all();
        },
      ],
      [
        'a commit of changes, unique values among them',
        async (engine, count) => {
          await commit(engine, library(count));
          const session = new Session(engine);
          const shelves = await session.query(Shelf).with({ books: true }).all();
          const names = shelves.map((shelf) => shelf.name);
          for (const [at, shelf] of shelves.entries()) shelf.name = names[(at + 1) % names.length]!;
          for (const shelf of shelves) for (const book of shelf.books.items) book.title += '!';
          return () => session.commit();
        },
      ],
      [
        'a commit of deletions, with their children',
        async (engine, count) => {
          await commit(engine, library(count));
          const session = new Session(engine);
          const shelves = await session
            .query(Shelf)
            .with({ books: { pages: true } })
            .all();
          for (const shelf of shelves) session.delete(shelf);
          return () => session.commit();
        },
      ],
      [
        'many children taken out of one parent',
        async (engine, count) => {
          await commit(engine, [
            new Shelf({ name: 'the shelf', books: Array.from({ length: count }, () => new Book({ title: 'x' })) }),
          ]);
          const session = new Session(engine);
          const shelf = await session.query(Shelf).with({ books: true }).one();
          return async () => {
            for (const book of shelf.books.items) shelf.books.remove(book);
            await session.commit();
          };
        },
      ],
      [
        'pairs made, parted, and gone with their labels',
        async (engine, count) => {
          const session = new Session(engine);
          const labels = Array.from({ length: count / 4 }, () => new Label({ text: 'x' }));
          const shelves = labels.map(
            (label, at) => new Shelf({ name: `${at}`, labels: [label, labels[(at + 1) % labels.length]!] }),
          );
          return async () => {
            session.addAll(shelves);
            await session.commit();
            for (const [at, shelf] of shelves.entries()) shelf.labels.remove(labels[at]!);
            await session.commit();
            for (const label of labels) session.delete(label);
            await session.commit();
          };
        },
      ],
      [
        'a loop that awaits a relation of each row, and one that goes back',
        async (engine, count) => {
          await commit(engine, library(count));
          const session = new Session(engine);
          const shelves = await session.query(Shelf).all();
          return async () => {
            for (const shelf of shelves) for (const book of await shelf.books) await book.pages;
            const other = new Session(engine);
            for (const book of await other.query(Book).all()) await book.shelf;
          };
        },
      ],
      [
        'many gets at once',
        async (engine, count) => {
          await commit(engine, library(count));
          const session = new Session(engine);
          return () => Promise.all(Array.from({ length: count / 10 }, (_, at) => session.get(Shelf, at + 1)));
        },
      ],
      [
        'a chain',
        async (engine, count) => {
          let last = new Link({ name: '0' });
          for (let at = 1; at < count; at++) last = new Link({ name: String(at), before: last });
          return () => commit(engine, [last]);
        },
      ],
    ];

  test.for(works)('%s', { timeout: 60_000 }, async ([, prepare]) => {
    const steps: number[] = [];
    for (const count of [400, 1000, 4000]) {
      const { engine } = await open();
      const work = await prepare(engine, count);
      steps.push(await countSteps(work));
    }
    // What runs once is done by the first of them. Four times the rows, so sixteen times the work if it were quadratic.
    const [, some, fourfold] = steps as [number, number, number];
    expect(some).toBeGreaterThan(1000);
    expect(fourfold / some).toBeLessThan(4.2);
  });
});
