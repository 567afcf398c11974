import { CapabilityError, declarativeBase, integer, many, one, Session, sql, text } from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver } from '../../support/database.ts';

const Model = declarativeBase();

class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique().nullable(),
  bossId: integer().nullable().references('users.id'),
  version: integer().version(),
  stamp: text().defaultSql(sql`'made'`),
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

async function seeded(open: OpenDriver) {
  const db = await freshDatabase(await open(), Model.metadata);
  const session = db.session();
  const ann = new User({ name: 'Ann', email: 'ann', posts: [new Post({ title: 'one' }), new Post({ title: 'two' })] });
  const bob = new User({ name: 'Bob', email: 'bob', boss: ann });
  session.addAll([ann, bob]);
  await session.commit();
  return { db, session, ann, bob };
}

/** What a session keeps, forgets and refuses. */
export function sessionCases(open: OpenDriver): void {
  describe('rollback()', () => {
    test('makes new entities transient, brings deleted ones back, restores changed ones and collections', async () => {
      const { db, session, ann, bob } = await seeded(open);
      const [one, two] = ann.posts.peek()!.slice();
      const extra = new Post({ title: 'three', tags: [new Tag({ label: 't' })] });
      const cat = new User({ name: 'Cat', boss: bob });
      ann.posts.add(extra);
      session.add(cat);
      session.delete(one!);
      ann.posts.remove(two!);
      ann.name = 'Anna';
      bob.boss.set(cat);
      await session.rollback();
      expect((await db.record(() => session.commit())).calls).toBe(0);
      expect([ann.name, bob.bossId, bob.boss.peek(), two!.userId]).toEqual(['Ann', ann.id, ann, ann.id]);
      expect(
        ann.posts
          .peek()!
          .map((post) => post.title)
          .toSorted(),
      ).toEqual(['one', 'two']);
      expect(ann.team.peek()).toEqual([bob]);
      expect(await bob.team).toEqual([]);
      // The new ones may be added again, with what they refer to.
      session.add(cat);
      ann.posts.add(extra);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(
        await db.rows('select u.name, b.name as b from users u join users b on b.id = u.boss_id order by 1'),
      ).toEqual([
        ['Bob', 'Ann'],
        ['Cat', 'Bob'],
      ]);
      expect(await db.values('select label from tags')).toEqual(['t']);
    });

    test('takes no trip, and forgets what was deleted before it was inserted', async () => {
      const { db, session, ann } = await seeded(open);
      const post = new Post({ title: 'x', user: ann });
      session.delete(post);
      expect((await db.record(() => session.rollback())).calls).toBe(0);
      expect(ann.posts.peek()).toHaveLength(2);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });
  });

  describe('a failed commit', () => {
    test('keeps everything pending; corrected, it is committed', async () => {
      const { db, session, ann, bob } = await seeded(open);
      const [one] = ann.posts.peek()!;
      ann.posts.remove(one!);
      const cat = new User({
        name: 'Cat',
        email: 'bob',
        boss: ann,
        posts: [new Post({ title: 'cat', tags: [new Tag({ label: 't' })] })],
      });
      session.add(cat);
      bob.name = 'Bobby';
      for (let attempt = 0; attempt < 2; attempt++) {
        const { error, calls } = await db.failure(() => session.commit());
        expect(error).toMatchObject({
          code: 'UniqueViolation',
          outcome: 'not committed',
          model: 'User',
          attributes: ['email'],
        });
        expect(calls).toBe(1);
        expect(await db.values('select count(*) from users')).toEqual([2]);
        expect([cat.id, cat.posts.peek()!.length, bob.name, bob.version]).toEqual([undefined, 1, 'Bobby', 1]);
      }
      cat.email = 'cat';
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select name, email from users order by id')).toEqual([
        ['Ann', 'ann'],
        ['Bobby', 'bob'],
        ['Cat', 'cat'],
      ]);
      expect(await db.values('select title from posts order by id')).toEqual(['two', 'cat']);
      expect(await db.values('select count(*) from post_tags')).toEqual([1]);
    });

    test('before anything is sent changes nothing either', async () => {
      const { db, session, ann } = await seeded(open);
      const cat = new User({ name: 'Cat' });
      session.add(cat);
      (cat as { name: unknown }).name = 7;
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject({
        code: 'InvalidValueError',
        outcome: 'not sent',
        model: 'User',
        attributes: ['name'],
      });
      expect(calls).toBe(0);
      cat.name = 'Cat';
      ann.posts.add(new Post({ title: 'three' }));
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select count(*) from posts')).toEqual([3]);
    });
  });

  describe('while a commit is under way', () => {
    test('edits stay pending: of changed and new rows, relations, additions and deletions', async () => {
      const { db, session, ann, bob } = await seeded(open);
      const cat = new User({ name: 'Cat', boss: ann });
      const gone = new User({ name: 'gone' });
      session.addAll([cat, gone]);
      ann.name = 'Anna';
      const release = db.hold();
      const done = session.commit();
      ann.name = 'Ann';
      cat.name = 'Kate';
      cat.boss.set(bob);
      const dan = new User({ name: 'Dan', boss: cat });
      session.add(dan);
      session.delete(gone);
      ann.posts.remove(ann.posts.peek()![0]!);
      release();
      await done;
      expect(await db.rows('select name, boss_id from users order by id')).toEqual([
        ['Anna', null],
        ['Bob', 1],
        ['Cat', 1],
        ['gone', null],
      ]);
      expect([ann.name, cat.name, cat.id, dan.id]).toEqual(['Ann', 'Kate', 3, undefined]);
      expect(ann.team.peek()).toEqual([bob]);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select name, boss_id from users order by id')).toEqual([
        ['Ann', null],
        ['Bob', 1],
        ['Kate', 2],
        ['Dan', 3],
      ]);
      expect(await db.values('select title from posts')).toEqual(['two']);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('a relation set to another new entity keeps its own key to come', async () => {
      const { db, session } = await seeded(open);
      const first = new User({ name: 'first' });
      const post = new Post({ title: 'p', user: first });
      session.add(post);
      const release = db.hold();
      const done = session.commit();
      const second = new User({ name: 'second' });
      post.user.set(second);
      release();
      await done;
      expect(post.user.peek()).toBe(second);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(
        await db.values(`select u.name from posts p join users u on u.id = p.user_id where p.title = 'p'`),
      ).toEqual(['second']);
    });

    test('a second write is refused at once', async () => {
      const { db, session, ann } = await seeded(open);
      ann.name = 'Anna';
      const release = db.hold();
      const done = session.commit();
      for (const write of [
        () => session.commit(),
        () => session.rollback(),
        () => (session as Session<true>).transaction(async () => {}),
      ]) {
        await expect(write()).rejects.toMatchObject({
          code:
            session.isInteractive() || !write.toString().includes('transaction')
              ? 'SessionBusyError'
              : 'CapabilityError',
        });
      }
      release();
      await done;
      expect(await db.values('select name from users where id = 1')).toEqual(['Anna']);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });
  });

  describe('a session', () => {
    test('refuses an entity of another session, and takes nothing of its graph', async () => {
      const { db, session, ann } = await seeded(open);
      const other = db.session();
      const cat = new User({ name: 'Cat' });
      expect(() => other.add(ann)).toThrow(/another session/);
      expect(() => session.delete(cat)).toThrow(/not in this session/);
      other.add(cat);
      expect(() => cat.boss.set(ann)).toThrow(/different sessions/);
      expect(() => ann.team.add(cat)).toThrow(/different sessions/);
      const dan = new User({ name: 'Dan' });
      const eve = new User({ name: 'Eve', boss: dan, team: [cat] });
      expect(eve.team.peek()).toEqual([cat]);
      const third = db.session();
      expect(() => third.add(dan)).toThrow(/another session/);
      expect((await db.record(() => third.commit())).calls).toBe(0);
      expect(cat.boss.peek()).toBe(eve);
    });

    test('lets go of its entities when it is closed, and another takes them', async () => {
      const { db, session, ann } = await seeded(open);
      await session.close();
      expect(() => session.add(ann)).toThrow(/closed/);
      await expect(session.commit()).rejects.toThrow(/closed/);
      await expect(session.get(User, 1)).rejects.toThrow(/closed/);
      const other = db.session();
      other.add(ann);
      ann.name = 'Anna';
      expect((await db.record(() => other.commit())).trips).toBe(1);
      expect(await db.values('select name from users where id = 1')).toEqual(['Anna']);
      expect(await other.get(User, 1)).toBe(ann);
      const third = db.session();
      const again = (await third.get(User, 1))!;
      await other.close();
      expect(() => third.add(ann)).toThrow(/already, as another object/);
      expect(again).not.toBe(ann);
    });

    test('refuses what was deleted and committed', async () => {
      const { db, session, bob } = await seeded(open);
      session.delete(bob);
      await session.commit();
      expect(() => session.add(bob)).toThrow(/was deleted: make a new one/);
      expect(() => session.delete(bob)).toThrow(/not in this session/);
      expect(bob.name).toBe('Bob');
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('disposed with pending work says so; after a failure it does not mask it', async () => {
      const { db, ann } = await seeded(open);
      const pending = async (work: (session: Session) => Promise<void> | void): Promise<void> => {
        await using session = db.session();
        await work(session);
      };
      await expect(pending((session) => session.add(new User({ name: 'x' })))).rejects.toThrow(/pending work/);
      await expect(
        pending(async (session) => {
          (await session.get(User, ann.id))!.name = 'y';
        }),
      ).rejects.toThrow(/pending work/);
      await expect(
        pending(async (session) => {
          session.add(new User({ name: 'x', email: 'ann' }));
          await session.commit();
        }),
      ).rejects.toMatchObject({ code: 'UniqueViolation' });
      await pending(async (session) => {
        session.add(new User({ name: 'x' }));
        await session.rollback();
      });
      await pending((session) => {
        const user = new User({ name: 'x' });
        session.add(user);
        session.delete(user);
      });
      await pending(async (session) => {
        session.add(new User({ name: 'x' }));
        await session.close();
      });
    });

    test('without interactive transactions says so', async () => {
      const { session } = await seeded(open);
      if (session.isInteractive()) return;
      const interactive = session as Session<true>;
      await expect(interactive.transaction(async () => {})).rejects.toBeInstanceOf(CapabilityError);
      await expect(interactive.flush()).rejects.toThrow(/transaction/);
      await expect(interactive.nested(async () => {})).rejects.toThrow(/transaction/);
    });
  });

  describe('a new entity that is deleted again', () => {
    test('leaves what refers to it without a key, and takes along what belongs to it', async () => {
      const { db, session, ann, bob } = await seeded(open);
      const [one] = ann.posts.peek()!;
      const cat = new User({ name: 'Cat', posts: [new Post({ title: 'cat' })] });
      session.add(cat);
      bob.boss.set(cat);
      cat.posts.add(one!);
      session.delete(cat);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select name, boss_id from users order by id')).toEqual([
        ['Ann', null],
        ['Bob', null],
      ]);
      expect(await db.values('select title from posts')).toEqual(['two']);
      expect([bob.bossId, bob.boss.peek()]).toEqual([null, null]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('and added once more is inserted', async () => {
      const { db, session } = await seeded(open);
      const cat = new User({ name: 'Cat' });
      session.add(cat);
      session.delete(cat);
      session.add(cat);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select name from users where id = 3')).toEqual(['Cat']);
    });
  });
}
