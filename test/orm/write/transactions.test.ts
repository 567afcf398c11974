import { createClient } from '@libsql/client';
import {
  createEngine,
  declarativeBase,
  deleteFrom,
  insert,
  integer,
  many,
  one,
  select,
  type Driver,
  Session,
  sql,
  text,
  update,
} from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../support/database.ts';
import { libsqlFiles } from '../../support/libsql.ts';
import { type Sqld, startSqld } from '../../support/sqld.ts';

const Model = declarativeBase();

class User extends Model('users', {
  id: integer().primaryKey(),
  name: text().unique(),
  balance: integer().default(0),
  stamp: text().defaultSql(sql`'made'`),
  version: integer().version(),
  bossId: integer().nullable().references('users.id'),
  get boss() {
    return one(User, { by: 'bossId' }).nullable();
  },
  get team() {
    return many(User, { by: 'bossId' });
  },
  get posts() {
    return many(Post, { cascade: 'orphans' });
  },
}) {}
class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  userId: integer().references('users.id'),
  get user() {
    return one(User);
  },
  get tags() {
    return many(Tag, { through: 'post_tags' });
  },
}) {}
class Tag extends Model('tags', {
  id: integer().primaryKey(),
  label: text(),
  get posts() {
    return many(Post, { through: 'post_tags' });
  },
}) {}

let server: Sqld;
const files = libsqlFiles();
const servers: Record<string, () => Driver<true>> = {
  'a file': files,
  'HTTP': () => libsql(createClient({ url: server.url })),
  'WebSocket': () => libsql(createClient({ url: server.wsUrl })),
};
beforeAll(async () => {
  server = await startSqld();
});
afterAll(() => server.stop());

async function seeded(open: () => Driver<true>) {
  const db = await freshDatabase(open(), Model.metadata);
  const session = db.session() as Session<true>;
  const ann = new User({
    name: 'Ann',
    posts: [new Post({ title: 'one', tags: [new Tag({ label: 't' })] }), new Post({ title: 'two' })],
  });
  const bob = new User({ name: 'Bob', boss: ann });
  session.addAll([ann, bob]);
  await session.commit();
  const state = (): Promise<unknown> =>
    db.read([
      'select id, name, balance, version, boss_id from users order by id',
      'select id, title, user_id from posts order by id',
      'select * from post_tags order by 1, 2',
    ]);
  return { db, session, ann, bob, state };
}

class Refusal extends Error {}

describe.for(Object.entries(servers))('a transaction over %s', ([, open]) => {
  test('read, decide, write is two trips', async () => {
    const { db, session, ann } = await seeded(open);
    const before = session.roundTrips;
    const { trips } = await db.record(() =>
      session.transaction(async () => {
        const user = await session.query(User).filterBy({ name: 'Ann' }).one();
        user.balance += 10;
        session.add(new Post({ title: 'three', user }));
      }),
    );
    expect(trips).toBe(2);
    expect(session.roundTrips - before).toBe(2);
    expect(ann.balance).toBe(10);
    expect(await db.rows('select balance, version from users where id = 1')).toEqual([[10, 2]]);
    expect(await db.values('select title from posts order by id')).toEqual(['one', 'two', 'three']);
  });

  test('that only writes is one trip, and one that does nothing is none', async () => {
    const { db, session } = await seeded(open);
    expect((await db.record(() => session.transaction(async () => session.add(new User({ name: 'Cat' }))))).trips).toBe(
      1,
    );
    expect(await db.record(() => session.transaction(async () => 7))).toMatchObject({ result: 7, trips: 0 });
    expect(await db.values('select count(*) from users')).toEqual([3]);
  });

  test('reads see what is pending: queries, statements of Core, keys, relations', async () => {
    const { db, session, ann } = await seeded(open);
    await session.transaction(async (tx) => {
      expect(tx).toBe(session);
      ann.name = 'Anna';
      session.add(new User({ name: 'Cat', boss: ann }));
      expect(await session.query(User).filterBy({ name: 'Anna' }).one()).toBe(ann);
      ann.balance = 5;
      expect(await session.all(select({ sum: sql<number>`sum(balance)` }).from(User))).toEqual([{ sum: 5 }]);
      session.add(new User({ name: 'Dan', boss: ann }));
      expect((await ann.team).map((user) => user.name)).toEqual(['Bob', 'Cat', 'Dan']);
      ann.balance = 6;
      expect(
        await session.run(
          update(User)
            .set({ balance: User.c.balance.plus(1) })
            .where(User.c.balance.eq(6)),
        ),
      ).toBe(1);
      ann.name = 'Annie';
      expect(await session.batch([select({ name: User.c.name }).from(User).where(User.c.id.eq(1))])).toEqual([
        [{ name: 'Annie' }],
      ]);
    });
    expect(await db.rows('select name, balance from users order by id')).toEqual([
      ['Annie', 7],
      ['Bob', 0],
      ['Cat', 0],
      ['Dan', 0],
    ]);
  });

  test('that throws is undone in the database and in memory', async () => {
    const { db, session, ann, bob, state } = await seeded(open);
    const before = await state();
    const [one, two] = (await ann.posts).slice();
    const [tag] = await one!.tags;
    const cat = new User({ name: 'Cat', boss: bob, posts: [new Post({ title: 'new', tags: [tag!] })] });
    const loose = new User({ name: 'Loose' });
    await expect(
      session.transaction(async () => {
        session.add(cat);
        ann.name = 'Anna';
        ann.posts.remove(one!);
        two!.user.set(bob);
        bob.boss.set(null);
        await session.flush();
        expect([cat.id, cat.stamp, ann.version]).toEqual([3, 'made', 2]);
        ann.balance = 3;
        session.delete(bob);
        await session.flush();
        session.add(loose);
        throw new Refusal('no');
      }),
    ).rejects.toBeInstanceOf(Refusal);

    expect(await state()).toEqual(before);
    expect([ann.name, ann.balance, ann.version, bob.bossId, two!.userId]).toEqual(['Ann', 0, 1, 1, 1]);
    expect([cat.id, cat.stamp, cat.version, loose.id]).toEqual([undefined, undefined, undefined, undefined]);
    expect(bob.boss.peek()).toBe(ann);
    expect((await ann.posts).map((post) => post.title).toSorted()).toEqual(['one', 'two']);
    expect(await ann.team).toEqual([bob]);
    expect(await tag!.posts).toEqual([one]);
    expect(await bob.posts).toEqual([]);
    expect((await db.record(() => session.commit())).calls).toBe(0);
    expect(await session.get(User, 2)).toBe(bob);

    // What was new is new again, with all that it refers to.
    session.add(cat);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(
      await db.rows(
        `select u.name, b.name as b, p.title, l.tag_id from users u join users b on b.id = u.boss_id join posts p on p.user_id = u.id join post_tags l on l.post_id = p.id where u.id = ${cat.id}`,
      ),
    ).toEqual([['Cat', 'Bob', 'new', 1]]);
    ann.name = 'Anna';
    await session.commit();
    expect(ann.version).toBe(2);
  });

  test('that throws undoes what it read of its own statements', async () => {
    const { db, session, ann, state } = await seeded(open);
    const before = await state();
    let seen: User[] = [];
    await expect(
      session.transaction(async () => {
        await session.run(
          update(User)
            .set({ balance: User.c.balance.plus(5) })
            .allRows(),
        );
        await session.run(insert(User).values({ name: 'Zoe', version: 1 }));
        seen = await session.query(User).orderBy(User.c.id).all();
        expect(seen.map((user) => [user.name, user.balance])).toEqual([
          ['Ann', 5],
          ['Bob', 5],
          ['Zoe', 0],
        ]);
        await session.nested(async () => {
          seen[2]!.balance = 9;
          seen[0]!.balance = 9;
        });
        seen[2]!.balance = 10;
        await session.flush();
        throw new Refusal();
      }),
    ).rejects.toBeInstanceOf(Refusal);
    expect(await state()).toEqual(before);
    expect([ann.balance, ann.version]).toEqual([0, 1]);
    expect(await session.get(User, 3)).toBeNull();
    ann.balance = 1;
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(await db.rows('select balance, version from users where id = 1')).toEqual([[1, 2]]);
  });

  test('keeps the keys that the program gave, when it is undone', async () => {
    const { session } = await seeded(open);
    const user = new User({ id: 50, name: 'Fifty', stamp: 'given' });
    await expect(
      session.transaction(async () => {
        session.add(user);
        await session.flush();
        throw new Refusal();
      }),
    ).rejects.toBeInstanceOf(Refusal);
    expect([user.id, user.stamp]).toEqual([50, 'given']);
  });

  test('whose commit fails is undone, and the error is typed', async () => {
    const { db, session, ann, state } = await seeded(open);
    const before = await state();
    await expect(
      session.transaction(async () => {
        ann.balance = 1;
        await session.flush();
        session.add(new User({ name: 'Bob' }));
      }),
    ).rejects.toMatchObject({ code: 'UniqueViolation', outcome: 'not committed', attributes: ['name'] });
    expect(await state()).toEqual(before);
    expect([ann.balance, ann.version]).toEqual([0, 1]);
    ann.balance = 2;
    await session.commit();
    expect(await db.values('select balance from users where id = 1')).toEqual([2]);
  });

  test('a stale version in it is named', async () => {
    const { db, session, ann } = await seeded(open);
    await db.run('update users set version = 9 where id = 1');
    ann.balance = 1;
    await expect(session.transaction(async () => session.flush())).rejects.toMatchObject({
      code: 'StaleDataError',
      entities: [ann],
    });
    expect(ann.balance).toBe(0);
    await session.refresh(ann);
    expect(ann.version).toBe(9);
  });

  test('nested() commits with it, or is undone alone', async () => {
    const { db, session, ann, bob } = await seeded(open);
    const cat = new User({ name: 'Cat' });
    await session.transaction(async () => {
      ann.name = 'Anna';
      await session.nested(async () => {
        bob.balance = 1;
        session.add(cat);
      });
      expect(cat.id).toBe(3);
      await expect(
        session.nested(async () => {
          bob.balance = 2;
          cat.name = 'Kate';
          session.add(new User({ name: 'Dan' }));
          ann.posts.remove((await ann.posts)[0]!);
          await session.flush();
          bob.balance = 3;
          throw new Refusal();
        }),
      ).rejects.toBeInstanceOf(Refusal);
      expect([bob.balance, cat.name, cat.id, ann.name]).toEqual([1, 'Cat', 3, 'Anna']);
      expect((await ann.posts).map((post) => post.title).toSorted()).toEqual(['one', 'two']);
      // A failure of the database inside ends with the savepoint too.
      await expect(session.nested(async () => session.add(new User({ name: 'Bob' })))).rejects.toMatchObject({
        code: 'UniqueViolation',
      });
      await session.nested(async () => {
        await expect(
          session.nested(async () => {
            cat.balance = 7;
            await session.flush();
            throw new Refusal();
          }),
        ).rejects.toBeInstanceOf(Refusal);
        cat.balance = 8;
      });
    });
    expect(await db.rows('select name, balance from users order by id')).toEqual([
      ['Anna', 0],
      ['Bob', 1],
      ['Cat', 8],
    ]);
    expect(await db.values('select count(*) from posts')).toEqual([2]);
    expect((await db.record(() => session.commit())).calls).toBe(0);
  });

  test('that is undone as a whole undoes what nested() kept', async () => {
    const { session, ann, state } = await seeded(open);
    const before = await state();
    const cat = new User({ name: 'Cat' });
    await expect(
      session.transaction(async () => {
        await session.nested(async () => {
          ann.balance = 1;
          session.add(cat);
        });
        expect(cat.id).toBe(3);
        throw new Refusal();
      }),
    ).rejects.toBeInstanceOf(Refusal);
    expect(await state()).toEqual(before);
    expect([ann.balance, ann.version, cat.id]).toEqual([0, 1, undefined]);
  });

  test('is one at a time; nested() is for more', async () => {
    const { session, ann } = await seeded(open);
    await session.transaction(async () => {
      ann.balance = 1;
      await expect(session.transaction(async () => {})).rejects.toMatchObject({ code: 'SessionBusyError' });
    });
    const first = session.transaction(async () => {
      await session.query(User).all();
    });
    await expect(session.transaction(async () => {})).rejects.toMatchObject({ code: 'SessionBusyError' });
    await first;
    await expect(session.flush()).rejects.toThrow(/transaction/);
    await expect(session.nested(async () => {})).rejects.toThrow(/transaction/);
  });

  test('commit() inside flushes; rollback() inside drops what is pending', async () => {
    const { db, session, ann } = await seeded(open);
    await session.transaction(async () => {
      ann.balance = 1;
      await session.commit();
      ann.balance = 2;
      await session.rollback();
      expect(ann.balance).toBe(1);
      await session.run(deleteFrom(Tag).allRows());
    });
    expect(await db.values('select balance from users where id = 1')).toEqual([1]);
    expect(await db.values('select count(*) from tags')).toEqual([0]);
  });

  test('runs again as a whole, with a fresh session, when told to', async () => {
    const { db, session, ann } = await seeded(open);
    const seen: unknown[] = [];
    const result = await session.transaction(
      async (tx) => {
        seen.push(tx);
        const user = await tx.query(User).filterBy({ id: ann.id }).one();
        user.balance += 1;
        if (seen.length < 3) throw Object.assign(await retryable(tx), {});
        return user.balance;
      },
      { retries: 2 },
    );
    expect(result).toBe(1);
    expect(new Set(seen).size).toBe(3);
    expect(await db.values('select balance from users where id = 1')).toEqual([1]);
  });
});

/** An error as a busy database gives it. */
async function retryable(session: Session): Promise<Error> {
  const { LockTimeout } = await import('cinnabar');
  void session;
  return new LockTimeout('busy', { retryable: true, outcome: 'not committed' });
}

test('an engine of a driver without transactions has none', () => {
  const driver = files();
  const { begin: _, ...rest } = driver;
  const session = new Session(createEngine({ ...rest, interactive: false }));
  expect(session.isInteractive()).toBe(false);
});
