import { isCinnabarError, joinedLoad, jsonLoad, parts, select } from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { Bird, Dog, givenUsers, givenZoo, Keeper, Model, Post, Tag, User, Zoo } from '../read/models.ts';

/** Several parts of one relation in one query. */
export function namedPartCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenUsers(db);
  });

  const best = select(Post).orderBy(Post.c.views.desc()).limit(1);
  const few = select(Post).where(Post.c.views.lt(15)).orderBy(Post.c.id);

  test('each is under its name, in the same trip, and none is the whole', async () => {
    const {
      result: [ann, bob],
      trips,
      sql,
    } = await db.record(() =>
      db
        .session()
        .query(User)
        .orderBy(User.c.id)
        .limit(2)
        .with({ posts: parts({ best, few, tagged: few.with({ tags: true }) }), profile: true })
        .all(),
    );

    expect([trips, sql.length]).toEqual([1, 6]);
    expect(ann!.posts.parts.best.map((post) => post.title)).toEqual(['One']);
    expect(ann!.posts.parts.few.map((post) => post.title)).toEqual(['Two']);
    expect(bob!.posts.parts.tagged[0]!.tags.items.map((tag) => tag.label)).toEqual(['sql']);
    expect((ann as User).posts.loaded).toBe(false);
    expect((ann as User).posts.peek()).toBeUndefined();
    const { error } = await db.failure(() => (ann as unknown as { posts: { subset: unknown } }).posts.subset);
    expect(isCinnabarError(error, 'NotLoadedError')).toBe(true);
  });

  test('of subclasses, with relations that these alone have', async () => {
    const zoo = await freshDatabase(await open(), Zoo.metadata);
    await givenZoo(zoo);
    const { result, trips } = await zoo.record(() =>
      zoo
        .session()
        .query(Keeper)
        .orderBy(Keeper.c.id)
        .with({
          animals: parts({ dogs: select(Dog).with({ keeper: true }), birds: select(Bird).where(Bird.c.wings.gt(1)) }),
        })
        .all(),
    );

    expect(trips).toBe(1);
    expect(result.map((keeper) => keeper.animals.parts.dogs.map((dog) => [dog.barks, dog.keeper.value?.name]))).toEqual(
      [[[9, 'Kim']], []],
    );
    expect(result.map((keeper) => keeper.animals.parts.birds.map((bird) => bird.wings))).toEqual([[], [2]]);
  });

  test('in a way of their own', async () => {
    const { result, trips, sql } = await db.record(() =>
      db
        .session()
        .query(User)
        .orderBy(User.c.id)
        .limit(2)
        .with({ posts: jsonLoad(parts({ best, few })) })
        .all(),
    );

    expect([trips, sql.length]).toEqual([1, 1]);
    expect(result.map((user) => [user.posts.parts.best.length, user.posts.parts.few.length])).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  test('of a to-one relation', async () => {
    const posts = await db
      .session()
      .query(Post)
      .orderBy(Post.c.id)
      .with({
        editor: parts({
          ann: select(User).where(User.c.name.eq('Ann')),
          bob: select(User).where(User.c.name.eq('Bob')),
        }),
      })
      .all();

    expect(posts.map(({ editor }) => [editor.parts.ann.length, editor.parts.bob.length])).toEqual([
      [0, 1],
      [0, 0],
      [1, 0],
      [1, 0],
    ]);
  });

  test('of two paths to one relation, two nameless parts are refused before any I/O: one would pass for the other', async () => {
    const query = db.session().query(User);
    const twice = query.with({ posts: best, reports: { posts: few } });
    const { error, calls } = await db.failure(() => twice.all());

    expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
      'with(): two parts of User.posts in one query; give them names: posts: parts({ … })',
    );
    expect(calls).toBe(0);
    // The same part on both paths says the same of every user.
    const [ann] = await query
      .orderBy(User.c.id)
      .with({ posts: best, reports: { posts: best } })
      .all();
    expect([ann!.posts.subset.length, ann!.reports.items[0]!.posts.subset.length]).toEqual([1, 1]);
  });

  test('names within names, and a whole among them, are refused', async () => {
    const query = db.session().query(User);
    for (const asked of [parts({ all: true }), parts({ best: parts({ best }) }), parts({ tags: select(Tag) })]) {
      const { error, calls } = await db.failure(() => query.with({ posts: asked } as never).all());
      expect(isCinnabarError(error, 'ConfigurationError')).toBe(true);
      expect(calls).toBe(0);
    }
  });

  test('a later query replaces the part of its name alone', async () => {
    const session = db.session();
    const query = session.query(User).where(User.c.id.eq(1));
    await query.with({ posts: parts({ best, few }) }).one();
    const ann = await query.with({ posts: joinedLoad(parts({ few: best })) }).one();

    expect(ann.posts.parts.few.map((post) => post.title)).toEqual(['One']);
    expect((ann.posts.parts as unknown as { best: Post[] }).best.map((post) => post.title)).toEqual(['One']);
  });
}
