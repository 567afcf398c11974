import { aggregateOf, count, countOf, countsOf, isCinnabarError, max, paginate, select } from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { givenUsers, Model, Post, Tag, User } from '../read/models.ts';

/** Counts and aggregates of a relation, without loading it. */
export function countCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenUsers(db);
  });

  test('in a select: collections, to the same table, over a link table, with a condition', async () => {
    const rows = await db.engine.all(
      select({
        name: User.c.name,
        posts: countOf(User.c.posts),
        read: countOf(User.c.posts, Post.c.views.gt(15)),
        reports: countOf(User.c.reports),
        best: aggregateOf(User.c.posts, max(Post.c.views)),
        last: aggregateOf(User.c.reports, max(User.c.id), User.c.name.ne('Cid')),
      })
        .from(User)
        .orderBy(User.c.id),
    );

    expect(rows).toEqual([
      { name: 'Ann', posts: 3, read: 2, reports: 2, best: 30, last: 2 },
      { name: 'Bob', posts: 1, read: 0, reports: 1, best: 5, last: 4 },
      { name: 'Cid', posts: 0, read: 0, reports: 0, best: null, last: null },
      { name: 'Dot', posts: 0, read: 0, reports: 0, best: null, last: null },
      { name: 'Eve', posts: 0, read: 0, reports: 0, best: null, last: null },
    ]);
    expect(
      await db.engine.all(
        select({ id: Tag.c.id, posts: countOf(Tag.c.posts) })
          .from(Tag)
          .orderBy(Tag.c.id),
      ),
    ).toEqual([
      { id: 1n, posts: 2 },
      { id: 2n, posts: 1 },
      { id: 9_007_199_254_740_993n, posts: 1 },
    ]);
  });

  test('in a condition and an order, of parents that are read twice in one trip, and of pages', async () => {
    const query = db
      .session()
      .query(User)
      .where(countOf(User.c.posts).plus(countOf(User.c.reports)).gt(0))
      .orderBy(countOf(User.c.posts).desc());
    const { result, trips } = await db.record(() => query.limit(2).with({ posts: true }).all());
    expect([trips, ...result.map((user) => user.posts.items.length)]).toEqual([1, 3, 1]);

    const first = await paginate(query, { size: 1, count: true });
    const second = await paginate(query, { size: 1, after: first.next });
    expect([first.count, first.items[0]!.name, second.items[0]!.name, second.next]).toEqual([2, 'Ann', 'Bob', null]);
  });

  test('an entity with a count beside it', async () => {
    const rows = await db.session().all(
      select({ user: User, posts: countOf(User.c.posts) })
        .from(User)
        .orderBy(User.c.id)
        .limit(2),
    );

    expect(rows.map(({ user, posts }) => [user.name, posts])).toEqual([
      ['Ann', 3],
      ['Bob', 1],
    ]);
  });

  test('of entities in memory, in one trip and one statement; pending ones have none', async () => {
    const session = db.session();
    const users = await session.query(User).orderBy(User.c.id).all();
    const fresh = new User({ name: 'New' });
    session.add(fresh);
    fresh.posts.add(new Post({ title: 'Draft' }));
    const { result, trips, sql } = await db.record(() => countsOf(session, [...users, fresh], User.c.posts));

    expect([trips, sql.length]).toEqual([1, 1]);
    expect([...result].map(([user, posts]) => [user.name, posts])).toEqual([
      ['Ann', 3],
      ['Bob', 1],
      ['Cid', 0],
      ['Dot', 0],
      ['Eve', 0],
      ['New', 0],
    ]);
    expect(users.every((user) => !user.posts.loaded)).toBe(true);
    expect((await countsOf(session, users, User.c.posts, Post.c.views.gt(25))).get(users[0]!)).toBe(1);
    expect((await db.record(() => countsOf(session, [fresh], User.c.posts))).trips).toBe(0);
  });

  test('bad input', async () => {
    const session = db.session();
    const tag = await session.query(Tag).where(Tag.c.label.eq('sql')).one();
    for (const work of [
      () => countOf(User.c.name as never),
      () => countOf(User as never),
      () => aggregateOf(User.c.posts, 'max' as never),
      () => aggregateOf({} as never, count()),
      () => countsOf(session, [tag as never], User.c.posts),
      () => countsOf(db.session(), [tag], Tag.c.posts),
    ]) {
      const { error, calls } = await db.failure(work);
      expect(isCinnabarError(error, 'ConfigurationError')).toBe(true);
      expect(calls).toBe(0);
    }
  });
}
