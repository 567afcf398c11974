import { type Dialect, type Generated, Kysely, PostgresDialect } from 'kysely';
import { PostgresJSDialect } from 'kysely-postgres-js';
import { Pool } from 'pg';
import postgresClient from 'postgres';
import type { Contender, Opened } from '../contender.ts';

interface Tables {
  authors: {
    id: Generated<string>;
    name: string;
    email: string;
    country: string;
    age: number;
    active: boolean;
    created_at: Date;
  };
  posts: { id: Generated<string>; title: string; body: string; views: number; created_at: Date; author_id: string };
  comments: { id: Generated<string>; body: string; created_at: Date; post_id: string };
}

function opened(dialect: Dialect): Opened {
  const database = new Kysely<Tables>({ dialect });
  return {
    commit: ({ posts, createdAt, ...author }) =>
      database.transaction().execute(async (tx) => {
        const made = await tx
          .insertInto('authors')
          .values({ ...author, active: true, created_at: createdAt })
          .returning('id')
          .executeTakeFirstOrThrow();
        const written = await tx
          .insertInto('posts')
          .values(
            posts.map(({ title, body, createdAt: at }) => ({
              title,
              body,
              views: 0,
              created_at: at,
              author_id: made.id,
            })),
          )
          .returning('id')
          .execute();
        const comments = posts.flatMap((post, at) =>
          post.comments.map((each) => ({ body: each.body, created_at: each.createdAt, post_id: written[at]!.id })),
        );
        await tx.insertInto('comments').values(comments).execute();
      }),
    close: () => database.destroy(),
  };
}

export default {
  name: 'Kysely',
  open: {
    'pg': async (connectionString) => opened(new PostgresDialect({ pool: new Pool({ connectionString, max: 1 }) })),
    'postgres.js': async (url) => opened(new PostgresJSDialect({ postgres: postgresClient(url, { max: 1 }) })),
  },
} satisfies Contender;
