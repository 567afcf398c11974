import {
  CommitOutcomeUnknown,
  createEngine,
  createReceipts,
  declarativeBase,
  deleteFrom,
  type Driver,
  type Engine,
  insert,
  integer,
  isCinnabarError,
  many,
  on,
  one,
  pruneReceipts,
  receipts,
  receiptsTable,
  select,
  Session,
  sql,
  text,
  update,
  uuid,
  count,
} from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../../support/database.ts';
import { losing, type LosingDriver } from '../../support/losing.ts';

const Model = declarativeBase();
class Author extends Model('authors', {
  id: integer().primaryKey(),
  name: text().unique(),
  stamp: text().defaultSql(sql`'made'`),
  version: integer().version(),
  get posts() {
    return many(Post);
  },
}) {}
class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer().references('authors.id'),
  get author() {
    return one(Author);
  },
  get tags() {
    return many(Tag, { through: 'post_tags' });
  },
}) {}
class Tag extends Model('tags', { id: uuid().primaryKey(), label: text() }) {}

const uuidOf = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;

/** What a lost reply leaves, and how it is found out, on a database of any kind. */
export function receiptCases(open: () => Driver | Promise<Driver>): void {
  let driver: LosingDriver<boolean>;
  let db: TestDatabase;
  let engine: Engine;
  beforeEach(async () => {
    const inner = await open();
    db = await freshDatabase(inner, Model.metadata);
    driver = losing(inner);
    engine = createEngine(driver, { receipts: receipts() });
    await createReceipts(engine);
  });
  const caught = async (work: Promise<unknown>): Promise<CommitError> => {
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!isCinnabarError(error)) throw new Error('expected an error of Cinnabar', { cause: error });
    expect(error).toMatchObject({ outcome: 'unknown', resolvable: true });
    return error;
  };
  const graph = (): Author =>
    new Author({
      name: 'Ann',
      posts: [
        new Post({ title: 'one', tags: [new Tag({ id: uuidOf(1), label: 'a' })] }),
        new Post({ title: 'two', tags: [new Tag({ id: uuidOf(2), label: 'b' })] }),
      ],
    });
  const counts = async (): Promise<unknown> =>
    (
      await db.read(['select count(*) from authors', 'select count(*) from posts', 'select count(*) from post_tags'])
    ).map(([row]) => Number(row![0]));

  describe('a commit whose reply is lost', () => {
    test('leaves a receipt in its own unit, and costs no trip more', async () => {
      const plain = new Session(engine);
      plain.add(new Author({ name: 'Eve', posts: [new Post({ title: 'none' })] }));
      await plain.commit({ receipt: false });
      const session = new Session(engine);
      session.add(new Author({ name: 'Ann', posts: [new Post({ title: 'one' })] }));
      await session.commit();
      // Where each statement is a trip, so is the receipt, and so are the keys that are noted on it.
      expect(session.roundTrips - plain.roundTrips).toBe(plain.roundTrips === 1 ? 0 : 2);
      expect(await engine.all(select({ n: count() }).from(receiptsTable()))).toEqual([{ n: 1 }]);
      await session.commit();
      expect(await engine.all(select({ n: count() }).from(receiptsTable()))).toEqual([{ n: 1 }]);
    });

    test('was stored: its entities are as after a commit, with their keys and what the database made', async () => {
      await engine.run(insert(Author).values({ name: 'Old', version: 1 }));
      const session = new Session(engine);
      const ann = graph();
      session.add(ann);
      driver.lose('reply');
      const error = await caught(session.commit());
      expect(error.code).toBe('CommitOutcomeUnknown');
      await expect(session.commit()).rejects.toBe(error);
      expect(await error.resolve()).toBe('committed');
      expect([ann.id, ann.stamp, ann.version]).toEqual([2, 'made', 1]);
      const titles = (await ann.posts).map(({ id, title, authorId }) => [id, title, authorId]);
      expect(titles).toEqual([
        [1, 'one', 2],
        [2, 'two', 2],
      ]);
      expect(await session.get(Author, 2)).toBe(ann);
      expect(await counts()).toEqual([2, 2, 2]);
      // Nothing is pending, and what is changed from here on is.
      await session.commit();
      ann.name = 'Anna';
      ann.posts.add(new Post({ title: 'three' }));
      await session.commit();
      expect(await counts()).toEqual([2, 3, 2]);
      expect(ann.version).toBe(2);
      expect(await error.resolve()).toBe('committed');
    });

    test('was not stored: all is still pending, and may be committed again', async () => {
      const session = new Session(engine);
      const ann = graph();
      session.add(ann);
      driver.lose('request');
      const error = await caught(session.commit());
      expect(await error.resolve()).toBe('not committed');
      expect(ann.id).toBeUndefined();
      expect(await counts()).toEqual([0, 0, 0]);
      await session.commit();
      expect(await counts()).toEqual([1, 2, 2]);
    });

    test('that was not stored never will be: its request arrives too late', async () => {
      const session = new Session(engine);
      session.add(graph());
      driver.lose('delay');
      const error = await caught(session.commit());
      expect(await error.resolve()).toBe('not committed');
      await expect(driver.arrive()).rejects.toMatchObject({ outcome: 'not committed' });
      expect(await counts()).toEqual([0, 0, 0]);
      await session.commit();
      expect(await counts()).toEqual([1, 2, 2]);
    });

    test('that arrives before one asks was stored', async () => {
      const session = new Session(engine);
      session.add(graph());
      driver.lose('delay');
      const error = await caught(session.commit());
      await driver.arrive();
      expect(await Promise.all([error.resolve(), error.resolve()])).toEqual(['committed', 'committed']);
      await session.commit();
      expect(await counts()).toEqual([1, 2, 2]);
    });

    test('of changes and deletions is settled, and edits made meanwhile stay pending', async () => {
      const session = new Session(engine);
      const ann = graph();
      const bob = new Author({ name: 'Bob' });
      session.addAll([ann, bob]);
      await session.commit();
      ann.name = 'Anna';
      session.delete(bob);
      const [first] = await ann.posts;
      first!.title = 'uno';
      driver.lose('reply');
      const error = await caught(session.commit());
      first!.title = 'une';
      expect(await error.resolve()).toBe('committed');
      expect([ann.version, ann.name, first!.title]).toEqual([2, 'Anna', 'une']);
      expect(await session.get(Author, 2)).toBeNull();
      await session.commit();
      expect(await db.values('select title from posts order by id')).toEqual(['une', 'two']);
      expect(await db.values('select name from authors')).toEqual(['Anna']);
    });

    test('is dropped by rollback(), and what is found out later changes nothing', async () => {
      const session = new Session(engine);
      const ann = graph();
      session.add(ann);
      driver.lose('reply');
      const error = await caught(session.commit());
      await session.rollback();
      expect(await error.resolve()).toBe('committed');
      expect(ann.id).toBeUndefined();
      expect(await session.query(Author).count()).toBe(1);
    });

    test('of a row that somebody has deleted since is settled all the same', async () => {
      const session = new Session(engine);
      const ann = new Author({ name: 'Ann' });
      session.add(ann);
      driver.lose('reply');
      const error = await caught(session.commit());
      await db.run('delete from authors');
      expect(await error.resolve()).toBe('committed');
      ann.name = 'Anna';
      await expect(session.commit()).rejects.toMatchObject({ code: 'StaleDataError' });
    });
  });

  test('statements of an engine leave one too', async () => {
    driver.lose('reply');
    const stored = await caught(engine.run(insert(Author).values({ name: 'Ann', version: 1 })));
    expect(await stored.resolve()).toBe('committed');
    driver.lose('request');
    const rename = update(Author).set({ name: 'Anna' }).allRows();
    const lost = await caught(engine.batch([rename, select(Author)]));
    expect(await lost.resolve()).toBe('not committed');
    expect(await engine.batch([rename, select({ name: Author.c.name }).from(Author)])).toEqual([1, [{ name: 'Anna' }]]);
  });

  test('a statement of a session leaves one too, beside its transactions', async () => {
    const session = new Session(engine);
    await session.run(insert(Author).values({ name: 'Ann', version: 1 }));
    expect(await engine.all(select({ n: count() }).from(receiptsTable()))).toEqual([{ n: 1 }]);
    await session.run(update(Author).set({ stamp: 'x' }).allRows(), { receipt: false });
    expect(await engine.all(select({ n: count() }).from(receiptsTable()))).toEqual([{ n: 1 }]);
    const rename = update(Author).set({ name: 'Anna' }).where(Author.c.name.eq('Ann'));
    driver.lose('reply');
    const stored = await caught(session.run(rename));
    expect(await stored.resolve()).toBe('committed');
    driver.lose('request');
    const lost = await caught(session.run(deleteFrom(Author).allRows()));
    expect(await lost.resolve()).toBe('not committed');
    const ann = await session.query(Author).one();
    expect(ann.name).toBe('Anna');
    // With entities to bring up to date there is an answer beside the receipt.
    expect(await session.run(update(Author).set({ name: 'Bea' }).allRows())).toBe(1);
    expect(ann.name).toBe('Bea');
  });

  test('a commit that turns out to be stored is told of then, once', async () => {
    const told: string[] = [];
    const ends = (['afterCommit', 'afterRollback'] as const).map((event) =>
      on(engine, event, () => void told.push(event)),
    );
    ends.push(on(Author, 'afterInsert', ({ id }) => void told.push(`inserted ${id}`)));
    try {
      const session = new Session(engine);
      session.add(new Author({ name: 'Ann' }));
      driver.lose('reply');
      const stored = await caught(session.commit());
      expect(told).toEqual([]);
      expect(await stored.resolve()).toBe('committed');
      expect(await stored.resolve()).toBe('committed');
      expect(told.splice(0)).toEqual(['inserted 1', 'afterCommit']);

      session.add(new Author({ name: 'Bob' }));
      driver.lose('request');
      const lost = await caught(session.commit());
      expect(await lost.resolve()).toBe('not committed');
      expect(told).toEqual([]);
      await session.commit();
      expect(told.splice(0)).toEqual(['inserted 2', 'afterCommit']);

      ends.push(
        on(session, 'afterCommit', () => {
          throw new Error('of a handler');
        }),
      );
      session.add(new Author({ name: 'Cid' }));
      driver.lose('reply');
      const unlucky = await caught(session.commit());
      await expect(unlucky.resolve()).rejects.toMatchObject({ code: 'EventError', outcome: 'committed' });
      expect(await unlucky.resolve()).toBe('committed');
      expect(told).toEqual(['inserted 3', 'afterCommit']);
    } finally {
      for (const end of ends) end();
    }
  });

  test('a transaction is told of when it is known', async () => {
    if (!driver.begin) return expect(driver.interactive).toBe(false);
    const told: string[] = [];
    const ends = (['afterCommit', 'afterRollback'] as const).map((event) =>
      on(engine, event, () => void told.push(event)),
    );
    try {
      const session = new Session(engine) as Session<true>;
      for (const [what, event] of [
        ['reply', 'afterCommit'],
        ['request', 'afterRollback'],
      ] as const) {
        driver.lose(what);
        const work = (tx: Session<true>): Promise<void> => Promise.resolve(tx.add(new Author({ name: what })));
        const error = await caught(session.transaction(work));
        expect(told).toEqual([]);
        await error.resolve();
        expect(told.splice(0)).toEqual([event]);
      }
    } finally {
      for (const end of ends) end();
    }
  });

  test('where only some ask for one, others leave none and are not resolvable', async () => {
    const some = createEngine(driver, { receipts: receipts({ always: false }) });
    const session = new Session(some);
    session.add(new Author({ name: 'Ann' }));
    await session.commit();
    expect(await some.all(select({ n: count() }).from(receiptsTable()))).toEqual([{ n: 0 }]);
    session.add(new Author({ name: 'Bob' }));
    driver.lose('reply');
    const error = await caught(session.commit({ receipt: true }));
    expect(await error.resolve()).toBe('committed');
    driver.lose('reply');
    const plain: unknown = await some.run(deleteFrom(Author).allRows()).catch((thrown: unknown) => thrown);
    expect(plain).toMatchObject({ outcome: 'unknown', resolvable: false });
    await expect((plain as CommitError).resolve()).rejects.toMatchObject({ code: 'ConfigurationError' });
  });

  test('old ones are pruned by the clock of the database', async () => {
    const session = new Session(engine);
    session.add(new Author({ name: 'Ann' }));
    await session.commit();
    expect(await pruneReceipts(engine)).toBe(0);
    await db.run("update cinnabar_receipts set made_at = '2001-01-01T00:00:00.000Z'");
    expect(await pruneReceipts(engine, { olderThan: 60_000 })).toBe(1);
  });

  test('bad input: no table for them, and an engine that was made without', async () => {
    await db.run('drop table cinnabar_receipts');
    const session = new Session(engine);
    session.add(new Author({ name: 'Ann' }));
    await expect(session.commit()).rejects.toMatchObject({
      code: 'DatabaseError',
      outcome: 'not committed',
      message: expect.stringContaining('createReceipts') as string,
    });
    await session.commit({ receipt: false });
    const without = new Session(createEngine(driver));
    without.add(new Author({ name: 'Bob' }));
    await expect(without.commit({ receipt: true })).rejects.toMatchObject({ code: 'ConfigurationError' });
    await without.commit();
  });

  test('a transaction whose reply is lost', async () => {
    if (!driver.begin) return expect(driver.interactive).toBe(false);
    const work = (name: string) => async (session: Session<true>) => {
      session.add(new Author({ name }));
      await session.flush();
      session.add(new Author({ name: `${name} too` }));
    };
    const run = (session: Session<true>, name: string): Promise<void> => session.transaction(work(name));
    const session = new Session(engine) as Session<true>;
    driver.lose('reply');
    const stored = await caught(run(session, 'Ann'));
    await expect(run(session, 'Cat')).rejects.toBe(stored);
    expect(await stored.resolve()).toBe('committed');
    const names = (await session.query(Author).orderBy(Author.c.id).all()).map(({ id, name }) => [id, name]);
    expect(names).toEqual([
      [1, 'Ann'],
      [2, 'Ann too'],
    ]);
    expect((await db.record(() => session.commit())).trips).toBe(0);

    driver.lose('request');
    const lost = await caught(run(session, 'Bob'));
    expect(await lost.resolve()).toBe('not committed');
    expect(await session.query(Author).count()).toBe(2);
    driver.lose('request');
    const dropped = await caught(run(session, 'Dan'));
    await session.rollback();
    expect(await dropped.resolve()).toBe('not committed');
    await run(session, 'Bob');
    expect(await session.query(Author).count()).toBe(4);

    const interactive = engine as Engine<true>;
    driver.lose('reply');
    const ofEngine = await caught(interactive.transaction((tx) => tx.run(deleteFrom(Author).allRows())));
    expect(await ofEngine.resolve()).toBe('committed');
    // One that only reads has nothing to leave.
    await interactive.transaction((tx) => tx.all(select(Author)));
  });
}

type CommitError = InstanceType<typeof CommitOutcomeUnknown>;
