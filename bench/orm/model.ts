import { boolean, declarativeBase, integer, many, text, timestamp } from '../../src/index.ts';

export const Model = declarativeBase();

// Three levels, whose keys the database makes.
export class Author extends Model('authors', {
  id: integer().primaryKey(),
  name: text(),
  country: text(),
  get posts() {
    return many(Post);
  },
}) {}
export class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  views: integer(),
  authorId: integer().references('authors.id'),
  get comments() {
    return many(Comment);
  },
}) {}
export class Comment extends Model('comments', {
  id: integer().primaryKey(),
  body: text(),
  score: integer(),
  postId: integer().references('posts.id'),
}) {}

/** A row of ten columns. */
export class Item extends Model('items', {
  id: integer().primaryKey(),
  name: text(),
  code: text(),
  price: integer(),
  stock: integer(),
  note: text().nullable(),
  active: boolean(),
  createdAt: timestamp(),
  weight: integer(),
  place: text(),
}) {}
