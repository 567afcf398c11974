import { boolean, declarativeBase, integer, many, one, text, timestamp } from '../../src/index.ts';

/** What the measured programs store: authors, their posts, and the comments on those. */
export const Model = declarativeBase();

export class Author extends Model('authors', {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique(),
  bio: text().nullable(),
  country: text(),
  age: integer(),
  active: boolean().default(true),
  createdAt: timestamp(),
  lastLogin: timestamp().nullable(),
  get posts() {
    return many(Post, { by: 'authorId' });
  },
}) {}

export class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  body: text(),
  views: integer().default(0),
  createdAt: timestamp(),
  authorId: integer().references('authors.id'),
  get author() {
    return one(Author, { by: 'authorId' });
  },
  get comments() {
    return many(Comment, { by: 'postId' });
  },
}) {}

export class Comment extends Model('comments', {
  id: integer().primaryKey(),
  body: text(),
  createdAt: timestamp(),
  postId: integer().references('posts.id'),
  get post() {
    return one(Post, { by: 'postId' });
  },
}) {}

export class Audit extends Model('audits', {
  id: integer().primaryKey(),
  action: text(),
  at: timestamp(),
  authorId: integer().references('authors.id'),
  get author() {
    return one(Author, { by: 'authorId' });
  },
}) {}

const instant = `'2026-01-02T03:04:05.678Z'`;

/** SQL for that many authors, with posts and comments for each, keys from 1. */
export function seed(authors: number, posts: number, comments: number): string[] {
  const upTo = (count: number): string =>
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`;
  const author =
    `insert into authors (name, email, bio, country, age, active, created_at, last_login)` +
    ` ${upTo(authors)} select 'author ' || i, 'a' || i || '@example.org', null, 'NO', 20 + i % 50, i % 2 = 1, ${instant}, null from n`;
  const post =
    `insert into posts (title, body, views, created_at, author_id)` +
    ` ${upTo(posts)} select 'post ' || a.id || '.' || i, 'body of ' || i, i, ${instant}, a.id from n, authors a order by i, a.id`;
  const comment =
    `insert into comments (body, created_at, post_id)` +
    ` ${upTo(comments)} select 'comment ' || p.id || '.' || i, ${instant}, p.id from n, posts p order by i, p.id`;
  return [...(authors > 0 ? [author] : []), ...(posts > 0 ? [post] : []), ...(comments > 0 ? [comment] : [])];
}

export const tables = ['authors', 'posts', 'comments', 'audits'] as const;
