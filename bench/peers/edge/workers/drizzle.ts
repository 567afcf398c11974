import { defineRelations } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { FakeD1 } from '../tape.ts';

const users = sqliteTable('users', { id: integer().primaryKey(), name: text().notNull() });
const posts = sqliteTable('posts', {
  id: integer().primaryKey(),
  title: text().notNull(),
  userId: integer('user_id').notNull(),
});
const relations = defineRelations({ users, posts }, (r) => ({
  users: { posts: r.many.posts({ from: r.users.id, to: r.posts.userId }) },
}));

export async function work(database: FakeD1): Promise<unknown> {
  const db = drizzle(database as never, { relations });
  await db.insert(users).values({ name: 'new' }).returning({ id: users.id });
  return db.query.users.findMany({
    where: { id: { lte: 10 } },
    with: { posts: { columns: { id: true, title: true }, orderBy: { id: 'asc' } } },
  });
}
