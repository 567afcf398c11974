import { expectTypeOf, test } from 'vitest';
import {
  count,
  createAll,
  createEngine,
  insert,
  select,
  Session,
  update,
  type Driver,
  type Engine,
  type Entity,
  type Values,
} from 'cinnabar';
import { Admin, Model, Post, Tag, User, type PostId, type UserId } from './models.ts';

declare const interactive: Driver<true>;
declare const batchOnly: Driver<false>;
declare const any: Driver;
declare const session: Session;
declare const engine: Engine;
declare const user: User;

test('batch: one answer for each statement, on a session and on an engine', async () => {
  const statements = [
    select(User).with({ posts: true }),
    select({ n: count() }).from(Post),
    insert(Tag).values({ label: 'x' }).returning({ id: Tag.c.id }),
  ] as const;
  const [users, counts, ids] = await session.batch([...statements]);
  expectTypeOf(users[0]!.posts.items[0]!.id).toEqualTypeOf<PostId>();
  expectTypeOf(counts).toEqualTypeOf<{ n: number }[]>();
  expectTypeOf(ids).toEqualTypeOf<{ id: bigint }[]>();
  const [posts, tags] = await engine.batch([select(Post), select({ id: Tag.c.id }).from(Tag)]);
  expectTypeOf(posts).toEqualTypeOf<Values<Post>[]>();
  expectTypeOf(tags).toEqualTypeOf<{ id: bigint }[]>();
  const list = [1, 2].map((views) => select({ n: count() }).from(Post).where(Post.c.views.eq(views)));
  expectTypeOf(await session.batch(list)).toExtend<readonly { n: number }[][]>();
  // @ts-expect-error two statements, two answers
  const [, , third] = await session.batch([select(Post), select(Tag)]);
  // @ts-expect-error a write without returning() has no rows
  void session.batch([insert(Tag).values({ label: 'x' })]);
  // @ts-expect-error a model is no statement
  void session.batch([User]);
  // @ts-expect-error a list
  void session.batch(select(User), select(Post));
  return third;
});

test('transactions where the driver has them', () => {
  const session = new Session(createEngine(interactive));
  expectTypeOf(session.interactive).toEqualTypeOf<true>();
  expectTypeOf(session.transaction(async (tx) => tx.nested(async () => 1))).resolves.toEqualTypeOf<number>();
  void session.transaction(async () => {}, { isolation: 'serializable', retries: 3 });
  void session.transaction((tx) => tx.flush());
  // @ts-expect-error no such isolation
  void session.transaction(async () => {}, { isolation: 'chaos' });
  // @ts-expect-error the work returns a promise
  void session.transaction(() => 1);
});

test('no transactions where it has not', () => {
  const session = new Session(createEngine(batchOnly));
  expectTypeOf(session.interactive).toEqualTypeOf<false>();
  void session.commit();
  // @ts-expect-error this driver has no interactive transactions
  void session.transaction(async () => {});
  // @ts-expect-error and no flush
  void session.flush();
  // @ts-expect-error and no savepoints
  void session.nested(async () => {});
});

test('isInteractive() tells a session of any driver', async () => {
  const session = new Session(createEngine(any));
  expectTypeOf(session.interactive).toEqualTypeOf<boolean>();
  if (session.isInteractive()) await session.transaction(async () => session.commit());
  // @ts-expect-error not before it was asked
  void session.transaction(async () => {});
});

test('a function that takes any session takes each, and one that needs transactions does not', () => {
  const anySession = (session: Session): Promise<void> => session.commit();
  const needs = (session: Session<true>): Promise<void> => session.transaction(async () => {});
  void anySession(new Session(createEngine(interactive)));
  void anySession(new Session(createEngine(batchOnly)));
  void needs(new Session(createEngine(interactive)));
  // @ts-expect-error this driver has no interactive transactions
  void needs(new Session(createEngine(batchOnly)));
  // @ts-expect-error nobody asked
  void needs(new Session(createEngine(any)));
});

test('entities, and what is none', () => {
  session.add(user);
  session.addAll([user, {} as Post, {} as Admin]);
  session.addAll(new Set<Entity>([user]));
  session.delete(user);
  // @ts-expect-error a list is no entity: addAll
  session.add([user]);
  // @ts-expect-error an entity is no list: add
  session.addAll(user);
  // @ts-expect-error a copy is no entity
  // oxlint-disable-next-line typescript/no-misused-spread -- the misuse itself
  session.add({ ...user });
  // @ts-expect-error a class is no entity
  session.add(User);
  // @ts-expect-error null is no entity
  session.delete(null);
  // @ts-expect-error plain data is no entity
  void session.refresh({ id: 1 });
});

test('what reads by key may be told when to end', () => {
  const until = { signal: new AbortController().signal, deadline: 5 };
  expectTypeOf(session.get(User, 1 as UserId, until)).resolves.toEqualTypeOf<User | null>();
  void session.load(user, { posts: true }, until);
  void session.loadAll([user], { posts: true }, until);
  void session.refresh(user, until);
  // @ts-expect-error a deadline is a number, not a date
  void session.get(User, 1 as UserId, { deadline: new Date() });
  // @ts-expect-error a signal is that of a controller
  void session.refresh(user, { signal: new AbortController() });
  // @ts-expect-error there is no timeout: a deadline is a moment
  void session.load(user, { posts: true }, { timeout: 5 });
});

test('an engine makes no entities: a model yields plain rows', async () => {
  const [user] = await engine.all(select(User));
  expectTypeOf(user!.name).toEqualTypeOf<string>();
  expectTypeOf(user!).toEqualTypeOf<Values<User>>();
  const [row] = await engine.all(
    select({ user: User, post: Post, seen: User.c.createdAt }).from(User).leftJoin(Post, Post.c.authorId.eq(User.c.id)),
  );
  expectTypeOf(row!).toEqualTypeOf<{ user: Values<User>; post: Values<Post> | null; seen: Date }>();
  const [changed] = await engine.all(update(User).set({ name: 'x' }).allRows().returning());
  expectTypeOf(changed!).toEqualTypeOf<Values<User>>();
  const [part] = await engine.all(select(User).loadOnly('name'));
  expectTypeOf(part!).toEqualTypeOf<{ id: UserId; name: string }>();
  // @ts-expect-error a method is of the class
  void user!.greeting;
  // @ts-expect-error a relation is of the class
  void user!.posts;
  // @ts-expect-error a plain row is no entity
  session.add(user!);
});

test('engines', async () => {
  await createAll(engine, Model.metadata);
  expectTypeOf(createEngine(interactive)).toEqualTypeOf<Engine<true>>();
  expectTypeOf(engine.roundTrips).toEqualTypeOf<number>();
  // @ts-expect-error a driver, not its client
  createEngine({});
  // @ts-expect-error the metadata, not the base
  void createAll(engine, Model);
  // @ts-expect-error a session is on an engine, not on a driver
  void new Session(any);
});

test('`await using` closes a session', async () => {
  await using scoped = new Session(engine);
  scoped.add(user);
});
