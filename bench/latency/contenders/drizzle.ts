import { drizzle as onPg } from 'drizzle-orm/node-postgres';
import { bigint, boolean, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { drizzle as onPostgres } from 'drizzle-orm/postgres-js';
import { Pool } from 'pg';
import postgresClient from 'postgres';
import type { Contender, Opened } from '../contender.ts';

const key = () => bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity();
const instant = (name: string) => timestamp(name, { withTimezone: true }).notNull();

const authors = pgTable('authors', {
  id: key(),
  name: text().notNull(),
  email: text().notNull().unique(),
  bio: text(),
  country: text().notNull(),
  age: bigint({ mode: 'number' }).notNull(),
  active: boolean().notNull(),
  createdAt: instant('created_at'),
});
const posts = pgTable('posts', {
  id: key(),
  title: text().notNull(),
  body: text().notNull(),
  views: bigint({ mode: 'number' }).notNull(),
  createdAt: instant('created_at'),
  authorId: bigint('author_id', { mode: 'number' }).notNull(),
});
const comments = pgTable('comments', {
  id: key(),
  body: text().notNull(),
  createdAt: instant('created_at'),
  postId: bigint('post_id', { mode: 'number' }).notNull(),
});

type Database = Pick<ReturnType<typeof onPg>, 'transaction'>;

function opened(database: Database, close: () => Promise<unknown>): Opened {
  return {
    commit: ({ posts: given, ...author }) =>
      database.transaction(async (tx) => {
        const [made] = await tx
          .insert(authors)
          .values({ ...author, active: true })
          .returning({ id: authors.id });
        const written = await tx
          .insert(posts)
          .values(given.map(({ title, body, createdAt }) => ({ title, body, createdAt, views: 0, authorId: made!.id })))
          .returning({ id: posts.id });
        await tx
          .insert(comments)
          .values(given.flatMap((post, at) => post.comments.map((each) => ({ ...each, postId: written[at]!.id }))));
      }),
    close,
  };
}

export default {
  name: 'Drizzle 1.0-rc',
  open: {
    'pg': async (connectionString) => {
      const pool = new Pool({ connectionString, max: 1 });
      return opened(onPg({ client: pool }), () => pool.end());
    },
    'postgres.js': async (url) => {
      const sql = postgresClient(url, { max: 1 });
      return opened(onPostgres({ client: sql }) as unknown as Database, () => sql.end());
    },
  },
} satisfies Contender;
