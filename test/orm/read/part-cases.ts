import { isCinnabarError, select, sql } from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { givenUsers, Model, Post, Tag, User } from './models.ts';

/** Parts of a relation: a select of the target instead of `true`. */
export function partCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenUsers(db);
  });

  test('a filter and an order, for each parent', async () => {
    const part = select(Post).where(Post.c.views.gt(5)).orderBy(Post.c.views.desc());
    const { result, trips } = await db.record(() =>
      db.session().query(User).orderBy(User.c.id).limit(2).with({ posts: part }).all(),
    );

    expect(trips).toBe(1);
    expect(result.map((user) => user.posts.subset.map((post) => post.views))).toEqual([[30, 20, 10], []]);
  });

  test('LIMIT and OFFSET count within each parent', async () => {
    await db.run(`insert into posts (id, title, views, author_id) values (5, 'Five', 7, 2), (6, 'Six', 7, 2)`);
    const part = select(Post).orderBy(Post.c.views.desc()).limit(1).offset(1);
    const {
      result,
      trips,
      sql: sent,
    } = await db.record(() => db.session().query(User).orderBy(User.c.id).with({ posts: part }).all());

    expect(trips).toBe(1);
    expect(sent[1]).toContain(
      'row_number() over (partition by "posts"."author_id" order by "posts"."views" desc, "posts"."id" desc) as "number"',
    );
    expect(result.map((user) => user.posts.subset.map((post) => post.id))).toEqual([[3], [5], [], [], []]);
  });

  test('LIMIT 0 and OFFSET alone', async () => {
    const query = db.session().query(User).where(User.c.id.eq(1));

    expect((await query.with({ posts: select(Post).limit(0) }).one()).posts.subset).toEqual([]);
    expect((await query.with({ posts: select(Post).offset(2) }).one()).posts.subset.map((post) => post.id)).toEqual([
      3,
    ]);
  });

  test('further relations of a part, limited or not', async () => {
    const tagged = select(Post).orderBy(Post.c.id.desc()).limit(2).with({ tags: true, editor: true });
    const { result, trips } = await db.record(() =>
      db.session().query(User).orderBy(User.c.id).limit(2).with({ posts: tagged }).all(),
    );

    expect(trips).toBe(1);
    expect(result.map((user) => user.posts.subset.map((post) => post.tags.items.map((tag) => tag.label)))).toEqual([
      [['big'], []],
      [['sql']],
    ]);
    expect(result[0]!.posts.subset[0]!.editor.value).toBe(result[0]);
  });

  test('a part within a part', async () => {
    const one = select(Tag).orderBy(Tag.c.label).limit(1);
    const { result, trips } = await db.record(() =>
      db
        .session()
        .query(User)
        .with({ posts: select(Post).orderBy(Post.c.id).limit(1).with({ tags: one }) })
        .orderBy(User.c.id)
        .limit(2)
        .all(),
    );

    expect(trips).toBe(1);
    expect(result.map((user) => user.posts.subset.map((post) => post.tags.subset.map((tag) => tag.label)))).toEqual([
      [['edge']],
      [['sql']],
    ]);
  });

  test('a part of a many-to-many', async () => {
    const { result, trips } = await db.record(() =>
      db
        .session()
        .query(Tag)
        .orderBy(Tag.c.id)
        .with({ posts: select(Post).where(Post.c.views.lt(10)) })
        .all(),
    );

    expect(trips).toBe(1);
    expect(result.map((tag) => tag.posts.subset.map((post) => post.id))).toEqual([[4], [], []]);
  });

  test('a part of a to-one relation: the target where it meets the condition', async () => {
    const { result, trips } = await db.record(() =>
      db
        .session()
        .query(Post)
        .orderBy(Post.c.id)
        .with({ editor: select(User).where(User.c.name.ne('Ann')) })
        .all(),
    );

    expect(trips).toBe(1);
    expect(result.map((post) => post.editor.subset.map((user) => user.name))).toEqual([['Bob'], [], [], []]);
  });

  test('a part never passes for the whole', async () => {
    const user = await db
      .session()
      .query(User)
      .where(User.c.id.eq(1))
      .with({ posts: select(Post).limit(1) })
      .one();

    expect((user as User).posts.loaded).toBe(false);
    expect((user as User).posts.peek()).toBeUndefined();
    expect(await (user as User).posts).toHaveLength(3);
    expect(user.posts.subset).toHaveLength(1);
  });

  test('a part with text of its own is not repeated: what lies beyond it takes a second trip', async () => {
    const odd = select(Post)
      .where(db.by({ sqlite: sql<boolean>`abs(random()) % 2 = 0`, postgres: sql<boolean>`random() < 0.5` }))
      .with({ tags: true });

    for (let round = 0; round < 20; round++) {
      const { result, trips } = await db.record(() => db.session().query(User).with({ posts: odd }).all());
      const posts = result.flatMap((user) => user.posts.subset);
      expect(trips).toBe(posts.length > 0 ? 2 : 1);
      const labels: Record<number, number> = { 1: 2, 2: 0, 3: 1, 4: 1 };
      for (const post of posts) expect(post.tags.items).toHaveLength(labels[post.id]!);
    }
  });

  test('a select of another model is refused before any I/O', async () => {
    const { error, calls } = await db.failure(() =>
      db
        .session()
        .query(User)
        // @ts-expect-error tags are no posts
        .with({ posts: select(Tag) })
        .all(),
    );

    expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
      'with().posts: expected a select of Post, got one of Tag',
    );
    expect(calls).toBe(0);
  });
}
