import { and, asc, desc, eq, gt, lte, relations } from 'drizzle-orm-0.45';
import { BetterSQLiteSession } from 'drizzle-orm-0.45/better-sqlite3/session';
import { createTableRelationsHelpers, extractTablesRelationalConfig } from 'drizzle-orm-0.45/relations';
import { customType, integer, primaryKey, sqliteTable, text } from 'drizzle-orm-0.45/sqlite-core';
import { BaseSQLiteDatabase, SQLiteSyncDialect } from 'drizzle-orm-0.45/sqlite-core';
import { BetterSqlite } from '../cpu/better-sqlite.ts';
import {
  tellAuthor,
  tellTree,
  type AuthorLike,
  type CommentLike,
  type Contender,
  type PostLike,
} from '../cpu/contender.ts';
import { HUNDRED, newAuthor, newPost, nextAge, TEN, THOUSAND, type NewPost } from '../cpu/data.ts';
import { versionOf } from '../cpu/version.ts';

/** Dates as the tables have them. */
const instant = customType<{ data: Date; driverData: string }>({
  dataType: () => 'text',
  fromDriver: (value) => new Date(value),
  toDriver: (value) => value.toISOString(),
});

const authors = sqliteTable('authors', {
  id: integer().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  bio: text(),
  country: text().notNull(),
  age: integer().notNull(),
  active: integer({ mode: 'boolean' }).notNull(),
  createdAt: instant('created_at').notNull(),
  lastLogin: instant('last_login'),
});
const posts = sqliteTable('posts', {
  id: integer().primaryKey(),
  title: text().notNull(),
  body: text().notNull(),
  views: integer().notNull(),
  createdAt: instant('created_at').notNull(),
  authorId: integer('author_id').notNull(),
});
const comments = sqliteTable('comments', {
  id: integer().primaryKey(),
  body: text().notNull(),
  createdAt: instant('created_at').notNull(),
  postId: integer('post_id').notNull(),
});
const tags = sqliteTable('tags', { id: integer().primaryKey(), label: text().notNull() });
const postTags = sqliteTable(
  'post_tags',
  { postId: integer('post_id').notNull(), tagId: integer('tag_id').notNull() },
  (table) => [primaryKey({ columns: [table.postId, table.tagId] })],
);
const schema = {
  authors,
  posts,
  comments,
  authorRelations: relations(authors, ({ many }) => ({ posts: many(posts) })),
  postRelations: relations(posts, ({ one, many }) => ({
    author: one(authors, { fields: [posts.authorId], references: [authors.id] }),
    comments: many(comments),
  })),
  commentRelations: relations(comments, ({ one }) => ({
    post: one(posts, { fields: [comments.postId], references: [posts.id] }),
  })),
};

const postRow = (post: NewPost, authorId: number) => ({ ...post, authorId });
const hundreds = <T>(rows: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(rows.length / 100) }, (_, at) => rows.slice(at * 100, at * 100 + 100));

type Loaded = AuthorLike & { readonly posts: (PostLike & { readonly comments?: CommentLike[] })[] };

const tellLoaded = (levels: number) => (loaded: Loaded[]) =>
  tellTree({
    authors: loaded,
    posts: (author) => author.posts,
    ...(levels > 2 && { comments: (post: Loaded['posts'][number]) => post.comments! }),
  });

/** It knows better-sqlite3 alone: its session for that, on what looks like it. */
function connect(database: ConstructorParameters<typeof BetterSqlite>[0]) {
  const config = extractTablesRelationalConfig(schema, createTableRelationsHelpers);
  const known = { fullSchema: schema, schema: config.tables, tableNamesMap: config.tableNamesMap };
  const dialect = new SQLiteSyncDialect();
  const session = new BetterSQLiteSession(new BetterSqlite(database) as never, dialect, known as never);
  return new BaseSQLiteDatabase<'sync', unknown, typeof schema>('sync', dialect, session as never, known as never);
}

export const contender: Contender = {
  name: 'Drizzle',
  version: versionOf('drizzle-orm-0.45'),
  async open(database) {
    const db = connect(database);
    const load = (levels: 2 | 3): unknown =>
      db.query.authors.findMany({
        where: lte(authors.id, 100),
        with: {
          posts: { orderBy: asc(posts.id), ...(levels > 2 && { with: { comments: { orderBy: asc(comments.id) } } }) },
        },
      });
    return {
      'get by key': {
        run: async () => db.select().from(authors).where(eq(authors.id, 500)).get(),
        tell: tellAuthor,
      },
      'select 1,000': { run: () => db.select().from(authors), tell: (rows: AuthorLike[]) => rows.map(tellAuthor) },
      'load 100 × 10': { run: () => load(2), tell: tellLoaded(2) },
      'load 100 × 10 × 3': { run: () => load(3), tell: tellLoaded(3) },
      'insert 1,000': {
        run: () =>
          db.transaction((tx) =>
            hundreds(THOUSAND.map(newAuthor)).flatMap((some) =>
              tx.insert(authors).values(some).returning({ id: authors.id }).all(),
            ),
          ),
      },
      'insert 100 × 10': {
        run: () =>
          db.transaction((tx) => {
            const rows = HUNDRED.map(newAuthor);
            const made = tx.insert(authors).values(rows).returning({ id: authors.id }).all();
            const children = made.flatMap(({ id }) => TEN.map((at) => postRow(newPost(at), id)));
            for (const some of hundreds(children)) tx.insert(posts).values(some).returning({ id: posts.id }).all();
          }),
      },
      'change 1,000': {
        run: () => {
          const rows = db.select().from(authors).all();
          db.transaction((tx) => {
            for (const { id, age } of rows)
              tx.update(authors)
                .set({ age: nextAge(age) })
                .where(eq(authors.id, id))
                .run();
          });
        },
      },
      'compile 4 joins': {
        run: () =>
          db
            .select({ author: authors.name, post: posts.title, comment: comments.body, tag: tags.label })
            .from(authors)
            .innerJoin(posts, eq(posts.authorId, authors.id))
            .innerJoin(comments, eq(comments.postId, posts.id))
            .innerJoin(postTags, eq(postTags.postId, posts.id))
            .innerJoin(tags, eq(tags.id, postTags.tagId))
            .where(and(eq(authors.country, 'NO'), gt(posts.views, 3)))
            .orderBy(desc(posts.id))
            .limit(20)
            .toSQL().sql,
      },
    };
  },
};
