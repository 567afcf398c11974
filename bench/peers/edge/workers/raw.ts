import type { FakeD1 } from '../tape.ts';

export async function work(database: FakeD1): Promise<unknown> {
  await database.prepare('insert into users (name) values (?) returning id').bind('new').all();
  const [users, posts] = await database.batch([
    database.prepare('select id, name from users where id <= 10'),
    database.prepare('select id, title, user_id from posts where user_id <= 10 order by id'),
  ]);
  return users!.results.map((user) => ({
    ...user,
    posts: posts!.results.filter((post) => post['user_id'] === user['id']).map(({ id, title }) => ({ id, title })),
  }));
}
