import {
  columnGroup,
  containsEager,
  defer,
  isCinnabarError,
  joinedLoad,
  populateExisting,
  select,
  undefer,
} from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { givenUsers, Model, Post, Tag, User } from '../read/models.ts';

/** What is read of an entity and what wins; relations from joins of the program's own. */
export function columnCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenUsers(db);
  });

  describe('defer and undefer', () => {
    test('what is deferred is not read, and read later for all peers in one trip', async () => {
      const session = db.session();
      const read = await db.record(() => defer(session.query(Post), 'title', 'views').orderBy(Post.c.id).all());
      expect(read.sql[0]).toContain('select "posts"."id", "posts"."author_id", "posts"."editor_id" from "posts"');
      expect(Object.hasOwn(read.result[0]!, 'title')).toBe(false);
      (read.result[1] as unknown as Post).title = 'Changed';

      const { result: post, trips } = await db.record(() => undefer(session, Post, read.result[0]!));
      expect(trips).toBe(1);
      expect(post).toBe(read.result[0]);
      expect(post.title).toBe('One');
      const again = await db.record(() => undefer(session, Post, read.result));
      expect(again.trips).toBe(0);
      expect(again.result.map((item) => item.title)).toEqual(['One', 'Changed', 'Three', 'Four']);
      await session.commit();
      expect(await db.values('select title from posts order by id')).toEqual(['One', 'Changed', 'Three', 'Four']);
    });

    test('a deferred column that the program sets needs no read to be written', async () => {
      const session = db.session();
      const [post] = await defer(session.query(Post), 'title').orderBy(Post.c.id).all();
      (post as unknown as Post).title = 'Set';
      await session.commit();

      expect(await db.values('select title from posts where id = 1')).toEqual(['Set']);
    });

    test('a group is left out and read together, without what else was left out', async () => {
      const session = db.session();
      const texts = columnGroup(Post, 'title', 'views');
      const { result: posts, sql: sent } = await db.record(() =>
        defer(session.query(Post), texts).orderBy(Post.c.id).all(),
      );
      expect(sent[0]).toContain('select "posts"."id", "posts"."author_id", "posts"."editor_id" from "posts"');
      const views = columnGroup(Post, 'views');
      const read = await db.record(() => undefer(session, views, posts[0]!));
      expect(read.trips).toBe(1);
      expect(read.sql[0]).not.toContain('"title"');
      expect([read.result.views, Object.hasOwn(posts[1]!, 'title')]).toEqual([30, false]);
      (posts[1] as unknown as Post).title = 'Changed';
      const whole = await db.record(() => undefer(session, texts, posts));
      expect(whole.trips).toBe(1);
      expect(whole.result.map(({ title, views: seen }) => [title, seen])[0]).toEqual(['One', 30]);
      expect((await db.record(() => undefer(session, texts, posts[2]!))).trips).toBe(0);
      expect((await db.record(() => undefer(session, Post, posts))).trips).toBe(0);
      await session.commit();
      expect(await db.values('select title from posts order by id')).toEqual(['One', 'Changed', 'Three', 'Four']);
      const wrong = columnGroup(Post, 'nope' as 'title');
      expect((await db.failure(() => undefer(session, wrong, posts))).error).toMatchObject({
        code: 'ConfigurationError',
        model: 'Post',
        attributes: ['nope'],
      });
    });

    test('in a part, and beside loadOnly()', async () => {
      const users = await db
        .session()
        .query(User)
        .orderBy(User.c.id)
        .with({ posts: defer(select(Post), 'title').orderBy(Post.c.id) })
        .all();
      expect(Object.keys(users[0]!.posts.subset[0]!)).toEqual(['id', 'views', 'authorId', 'editorId']);
      const [post] = await defer(db.session().query(Post).loadOnly('title', 'views'), 'views').all();
      expect(Object.hasOwn(post!, 'views')).toBe(false);
    });

    test('bad input', async () => {
      const session = db.session();
      const user = await session.query(User).where(User.c.id.eq(1)).one();
      const other = await db.session().query(Post).where(Post.c.id.eq(1)).one();
      for (const work of [
        () => defer(session.query(Post), 'nope' as 'title').all(),
        () => defer({} as never, 'title'),
        () => undefer(session, Post, user),
        () => undefer(session, Post, [other]),
      ]) {
        const { error, calls } = await db.failure(work);
        expect(isCinnabarError(error, 'ConfigurationError')).toBe(true);
        expect(calls).toBe(0);
      }
      expect((await db.record(() => undefer(session, Post, []))).trips).toBe(0);
    });
  });

  describe('populateExisting', () => {
    test('what is read wins over changes, also over those of relations', async () => {
      const session = db.session();
      const users = await session.query(User).orderBy(User.c.id).with({ posts: true }).all();
      const [ann, bob] = users;
      ann!.name = 'Changed';
      const moved = ann!.posts.items[0]!;
      bob!.posts.add(moved);
      ann!.posts.remove(ann!.posts.items[1]!);
      await db.run(`update users set name = 'Zoe' where id = 1`);

      const plain = await session.query(User).where(User.c.id.eq(1)).one();
      expect(plain.name).toBe('Changed');
      const again = await populateExisting(session.query(User)).orderBy(User.c.id).with({ posts: true }).all();
      expect(again[0]).toBe(ann);
      expect(again[0]!.name).toBe('Zoe');
      expect(again.slice(0, 2).map((user) => user.posts.items.map((post) => post.id))).toEqual([[1, 2, 3], [4]]);
      expect(moved.authorId).toBe(1);
      expect((await db.record(() => session.commit())).trips).toBe(0);
    });
  });

  describe('containsEager', () => {
    test('what the query joined is a part of the relation; each entity comes once', async () => {
      const { result, trips, sql } = await db.record(() =>
        db
          .session()
          .query(User)
          .join(User.c.posts)
          .where(Post.c.views.gt(5))
          .orderBy(User.c.id, Post.c.views.desc())
          .with({ posts: containsEager() })
          .all(),
      );

      expect([trips, sql.length]).toEqual([1, 1]);
      expect(result.map((user) => [user.name, user.posts.subset.map((post) => post.views)])).toEqual([
        ['Ann', [30, 20, 10]],
      ]);
      expect((result[0] as User).posts.loaded).toBe(false);
      expect(await (result[0] as User).posts).toHaveLength(3);
    });

    test('over a link table, with relations beyond it', async () => {
      const { result, trips } = await db.record(() =>
        db
          .session()
          .query(Post)
          .join(Post.c.tags)
          .where(Tag.c.label.ne('edge'))
          .orderBy(Post.c.id)
          .with({ tags: containsEager({ posts: true }), author: joinedLoad(true) })
          .all(),
      );

      expect(trips).toBe(1);
      expect(result.map((post) => [post.id, post.author.value.name, post.tags.subset.map((tag) => tag.label)])).toEqual(
        [
          [1, 'Ann', ['sql']],
          [3, 'Ann', ['big']],
          [4, 'Bob', ['sql']],
        ],
      );
      expect(result[0]!.tags.subset[0]!.posts.items.map((post) => post.id)).toEqual([1, 4]);
    });

    test('a to-one relation', async () => {
      const posts = await db
        .session()
        .query(Post)
        .join(Post.c.author)
        .where(User.c.name.eq('Bob'))
        .with({ author: containsEager() })
        .all();

      expect(posts.map((post) => post.author.subset.map((user) => user.name))).toEqual([['Bob']]);
    });

    test('a query that joins no such relation, or would count pairs, is refused', async () => {
      const query = db.session().query(User);
      for (const work of [
        () => query.with({ posts: containsEager() }).all(),
        () => query.join(User.c.posts).limit(1).with({ posts: containsEager() }).all(),
        () =>
          query
            .join(User.c.posts)
            .with({ posts: containsEager(select(Post)) } as never)
            .all(),
      ]) {
        const { error, calls } = await db.failure(work);
        expect(isCinnabarError(error, 'ConfigurationError')).toBe(true);
        expect(calls).toBe(0);
      }
    });
  });
}
