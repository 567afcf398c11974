import { findRepeats, isCinnabarError, createEngine, lazyLoad, lazyLoads, raiseLoad, Session, strict } from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { givenUsers, Model, Post, User } from '../read/models.ts';

/** Where awaiting a relation may not load it, and what tells where it does. */
export function strictCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenUsers(db);
  });

  const refusal = (path: string): string => {
    const relation = path.split('.')[1]!;
    return `${path} of a User (key: id) was awaited and is not loaded, where loading on demand is refused. Load it with the query: with({ ${relation}: true }), or session.load(entity, { ${relation}: true }); with({ ${relation}: lazyLoad() }) allows it`;
  };

  test('a strict session refuses every load on demand, and none that is asked for', async () => {
    const session = strict(db.session());
    const users = await session.query(User).orderBy(User.c.id).with({ posts: true }).all();
    const { error, calls } = await db.failure(() => users[0]!.reports);

    expect(isCinnabarError(error, 'NotLoadedError') && [error.message, error.model, error.attributes]).toEqual([
      refusal('User.reports'),
      'User',
      ['reports'],
    ]);
    expect(calls).toBe(0);
    expect(await users[0]!.posts).toHaveLength(3);
    // What is in memory is no load.
    expect((await users[0]!.posts.items[0]!.author).name).toBe('Ann');
    expect((await session.load(users[0]!, { reports: true })).reports.items).toHaveLength(2);
  });

  test('a strict query refuses it of its entities, at any depth', async () => {
    const session = db.session();
    const [ann] = await strict(session.query(User)).where(User.c.id.eq(1)).with({ posts: true }).all();
    const other = await session.query(Post).where(Post.c.id.eq(4)).one();

    expect(isCinnabarError((await db.failure(() => ann!.posts.items[0]!.tags)).error, 'NotLoadedError')).toBe(true);
    expect(await other.tags).toHaveLength(1);
  });

  test('raiseLoad() refuses one relation, lazyLoad() allows one', async () => {
    const session = strict(db.session());
    const users = await session.query(User).orderBy(User.c.id).with({ posts: lazyLoad() }).all();
    expect((await db.record(async () => users[1]!.posts)).result).toHaveLength(1);
    expect(isCinnabarError((await db.failure(() => users[1]!.profile)).error, 'NotLoadedError')).toBe(true);

    const easy = db.session();
    const [ann] = await easy.query(User).orderBy(User.c.id).with({ posts: raiseLoad() }).all();
    const { error } = await db.failure(() => ann!.posts);
    expect(isCinnabarError(error, 'NotLoadedError') && error.message).toBe(refusal('User.posts'));
    expect(await ann!.reports).toHaveLength(2);
  });

  test('the peers of an entity that may load are loaded with it, those that may not are not asked', async () => {
    const session = db.session();
    const users = await session.query(User).orderBy(User.c.id).all();
    const [bob] = await session.query(User).where(User.c.id.eq(2)).with({ posts: raiseLoad() }).all();
    expect(isCinnabarError((await db.failure(() => bob!.posts)).error, 'NotLoadedError')).toBe(true);
    expect(await users[0]!.posts).toHaveLength(3);
  });

  test('lazyLoads() tells what was awaited, how often, and what to write instead', async () => {
    const session = db.session();
    const loads = lazyLoads(session);
    for (const id of [1, 2, 3]) await (await session.get(User, id))!.posts;
    const users = await session.query(User).orderBy(User.c.id).all();
    for (const user of users) await user.profile;

    expect(loads()).toEqual([
      { model: 'User', relation: 'posts', times: 3, fix: 'query(User).with({ posts: true })' },
      { model: 'User', relation: 'profile', times: 1, fix: 'query(User).with({ profile: true })' },
    ]);
  });

  test('findRepeats() tells which statements went many times, each in a trip of its own', async () => {
    const repeats = findRepeats();
    const session = new Session(createEngine(db.driver, { log: repeats.log }));
    for (const id of [1, 2, 3, 4]) await session.get(User, id);
    await session.query(Post).all();

    expect(repeats.found()).toEqual([
      { sql: expect.stringContaining('from "users" where "users"."id" = ') as string, trips: 4 },
    ]);
  });
}
