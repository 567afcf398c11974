import { Kysely, ParseJSONResultsPlugin, type Generated } from 'kysely';
import { D1Dialect } from 'kysely-d1';
import { jsonArrayFrom } from 'kysely/helpers/sqlite';
import type { FakeD1 } from '../tape.ts';

interface Tables {
  readonly users: { id: Generated<number>; name: string };
  readonly posts: { id: Generated<number>; title: string; user_id: number };
}

export async function work(database: FakeD1): Promise<unknown> {
  const db = new Kysely<Tables>({
    dialect: new D1Dialect({ database: database as never }),
    plugins: [new ParseJSONResultsPlugin()],
  });
  await db.insertInto('users').values({ name: 'new' }).returning('id').execute();
  return db
    .selectFrom('users')
    .select(['users.id', 'users.name'])
    .select((outer) =>
      jsonArrayFrom(
        outer
          .selectFrom('posts')
          .select(['posts.id', 'posts.title'])
          .whereRef('posts.user_id', '=', 'users.id')
          .orderBy('posts.id'),
      ).as('posts'),
    )
    .where('users.id', '<=', 10)
    .execute();
}
