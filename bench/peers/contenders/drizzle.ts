import { and, defineRelations, desc, eq, gt, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-sqlite';
import { customType, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
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

const relations = defineRelations({ authors, posts, comments, tags, postTags }, (r) => ({
  authors: { posts: r.many.posts({ from: r.authors.id, to: r.posts.authorId }) },
  posts: { comments: r.many.comments({ from: r.posts.id, to: r.comments.postId }) },
}));

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

/** @param prepared whether statements that can be are prepared once, and its mappers of rows made as code. */
function make(name: string, prepared: boolean): Contender {
  return {
    name,
    version: versionOf('drizzle-orm'),
    async open(database) {
      const db = drizzle({ client: database, relations, ...(prepared && { jit: true }) });
      const byKey = db
        .select()
        .from(authors)
        .where(eq(authors.id, sql.placeholder('id')))
        .prepare();
      const all = db.select().from(authors).prepare();
      const query = (levels: 2 | 3) =>
        db.query.authors.findMany({
          where: { id: { lte: 100 } },
          with: {
            posts: { orderBy: { id: 'asc' }, ...(levels > 2 && { with: { comments: { orderBy: { id: 'asc' } } } }) },
          },
        });
      const trees = { 2: query(2).prepare(), 3: query(3).prepare() };
      const load = (levels: 2 | 3): unknown => (prepared ? trees[levels].execute() : query(levels));
      return {
        'get by key': {
          run: async () =>
            prepared ? byKey.get({ id: 500 }) : db.select().from(authors).where(eq(authors.id, 500)).get(),
          tell: tellAuthor,
        },
        'select 1,000': {
          run: () => (prepared ? all.all() : db.select().from(authors)),
          tell: (rows: AuthorLike[]) => rows.map(tellAuthor),
        },
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
}

export const contender: Contender = make('Drizzle', false);
export const prepared: Contender = make('Drizzle, jit and prepared,', true);
