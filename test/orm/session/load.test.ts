import { createClient } from '@libsql/client';
import {
  createAll,
  createEngine,
  declarativeBase,
  integer,
  many,
  one,
  serialize,
  Session,
  text,
  type Engine,
} from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { expect, test } from 'vitest';

const Model = declarativeBase();
class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  get posts() {
    return many(Post);
  },
}) {}
class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  userId: integer().references('users.id'),
  get user() {
    return one(User);
  },
  get comments() {
    return many(Comment);
  },
}) {}
class Comment extends Model('comments', {
  id: integer().primaryKey(),
  body: text(),
  postId: integer().references('posts.id'),
}) {}

async function given(): Promise<{ readonly engine: Engine; readonly session: Session }> {
  const engine = createEngine(libsql(createClient({ url: ':memory:' })));
  await createAll(engine, Model.metadata);
  return { engine, session: new Session(engine) };
}

test('load() of what was just committed sends nothing', async () => {
  const { session } = await given();
  const post = new Post({ title: 'Hello', user: new User({ name: 'Ann' }) });
  session.add(post);
  await session.commit();

  const loaded = await session.load(post, { user: true });
  expect(serialize(loaded, { user: true })).toMatchObject({ user: { name: 'Ann' } });
  expect(session.roundTrips).toBe(1);
});

test('load() sends only what is missing, at any depth, in one round trip', async () => {
  const { engine, session } = await given();
  session.add(
    new User({ name: 'Ann', posts: [new Post({ title: 'Hello', comments: [new Comment({ body: 'Hi' })] })] }),
  );
  await session.commit();

  const other = new Session(engine);
  const user = await other.query(User).with({ posts: true }).one();
  const loaded = await other.load(user, { posts: { comments: true, user: true } });
  expect(loaded.posts.items.map((item) => item.comments.items.map((comment) => comment.body))).toEqual([['Hi']]);
  expect(other.roundTrips).toBe(2);
});
