// The measured query in Drizzle. JavaScript, because its types are there only where its package is installed.
import { alias, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { and, desc, eq, gte, inArray, isNull } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/sqlite-proxy';

const authors = sqliteTable('authors', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull(),
  bio: text('bio'),
  country: text('country').notNull(),
  age: integer('age').notNull(),
  active: integer('active', { mode: 'boolean' }).notNull(),
  createdAt: text('created_at').notNull(),
  lastLogin: text('last_login'),
});
const posts = sqliteTable('posts', {
  id: integer('id').primaryKey(),
  title: text('title').notNull(),
  body: text('body').notNull(),
  views: integer('views').notNull(),
  createdAt: text('created_at').notNull(),
  authorId: integer('author_id').notNull(),
});
const comments = sqliteTable('comments', {
  id: integer('id').primaryKey(),
  body: text('body').notNull(),
  createdAt: text('created_at').notNull(),
  postId: integer('post_id').notNull(),
});
const audits = sqliteTable('audits', {
  id: integer('id').primaryKey(),
  action: text('action').notNull(),
  at: text('at').notNull(),
  authorId: integer('author_id').notNull(),
});
const reviewer = alias(authors, 'reviewer');

const db = drizzle(() => Promise.resolve({ rows: [] }));

/** Builds the query and compiles it. */
export function fourJoins(age, countries) {
  return db
    .select({
      id: comments.id,
      body: comments.body,
      title: posts.title,
      views: posts.views,
      author: authors.name,
      email: authors.email,
      reviewer: reviewer.name,
      action: audits.action,
    })
    .from(comments)
    .innerJoin(posts, eq(posts.id, comments.postId))
    .innerJoin(authors, eq(authors.id, posts.authorId))
    .leftJoin(audits, eq(audits.authorId, authors.id))
    .leftJoin(reviewer, eq(reviewer.id, audits.id))
    .where(and(gte(authors.age, age), inArray(authors.country, countries), isNull(authors.lastLogin)))
    .orderBy(desc(posts.views), comments.id)
    .limit(20)
    .offset(40)
    .toSQL();
}
