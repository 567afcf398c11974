import { call, contains, integer, length, now, recursive, select, Session, sql } from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { givenUsers, Model, Post, User, WHOLE_NUMBERS } from './models.ts';

/** Parents that a second run of the query might not find again: their relations go by key, in a trip of their own. */
export function fallbackCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenUsers(db);
  });

  test('a fragment of SQL in the condition', async () => {
    const {
      result,
      trips,
      sql: sent,
    } = await db.record(() =>
      db
        .session()
        .query(User)
        .where(sql<boolean>`length(${User.c.name}) = ${3} and random() <> 0`)
        .with({ posts: { tags: true } })
        .all(),
    );

    expect(trips).toBe(2);
    expect(sent[0]).toBe(
      'select "users"."id", "users"."name", "users"."manager_id" from "users" where length("users"."name") = ' +
        `${db.by({ sqlite: 'cast(?1 as integer)', postgres: '$1::text::bigint' })} and random() <> 0`,
    );
    expect(sent[1]).toContain(`where "posts"."author_id" in ${db.by(WHOLE_NUMBERS)} order by "posts"."id"`);
    expect(sent).toHaveLength(3);
    expect(result.map((user) => user.posts.items.map((post) => post.tags.items.length))).toEqual([
      [2, 0, 1],
      [1],
      [],
      [],
      [],
    ]);
  });

  test('a function of the program’s choice', async () => {
    const length = call('length', integer(), User.c.name);
    const { trips } = await db.record(() => db.session().query(User).where(length.eq(3)).with({ posts: true }).all());

    expect(trips).toBe(2);
  });

  test('such text within a subquery, a CTE or a recursive CTE of the condition', async () => {
    const odd = select({ id: User.c.id }).where(sql<boolean>`random() <> 0`);
    const sub = odd.subquery('sub');
    const cte = odd.cte('cte');
    const tree = recursive('tree', odd, (self) =>
      select({ id: User.c.id }).from(User).innerJoin(self, User.c.managerId.eq(self.c.id)),
    );
    for (const source of [sub, cte, tree]) {
      const ids = select({ id: source.c.id }).from(source);
      const { result, trips } = await db.record(() =>
        db.session().query(User).where(User.c.id.in(ids)).with({ posts: true }).all(),
      );
      expect([result.length, trips]).toEqual([5, 2]);
    }
  });

  test('a fragment in the ORDER BY matters only where the rows are cut off', async () => {
    const query = db
      .session()
      .query(User)
      .orderBy(sql`random()`);

    expect((await db.record(() => query.with({ posts: true }).all())).trips).toBe(1);
    for (let round = 0; round < 10; round++) {
      const { result, trips } = await db.record(() => query.limit(2).with({ posts: true }).all());
      expect(trips).toBe(2);
      const posts: Record<number, number> = { 1: 3, 2: 1 };
      for (const user of result) expect(user.posts.items).toHaveLength(posts[user.id] ?? 0);
    }
  });

  test('no parents, no second trip', async () => {
    const { trips } = await db.record(() =>
      db
        .session()
        .query(User)
        .where(sql<boolean>`1 = 0`)
        .with({ posts: true })
        .all(),
    );

    expect(trips).toBe(1);
  });

  test('functions of a known meaning are repeated', async () => {
    const posts = select({ id: Post.c.authorId }).from(Post).where(Post.c.views.gt(5));
    for (const condition of [User.c.id.in(posts), contains(User.c.name, 'n'), length(User.c.name).minus(1).gt(1)]) {
      const { trips } = await db.record(() => db.session().query(User).where(condition).with({ posts: true }).all());
      expect(trips).toBe(1);
    }
  });

  test('but the instant at which a statement runs is another in the next one', async () => {
    const { trips } = await db.record(() =>
      db
        .session()
        .query(User)
        .where(now().gt(new Date(0)))
        .with({ posts: true })
        .all(),
    );

    expect(trips).toBe(2);
  });

  test('a session counts what its driver counted', async () => {
    const session = new Session(db.engine);
    db.driver.clear();
    await session
      .query(User)
      .where(sql<boolean>`1 = 1`)
      .with({ posts: true })
      .all();
    await session.query(User).all();

    expect([session.roundTrips, db.driver.trips]).toEqual([3, 3]);
  });
}
