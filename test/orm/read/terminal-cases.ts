import { isCinnabarError, type Query } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { givenUsers, Model, Post, User } from './models.ts';

/** What ends a query. */
export function terminalCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenUsers(db);
  });
  const users = (): Query<User> => db.session().query(User);

  test('first reads one row, or null', async () => {
    const { result, sql } = await db.record(() => users().orderBy(User.c.name.desc()).first());

    expect(result?.name).toBe('Eve');
    expect(sql).toEqual([
      'select "users"."id", "users"."name", "users"."manager_id" from "users" order by "users"."name" desc, "users"."id" desc ' +
        db.by({ sqlite: 'limit ?1', postgres: 'limit $1::text::bigint' }),
    ]);
    expect(await users().where(User.c.id.gt(9)).first()).toBeNull();
    expect(await users().limit(0).first()).toBeNull();
    expect((await users().offset(4).first())?.id).toBe(5);
  });

  test('one and oneOrNull read two, to tell', async () => {
    expect((await users().where(User.c.name.eq('Bob')).one()).id).toBe(2);
    expect((await users().filterBy({ name: 'Bob', managerId: 1 }).oneOrNull())?.id).toBe(2);
    expect(await users().filterBy({ name: 'Nobody' }).oneOrNull()).toBeNull();
    expect((await users().orderBy(User.c.id).limit(1).one()).id).toBe(1);
    const none = await db.failure(() => users().filterBy({ name: 'Nobody' }).one());
    const several = await db.failure(() => users().one());

    expect(isCinnabarError(none.error, 'NoResultFound') && none.error.message).toBe(
      'one(): no User meets the conditions',
    );
    expect(isCinnabarError(several.error, 'MultipleResultsFound') && several.error.message).toBe(
      'more than one User meets the conditions; use first() or all()',
    );
  });

  test.for([
    ['all rows', (query) => query, 5],
    ['a condition', (query) => query.where(User.c.managerId.eq(1)), 2],
    ['a relation condition', (query) => query.where(User.c.posts.some()), 2],
    ['an order, which does not matter', (query) => query.orderBy(User.c.name), 5],
    ['LIMIT', (query) => query.limit(3), 3],
    ['LIMIT 0', (query) => query.limit(0), 0],
    ['LIMIT beyond the end', (query) => query.limit(9), 5],
    ['OFFSET', (query) => query.offset(2), 3],
    ['LIMIT and OFFSET', (query) => query.orderBy(User.c.name).limit(2).offset(4), 1],
    ['relations to load, which do not matter', (query) => query.with({ posts: true }), 5],
  ] as [string, (query: Query<User>) => Query<User>, number][])(
    'count and exists with %s',
    async ([, cut, expected]) => {
      const counted = await db.record(() => cut(users()).count());
      const checked = await db.record(() => cut(users()).exists());

      expect([counted.result, counted.trips, counted.sql.length]).toEqual([expected, 1, 1]);
      expect([checked.result, checked.trips, checked.sql.length]).toEqual([expected > 0, 1, 1]);
    },
  );

  test('a query is a value: each call leaves the one before as it was', async () => {
    const all = users();
    const some = all.where(User.c.id.lt(3));
    some.orderBy(User.c.id.desc()).limit(1);

    expect(await some.count()).toBe(2);
    expect(await all.count()).toBe(5);
  });

  test('filterBy takes columns, null and to-one relations', async () => {
    const session = db.session();
    const [ann, bob] = await session.query(User).orderBy(User.c.id).all();
    const posts = session.query(Post).orderBy(Post.c.id);
    const titles = async (query: Query<Post>): Promise<string[]> => (await query.all()).map((post) => post.title);

    expect(await titles(posts.filterBy({ author: ann! }))).toEqual(['One', 'Two', 'Three']);
    expect(await titles(posts.filterBy({ author: ann!, editor: bob! }))).toEqual(['One']);
    expect(await titles(posts.filterBy({ editorId: null }))).toEqual(['Two']);
    expect(await titles(posts.filterBy({ editor: null, views: 10 }))).toEqual(['Two']);
    expect(await titles(posts.filterBy({}))).toHaveLength(4);
  });

  test.for([
    ['undefined', { title: undefined }, 'InvalidValueError'],
    ['an operator in disguise', { title: { ne: 'x' } }, 'InvalidValueError'],
    ['what is no attribute', { nope: 1 }, 'ConfigurationError'],
    ['a key of every object', { constructor: 1 }, 'ConfigurationError'],
    ['a collection', { tags: [] }, 'ConfigurationError'],
    ['a new entity', { author: new User({ name: 'New' }) }, 'InvalidValueError'],
    ['a forged prototype', JSON.parse('{"__proto__": {"title": "One"}}') as object, 'ConfigurationError'],
  ] as const)('filterBy refuses %s before any I/O', async ([, values, code]) => {
    const { error, calls } = await db.failure(() =>
      db
        .session()
        .query(Post)
        .filterBy(values as never)
        .all(),
    );

    expect(isCinnabarError(error) && error.code).toBe(code);
    expect(calls).toBe(0);
  });

  test('relations that are not there are refused with those that are', async () => {
    const { error, calls } = await db.failure(() => users().with({ nope: true } as never));

    expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
      "with(): User has no relation 'nope'; it has manager, reports, posts, ranked, profile",
    );
    expect(calls).toBe(0);
  });

  describe('loadOnly', () => {
    test('reads the columns, the key, and what leads to relations', async () => {
      const { result, sql } = await db.record(() =>
        db.session().query(Post).loadOnly('title').orderBy(Post.c.id).all(),
      );

      expect(sql).toEqual([
        'select "posts"."id", "posts"."title", "posts"."author_id", "posts"."editor_id" from "posts" order by "posts"."id"',
      ]);
      expect(Object.hasOwn(result[0]!, 'views')).toBe(false);
      expect((await result[0]!.author).name).toBe('Ann');
    });

    test('goes with relations', async () => {
      const { result, trips } = await db.record(() =>
        db.session().query(Post).loadOnly('views').with({ author: true, tags: true }).orderBy(Post.c.id).all(),
      );

      expect(trips).toBe(1);
      expect(result.map((post) => [post.author.value.name, post.tags.items.length])).toEqual([
        ['Ann', 2],
        ['Ann', 0],
        ['Ann', 1],
        ['Bob', 1],
      ]);
    });

    test('changes what was read, and only that', async () => {
      const session = db.session();
      const post = await session.query(Post).loadOnly('title').where(Post.c.id.eq(1)).one();
      post.title = 'Uno';
      await session.commit();

      expect(await db.rows('select title, views from posts where id = 1')).toEqual([['Uno', 30]]);
    });

    test('refuses what is no column', async () => {
      const { error } = await db.failure(() => users().loadOnly('nope' as never));

      expect(isCinnabarError(error, 'ConfigurationError') && error.message).toContain("has no column 'nope'");
    });
  });

  describe('stream', () => {
    beforeEach(async () => {
      await db.run(
        `with recursive n(i) as (select 10 union all select i + 1 from n where i < 2509) insert into posts (id, title, views, author_id) select i, 't' || (i % 3), i % 7, 1 + i % 2 from n`,
      );
    });
    const ids = async (query: Query<Post>): Promise<number[]> => {
      const seen: number[] = [];
      for await (const post of query.stream()) seen.push(post.id);
      return seen;
    };
    const posts = (): Query<Post> => db.session().query(Post);

    test.for([
      ['by key', (query) => query, 3],
      ['by an order with ties', (query) => query.orderBy(Post.c.views), 3],
      ['by a descending order with ties', (query) => query.orderBy(Post.c.title.desc(), Post.c.views.desc()), 3],
      ['by orders of both directions', (query) => query.orderBy(Post.c.title.desc(), Post.c.views), 3],
      ['with a condition', (query) => query.where(Post.c.views.gt(2)), 2],
      ['with LIMIT and OFFSET', (query) => query.orderBy(Post.c.views.desc()).limit(1500).offset(7), 2],
      ['of as many as a chunk has', (query) => query.limit(1000), 1],
      ['of nothing', (query) => query.where(Post.c.id.lt(0)), 1],
    ] as [string, (query: Query<Post>) => Query<Post>, number][])('%s', async ([, cut, trips]) => {
      const expected = (await cut(posts()).all()).map((post) => post.id);
      const streamed = await db.record(() => ids(cut(posts())));

      expect(streamed.trips).toBe(trips);
      expect(new Set(streamed.result)).toEqual(new Set(expected));
      expect(streamed.result).toHaveLength(expected.length);
    });

    test('in the order of the query', async () => {
      const query = posts().orderBy(Post.c.views.desc());
      const streamed = await ids(query);
      const all = await query.limit(9999).all();

      expect(streamed).toEqual(all.map((post) => post.id));
    });

    test('stops reading where the program stops', async () => {
      const { trips } = await db.record(async () => {
        for await (const post of posts().stream()) if (post.id === 20) break;
      });

      expect(trips).toBe(1);
    });

    test('with relations, chunk by chunk', async () => {
      let count = 0;
      const { trips } = await db.record(async () => {
        for await (const post of posts().with({ author: true }).stream()) count += post.author.value.id > 0 ? 1 : 0;
      });

      expect([count, trips]).toEqual([2504, 3]);
    });

    test('by the rows as they were read, whatever the program makes of them', async () => {
      const session = db.session();
      let count = 0;
      for await (const post of session.query(Post).orderBy(Post.c.views).stream()) {
        post.views = 99;
        count++;
      }

      expect(count).toBe(2504);
    });

    test('by columns that loadOnly leaves out', async () => {
      let count = 0;
      for await (const post of posts().loadOnly('title').orderBy(Post.c.views).stream()) count += post.id > 0 ? 1 : 0;

      expect(count).toBe(2504);
    });

    test('not by what may be null or is no column: refused before any I/O', async () => {
      for (const by of [Post.c.editorId, Post.c.views.plus(1), Post.c.views.asc().nullsFirst()]) {
        const { error, calls } = await db.failure(() => ids(posts().orderBy(by)));
        expect(isCinnabarError(error, 'ConfigurationError')).toBe(true);
        expect(calls).toBe(0);
      }
    });
  });

  test('signals and deadlines reach the driver', async () => {
    const { error } = await db.failure(() => users().all({ signal: AbortSignal.abort() }));
    const late = await db.failure(() => users().count({ deadline: Date.now() - 1 }));

    expect(isCinnabarError(error, 'TimeoutError')).toBe(true);
    expect(isCinnabarError(late.error, 'TimeoutError')).toBe(true);
  });
}
