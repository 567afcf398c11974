// The program that is measured: one model with one relation, an insert and a query, a session, on D1.
import { createEngine, declarativeBase, integer, many, Session, text } from 'cinnabar';
import { d1, type D1Like } from 'cinnabar/d1';

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

export default {
  async fetch(_request: Request, env: { DB: D1Like }): Promise<Response> {
    const session = new Session(createEngine(d1(env.DB)));
    session.add(new User({ name: 'Ann', posts: [new Post({ title: 'Hello' })] }));
    await session.commit();
    return Response.json(await session.query(User).where(User.c.name.eq('Ann')).with({ posts: true }).all());
  },
};
