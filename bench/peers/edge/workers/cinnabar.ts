import { createEngine, declarativeBase, integer, many, Session, text } from 'cinnabar';
import { d1 } from 'cinnabar/d1';
import type { FakeD1 } from '../tape.ts';

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
}) {}

export async function work(database: FakeD1): Promise<unknown> {
  const session = new Session(createEngine(d1(database as never)));
  session.add(new User({ name: 'new' }));
  await session.commit();
  const users = await session.query(User).where(User.c.id.lte(10)).with({ posts: true }).all();
  return users.map(({ id, name, posts }) => ({
    id,
    name,
    posts: posts.items.map((post) => ({ id: post.id, title: post.title })),
  }));
}
