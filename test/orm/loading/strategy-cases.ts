import {
  batchLoad,
  explainLoading,
  isCinnabarError,
  joinedLoad,
  jsonLoad,
  lazyLoad,
  type LoadEvent,
  recursiveLoad,
  select,
  selectInLoad,
  serialize,
  sql,
  watchLoads,
} from 'cinnabar';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { givenUsers, Model, Post, Tag, User } from '../read/models.ts';

/** How a relation is loaded, said for each path: the same entities, in as many trips and statements as the way takes. */
export function strategyCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenUsers(db);
  });

  const ways = { batch: batchLoad, join: joinedLoad, json: jsonLoad, selectIn: selectInLoad } as const;
  const costs = { batch: [1, 2], join: [1, 1], json: [1, 1], selectIn: [2, 2] } as const;

  describe.for(Object.keys(ways) as (keyof typeof ways)[])('%s', (way) => {
    const by = ways[way];

    test('a collection', async () => {
      const {
        result,
        trips,
        sql: sent,
      } = await db.record(() =>
        db
          .session()
          .query(User)
          .orderBy(User.c.id)
          .with({ posts: by(true) })
          .all(),
      );

      expect([trips, sent.length]).toEqual(costs[way]);
      expect(result.map((user) => user.posts.items.map((post) => post.title))).toEqual([
        ['One', 'Two', 'Three'],
        ['Four'],
        [],
        [],
        [],
      ]);
      expect(Object.keys(result[0]!)).toEqual(['id', 'name', 'managerId']);
    });

    test('a to-one relation, null where there is none, to the same table', async () => {
      const { result, trips } = await db.record(() =>
        db
          .session()
          .query(User)
          .orderBy(User.c.id)
          .with({ manager: by(true) })
          .all(),
      );

      expect(trips).toBe(way === 'selectIn' ? 2 : 1);
      expect(result.map((user) => user.manager.value?.name)).toEqual([undefined, 'Ann', 'Ann', 'Bob', undefined]);
      expect(result[1]!.manager.value).toBe(result[0]);
    });

    test('the far side of a one-to-one', async () => {
      const users = await db
        .session()
        .query(User)
        .orderBy(User.c.id)
        .with({ profile: by(true) })
        .all();

      expect(users.map((user) => user.profile.value?.bio)).toEqual([
        'writes',
        undefined,
        undefined,
        'reads',
        undefined,
      ]);
    });

    test('a many-to-many, both ways', async () => {
      const tags = await db
        .session()
        .query(Tag)
        .orderBy(Tag.c.id)
        .with({ posts: by({ tags: by(true) }) })
        .all();

      expect(tags.map((tag) => tag.posts.items.map((post) => post.tags.items.map((other) => other.label)))).toEqual([
        [['sql', 'edge'], ['sql']],
        [['sql', 'edge']],
        [['big']],
      ]);
      expect(tags[2]!.id).toBe(9_007_199_254_740_993n);
    });

    test('the order that the relation has', async () => {
      const [ann] = await db
        .session()
        .query(User)
        .orderBy(User.c.id)
        .with({ ranked: by(true) })
        .all();

      expect(ann!.ranked.items.map((post) => post.views)).toEqual([10, 20, 30]);
    });

    test('of parents that are cut off', async () => {
      const { result, trips } = await db.record(() =>
        db
          .session()
          .query(User)
          .orderBy(User.c.name.desc())
          .limit(2)
          .offset(2)
          .with({ reports: by(true), posts: by(true) })
          .all(),
      );

      expect(trips).toBe(way === 'selectIn' ? 2 : 1);
      expect(result.map((user) => [user.name, user.reports.items.length, user.posts.items.length])).toEqual([
        ['Cid', 0, 0],
        ['Bob', 1, 1],
      ]);
    });

    test('a part, in subset', async () => {
      const part = select(Post).where(Post.c.views.gt(5)).orderBy(Post.c.views.desc());
      const users = await db
        .session()
        .query(User)
        .orderBy(User.c.id)
        .with({ posts: by(part) })
        .all();

      expect(users.map((user) => user.posts.subset.map((post) => post.views))).toEqual([[30, 20, 10], [], [], [], []]);
      expect((users[0] as User).posts.loaded).toBe(false);
    });

    test('a part that is cut off for each parent', async () => {
      const part = select(Post).orderBy(Post.c.views.desc()).limit(2);
      const users = await db
        .session()
        .query(User)
        .orderBy(User.c.id)
        .with({ posts: by(part) })
        .all();

      expect(users.map((user) => user.posts.subset.map((post) => post.views))).toEqual([[30, 20], [5], [], [], []]);
    });

    test('parents that the program joined, so that they come several times', async () => {
      const users = await db
        .session()
        .query(User)
        .join(User.c.posts)
        .orderBy(User.c.id, Post.c.id)
        .with({ reports: by(true) })
        .all();

      expect(users.map((user) => [user.id, user.reports.items.length])).toEqual([
        [1, 2],
        [1, 2],
        [1, 2],
        [2, 1],
      ]);
    });

    test('parents that may not be read twice', async () => {
      const { result, trips } = await db.record(() =>
        db
          .session()
          .query(User)
          .where(sql<boolean>`random() <> 0`)
          .orderBy(User.c.id)
          .with({ posts: by({ tags: by(true) }) })
          .all(),
      );

      expect(trips).toBe({ batch: 2, join: 1, json: 1, selectIn: 3 }[way]);
      expect(result[0]!.posts.items.map((post) => post.tags.items.length)).toEqual([2, 0, 1]);
    });
  });

  test('ways differ from path to path, and an embedded relation leads on by queries of their own', async () => {
    const {
      result,
      trips,
      sql: sent,
    } = await db.record(() =>
      db
        .session()
        .query(Post)
        .orderBy(Post.c.id)
        .with({ author: joinedLoad({ reports: true, profile: jsonLoad(true) }), tags: jsonLoad({ posts: true }) })
        .all(),
    );

    expect([trips, sent.length]).toEqual([1, 3]);
    expect(result.map((post) => post.author.value.reports.items.length)).toEqual([2, 2, 2, 1]);
    expect(result[0]!.author.value.profile.value?.bio).toBe('writes');
    expect(result[0]!.tags.items.map((tag) => tag.posts.items.map((post) => post.id))).toEqual([[1, 4], [1]]);
  });

  test('what a row shows is the row alone: an entity read by a join is clean and can be changed', async () => {
    const session = db.session();
    const posts = await session
      .query(Post)
      .orderBy(Post.c.id)
      .with({ author: joinedLoad(true), tags: jsonLoad(true) })
      .all();
    expect((await db.record(() => session.commit())).trips).toBe(0);
    posts[0]!.title = 'Uno';
    posts[0]!.author.value.name = 'Anna';
    posts[0]!.tags.items[1]!.label = 'Edge';
    await session.commit();

    expect(await db.values('select title from posts where id = 1')).toEqual(['Uno']);
    expect(await db.values('select name from users where id = 1')).toEqual(['Anna']);
    expect(await db.values('select label from tags where id = 2')).toEqual(['Edge']);
  });

  test('a relation of the model to itself, so many levels deep, in one trip', async () => {
    const { result, trips } = await db.record(() =>
      db
        .session()
        .query(User)
        .where(User.c.managerId.isNull())
        .orderBy(User.c.id)
        .with({ reports: recursiveLoad(2) })
        .all(),
    );

    expect(trips).toBe(1);
    expect(result.map((user) => user.reports.items.map((one) => one.reports.items.map((two) => two.name)))).toEqual([
      [['Dot'], []],
      [],
    ]);
    expect((result[0]!.reports.items[0]!.reports.items[0] as User).reports.loaded).toBe(false);
  });

  test('a recursive load of another model is refused', async () => {
    const query = db.session().query(User);
    const { error, calls } = await db.failure(() => query.with({ posts: recursiveLoad(2) } as never).all());

    expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
      'with().posts: User.posts leads to Post, which has no such relation',
    );
    expect(calls).toBe(0);
  });

  test('explainLoading() says which way each would go, and why another than was asked for', () => {
    const query = db.session().query(User);
    const top = select(Post).limit(1);

    expect(explainLoading(query.with({ posts: true, profile: joinedLoad(true), reports: jsonLoad(true) }))).toEqual([
      { model: 'User', relation: 'posts', strategy: 'batch' },
      { model: 'User', relation: 'profile', strategy: 'join' },
      { model: 'User', relation: 'reports', strategy: 'json' },
    ]);
    expect(explainLoading(query.with({ posts: joinedLoad(top), manager: lazyLoad() }))).toEqual([
      {
        model: 'User',
        relation: 'posts',
        strategy: 'batch',
        instead: { of: 'join', because: 'the part is locked, or cut off for each parent' },
      },
      { model: 'User', relation: 'manager', strategy: 'lazy' },
    ]);
    expect(explainLoading(query.where(sql<boolean>`random() <> 0`).with({ posts: true }))).toEqual([
      {
        model: 'User',
        relation: 'posts',
        strategy: 'selectIn',
        instead: { of: 'batch', because: 'its parents cannot be read twice' },
      },
    ]);
  });

  test('watchLoads() tells each as it goes', async () => {
    const session = db.session();
    const events: LoadEvent[] = [];
    const stop = watchLoads(session, (event) => events.push(event));
    const [ann] = await session
      .query(User)
      .orderBy(User.c.id)
      .with({ posts: selectInLoad({ tags: true }) })
      .all();
    await ann!.profile;
    stop();
    await ann!.reports;

    expect(events.map(({ relation, strategy }) => [relation, strategy])).toEqual([
      ['posts', 'selectIn'],
      ['tags', 'batch'],
      ['profile', 'selectIn'],
    ]);
  });

  test('two calls of with() ask for both; what contradicts is refused', async () => {
    const query = db.session().query(User).orderBy(User.c.id);
    const [ann] = await query
      .with({ posts: { tags: true } })
      .with({ posts: true, profile: true })
      .with({ posts: { editor: true } })
      .all();

    expect(ann!.posts.items[0]!.tags.items).toHaveLength(2);
    expect(ann!.posts.items[0]!.editor.value?.name).toBe('Bob');
    for (const contradiction of [select(Post).limit(1), joinedLoad(true)]) {
      const { error } = await db.failure(() =>
        query
          .with({ posts: { tags: true } })
          .with({ posts: contradiction })
          .all(),
      );
      expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
        "with(): 'posts' is asked for twice, in two ways; say it once",
      );
    }
  });

  test('whatever the ways, the entities are the same', { timeout: 120_000 }, async () => {
    const way = fc.constantFrom(...Object.values(ways), (asked: unknown) => asked);
    const relations = {
      User: ['manager', 'reports', 'posts', 'ranked', 'profile'],
      Post: ['author', 'editor', 'tags'],
    };
    const targets: Readonly<Record<string, 'User' | 'Post' | undefined>> = {
      manager: 'User',
      reports: 'User',
      posts: 'Post',
      ranked: 'Post',
      author: 'User',
      editor: 'User',
    };
    interface Tree {
      readonly plain: object;
      readonly asked: unknown;
    }
    const trees = (of: 'User' | 'Post' | undefined, depth: number): fc.Arbitrary<Tree> => {
      const names = of && depth > 0 ? fc.subarray(relations[of]) : fc.constant([]);
      return names.chain((some) =>
        fc.tuple(...some.map((name) => fc.tuple(way, trees(targets[name], depth - 1)))).map((inner) => ({
          plain: Object.fromEntries(some.map((name, at) => [name, inner[at]![1].plain])),
          asked: Object.fromEntries(some.map((name, at) => [name, inner[at]![0](inner[at]![1].asked as object)])),
        })),
      );
    };
    const limit = fc.option(fc.integer({ min: 0, max: 4 }), { nil: 9 });
    const read = async (asked: unknown, plain: object, most: number): Promise<unknown> => {
      const users = await db
        .session()
        .query(User)
        .orderBy(User.c.name)
        .limit(most)
        .with(asked as {})
        .all();
      return users.map((user) => serialize(user as never, plain));
    };

    await fc.assert(
      fc.asyncProperty(trees('User', 3), limit, async ({ plain, asked }, most) => {
        expect(await read(asked, plain, most)).toEqual(await read(plain, plain, most));
      }),
      { numRuns: 60 },
    );
  });
}
