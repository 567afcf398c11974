import { declarativeBase, index, integer, many, one, text, timestamp } from 'cinnabar';

export const Model = declarativeBase({ columns: { createdAt: timestamp().default(() => new Date()) } });

export class Author extends Model('authors', {
  id: integer().primaryKey(),
  name: text().unique(),
  get posts() {
    return many(Post, { by: 'authorId' });
  },
}) {}

export class Post extends Model(
  'posts',
  {
    id: integer().primaryKey(),
    title: text(),
    body: text(),
    updatedAt: timestamp().nullable(),
    /** Goes up with every change, so that nobody overwrites what they have not seen. */
    version: integer().version(),
    authorId: integer().references('authors.id'),
    get author() {
      return one(Author, { by: 'authorId' });
    },
    get tags() {
      return many(Tag, { through: 'post_tags', orderBy: 'label' });
    },
  },
  { unique: [['authorId', 'title']] },
).constrain((c) => ({ indexes: [index(c.createdAt.desc(), c.id.desc())] })) {}

export class Tag extends Model('tags', {
  id: integer().primaryKey(),
  label: text().unique(),
  get posts() {
    return many(Post, { through: 'post_tags' });
  },
}) {}
