// The models of the demo. No driver here: the same file serves libSQL, D1, Node, Deno, Bun and Workers.
import { boolean, declarativeBase, index, integer, many, one, text, timestamp } from 'cinnabar';

export const Model = declarativeBase();

export class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique().nullable(),
  managerId: integer().nullable().references('users.id'),
  get manager() {
    return one(User, { by: 'managerId' }).nullable();
  },
  get reports() {
    return many(User, { by: 'managerId' });
  },
  get posts() {
    return many(Post, { by: 'authorId' });
  },
}) {
  get greeting(): string {
    return `Hello, ${this.name}`;
  }
}

export class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  published: boolean().default(false),
  createdAt: timestamp().default(() => new Date()),
  version: integer().version(),
  authorId: integer().references('users.id', { onDelete: 'cascade' }),
  get author() {
    return one(User, { by: 'authorId' });
  },
  get tags() {
    return many(Tag, { through: 'post_tags' });
  },
}).constrain((c) => ({ indexes: [index(c.authorId)] })) {}

export class Tag extends Model('tags', {
  id: integer().primaryKey(),
  label: text().unique(),
  get posts() {
    return many(Post, { through: 'post_tags' });
  },
}) {}
