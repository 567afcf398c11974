import { declarativeBase, integer, many, one, text } from 'cinnabar';
import type { TestDatabase } from '../../support/database.ts';

export const Model = declarativeBase();

export class Author extends Model('authors', {
  id: integer().primaryKey(),
  name: text(),
  motto: text().nullable(),
  get books() {
    return many(Book, { cascade: 'orphans' });
  },
  get essays() {
    return many(Essay);
  },
}) {}

export class Book extends Model('books', {
  id: integer().primaryKey(),
  title: text(),
  pages: integer().default(0),
  version: integer().version(),
  authorId: integer().references('authors.id'),
  get author() {
    return one(Author);
  },
  get genres() {
    return many(Genre, { through: 'book_genres' });
  },
}) {}

export class Essay extends Model('essays', {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer().nullable().references('authors.id'),
  get author() {
    return one(Author).nullable();
  },
}) {}

export class Genre extends Model('genres', {
  id: integer().primaryKey(),
  label: text(),
  get books() {
    return many(Book, { through: 'book_genres' });
  },
}) {}

export class Seat extends Model('seats', {
  hall: text().primaryKey(),
  number: integer().primaryKey({ generated: false }),
  guest: text().nullable(),
}) {}

/** Ann with two books, of which the first has two genres; Bob with one book and an essay. */
export async function givenBooks(db: TestDatabase): Promise<void> {
  await db.run(
    `insert into authors (id, name, motto) values (1, 'Ann', null), (2, 'Bob', 'brief')`,
    `insert into books (id, title, pages, version, author_id) values (1, 'One', 10, 1, 1), (2, 'Two', 20, 1, 1), (3, 'Three', 30, 1, 2)`,
    `insert into essays (id, title, author_id) values (1, 'Why', 2)`,
    `insert into genres (id, label) values (1, 'crime'), (2, 'essay'), (3, 'poem')`,
    `insert into book_genres (book_id, genre_id) values (1, 1), (1, 2)`,
    `insert into seats (hall, number, guest) values ('a', 1, 'Ann'), ('a', 2, null), ('b', 1, 'Bob')`,
  );
  await db.advanceKeys();
}
