import { asc, lte, relations } from 'drizzle-orm-0.45';
import { drizzle } from 'drizzle-orm-0.45/d1';
import { integer, sqliteTable, text } from 'drizzle-orm-0.45/sqlite-core';
import type { FakeD1 } from '../tape.ts';

const users = sqliteTable('users', { id: integer().primaryKey(), name: text().notNull() });
const posts = sqliteTable('posts', {
  id: integer().primaryKey(),
  title: text().notNull(),
  userId: integer('user_id').notNull(),
});
const schema = {
  users,
  posts,
  userRelations: relations(users, ({ many }) => ({ posts: many(posts) })),
  postRelations: relations(posts, ({ one }) => ({
    user: one(users, { fields: [posts.userId], references: [users.id] }),
  })),
};

export async function work(database: FakeD1): Promise<unknown> {
  const db = drizzle(database as never, { schema });
  await db.insert(users).values({ name: 'new' }).returning({ id: users.id });
  return db.query.users.findMany({
    where: lte(users.id, 10),
    with: { posts: { columns: { id: true, title: true }, orderBy: asc(posts.id) } },
  });
}
