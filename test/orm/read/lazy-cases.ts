import { isCinnabarError } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { givenUsers, Model, Post, Profile, User, WHOLE_NUMBERS } from './models.ts';

/** Relations that are awaited: one round trip for each relation, whatever the number of entities. */
export function lazyCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenUsers(db);
  });

  test('a loop that awaits the children of each is one trip', async () => {
    const session = db.session();
    const users = await session.query(User).orderBy(User.c.id).all();
    const { result, trips, sql } = await db.record(async () => {
      const titles: string[][] = [];
      for (const user of users) titles.push((await user.posts).map((post) => post.title));
      return titles;
    });

    expect(trips).toBe(1);
    expect(sql).toEqual([
      'select "posts"."id", "posts"."title", "posts"."views", "posts"."author_id", "posts"."editor_id" from "posts" ' +
        `where "posts"."author_id" in ${db.by(WHOLE_NUMBERS)} order by "posts"."id"`,
    ]);
    expect(result).toEqual([['One', 'Two', 'Three'], ['Four'], [], [], []]);
  });

  test('so is a loop over what the loop loads', async () => {
    const users = await db.session().query(User).all();
    const { trips } = await db.record(async () => {
      for (const user of users) for (const post of await user.posts) for (const tag of await post.tags) await tag.posts;
    });

    expect(trips).toBe(3);
  });

  test('and ten at once', async () => {
    const users = await db.session().query(User).all();
    const { result, trips } = await db.record(() => Promise.all([...users, ...users].map((user) => user.posts)));

    expect(trips).toBe(1);
    expect(result.map((posts) => posts.length)).toEqual([3, 1, 0, 0, 0, 3, 1, 0, 0, 0]);
  });

  test('entities of different results that ask in one turn', async () => {
    const session = db.session();
    const [ann] = await session.query(User).where(User.c.name.eq('Ann')).all();
    const [bob] = await session.query(User).where(User.c.name.eq('Bob')).all();
    const { trips } = await db.record(() => Promise.all([ann!.posts, bob!.posts]));

    expect(trips).toBe(1);
  });

  test('each relation by itself', async () => {
    const users = await db.session().query(User).all();
    const { trips } = await db.record(() =>
      Promise.all(users.flatMap((user): PromiseLike<unknown>[] => [user.posts, user.profile, user.reports])),
    );

    expect(trips).toBe(3);
  });

  test('a to-one relation that is in memory, or null, takes none', async () => {
    const session = db.session();
    await session.query(User).all();
    const posts = await session.query(Post).orderBy(Post.c.id).all();
    const { result, trips } = await db.record(async () => {
      const names: (string | undefined)[] = [];
      for (const post of posts) names.push((await post.author).name, (await post.editor)?.name);
      return names;
    });

    expect(trips).toBe(0);
    expect(result).toEqual(['Ann', 'Bob', 'Ann', undefined, 'Ann', 'Ann', 'Bob', 'Ann']);
  });

  test('a to-one relation takes one for all that ask', async () => {
    const posts = await db.session().query(Post).orderBy(Post.c.id).all();
    const { result, trips, sql } = await db.record(async () => {
      const names: string[] = [];
      for (const post of posts) names.push((await post.author).name);
      return names;
    });

    expect(trips).toBe(1);
    expect(sql[0]).toContain(`where "users"."id" in ${db.by(WHOLE_NUMBERS)}`);
    expect(result).toEqual(['Ann', 'Ann', 'Ann', 'Bob']);
  });

  test('the far side of a one-to-one, absent for some', async () => {
    const users = await db.session().query(User).orderBy(User.c.id).all();
    const { result, trips } = await db.record(async () => {
      const bios: (string | undefined)[] = [];
      for (const user of users) bios.push((await user.profile)?.bio);
      return bios;
    });

    expect(trips).toBe(1);
    expect(result).toEqual(['writes', undefined, undefined, 'reads', undefined]);
  });

  test('entities that came by key are peers too', async () => {
    const session = db.session();
    const users = await Promise.all([1, 2, 3].map((id) => session.get(User, id)));
    const { trips } = await db.record(async () => {
      for (const user of users) await user!.posts;
    });

    expect(trips).toBe(1);
  });

  test('a load serves the 500 from the one that asks', async () => {
    await db.run(
      `with recursive n(i) as (select 100 union all select i + 1 from n where i < 1299) insert into users (id, name) select i, 'u' || i from n`,
    );
    const users = await db.session().query(User).where(User.c.id.gte(100)).orderBy(User.c.id).all();
    const walk = async (): Promise<void> => {
      for (const user of users) await user.posts;
    };

    expect((await db.record(walk)).trips).toBe(3);
    expect((await db.record(walk)).trips).toBe(0);
  });

  test('what is loaded is not loaded again', async () => {
    const ann = (await db.session().get(User, 1))!;
    const first = await ann.posts;

    expect((await db.record(async () => ann.posts)).trips).toBe(0);
    expect(await ann.posts).toBe(first);
  });

  test('a failure reaches all who wait, and the next try starts anew', async () => {
    const users = await db.session().query(User).all();
    await db.run('alter table posts rename to hidden');
    const settled = await Promise.allSettled(users.map((user) => user.posts));

    expect(new Set(settled.map(({ status }) => status))).toEqual(new Set(['rejected']));
    await db.run('alter table hidden rename to posts');
    expect(await users[0]!.posts).toHaveLength(3);
  });

  describe('without I/O', () => {
    test('peek shows what is in memory', async () => {
      const ann = (await db.session().get(User, 1))!;

      expect(ann.posts.loaded).toBe(false);
      expect(ann.posts.peek()).toBeUndefined();
      expect(ann.profile.peek()).toBeUndefined();
      await ann.posts;
      expect(ann.posts.loaded).toBe(true);
      expect(ann.posts.peek()).toHaveLength(3);
    });

    test('items, value and subset say how to load what is not there', async () => {
      const session = db.session();
      const ann = (await session.get(User, 1))!;
      const profile = (await session.get(Profile, 7))!;
      const post = (await session.get(Post, 4))!;
      session.delete(ann);
      const read: [() => unknown, string][] = [
        [() => (ann.posts as unknown as { items: unknown }).items, 'User.posts.items'],
        [() => (ann.posts as unknown as { subset: unknown }).subset, 'User.posts.subset'],
        [() => (post.author as unknown as { value: unknown }).value, 'Post.author.value'],
      ];

      for (const [work, path] of read) {
        const relation = path.split('.')[1]!;
        const { error, calls } = await db.failure(work);
        expect(calls).toBe(0);
        expect(isCinnabarError(error, 'NotLoadedError') && error.message).toBe(
          `${path}: the relation of a ${path.split('.')[0]} (key: id) is not loaded. Await it, load it with the query: with({ ${relation}: true }), or session.load(entity, { ${relation}: true })`,
        );
      }
      expect((profile.user as unknown as { value: unknown }).value).toBe(ann);
    });

    test('an entity of no session cannot load', async () => {
      const session = db.session();
      const ann = (await session.get(User, 1))!;
      await session.close();
      const { error, calls } = await db.failure(() => ann.posts);

      expect(isCinnabarError(error, 'NotLoadedError') && error.message).toBe(
        'User.posts is not loaded, and a User (key: id) is in no session that could load it',
      );
      expect(calls).toBe(0);
    });
  });

  describe('load', () => {
    test('loads several relations, at any depth, in one trip, and says so in the type', async () => {
      const session = db.session();
      const ann = (await session.get(User, 1))!;
      const { result, trips } = await db.record(() => session.load(ann, { posts: { tags: true }, profile: true }));

      expect(trips).toBe(1);
      expect(result).toBe(ann);
      expect(result.posts.items.map((post) => post.tags.items.length)).toEqual([2, 0, 1]);
      expect(result.profile.value?.bio).toBe('writes');
    });

    test('leaves alone what is loaded: refresh() reads again', async () => {
      const session = db.session();
      const ann = await session.load((await session.get(User, 1))!, { posts: true });
      await db.run(`insert into posts (id, title, views, author_id) values (9, 'New', 0, 1)`);

      expect((await session.load(ann, { posts: true })).posts.items).toHaveLength(3);
      await session.refresh(ann);
      expect((await session.load(ann, { posts: true })).posts.items).toHaveLength(4);
    });

    test('many entities, and none', async () => {
      const session = db.session();
      const users = await session.query(User).orderBy(User.c.id).all();

      expect((await db.record(() => session.loadAll(users, { posts: true, manager: true }))).trips).toBe(1);
      expect((await db.record(() => session.loadAll([] as User[], { posts: true }))).trips).toBe(0);
    });

    test('a new entity with a key to a row that is there', async () => {
      const session = db.session();
      const post = new Post({ title: 'Draft', authorId: 2 });
      session.add(post);

      expect((await post.author).name).toBe('Bob');
      expect(await post.tags).toEqual([]);
    });

    test('a key that was changed leads to its new target, or to null', async () => {
      const session = db.session();
      const post = await session.load((await session.get(Post, 1))!, { author: true });
      post.authorId = 2;

      expect((post as Post).author.loaded).toBe(false);
      expect((await (post as Post).author).name).toBe('Bob');
      post.authorId = 99;
      expect(await (post as Post).author).toBeNull();
    });
  });
}
