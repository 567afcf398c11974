import { Kysely, ParseJSONResultsPlugin, SqliteDialect, type Generated } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/sqlite';
import { BetterSqlite } from '../cpu/better-sqlite.ts';
import { tellAuthor, tellTree, type Contender } from '../cpu/contender.ts';
import { HUNDRED, newAuthor, newPost, nextAge, TEN, THOUSAND, type NewAuthor, type NewPost } from '../cpu/data.ts';
import { versionOf } from '../cpu/version.ts';

interface Tables {
  readonly authors: {
    id: Generated<number>;
    name: string;
    email: string;
    bio: string | null;
    country: string;
    age: number;
    active: number;
    created_at: string;
    last_login: string | null;
  };
  readonly posts: {
    id: Generated<number>;
    title: string;
    body: string;
    views: number;
    created_at: string;
    author_id: number;
  };
  readonly comments: { id: Generated<number>; body: string; created_at: string; post_id: number };
  readonly tags: { id: Generated<number>; label: string };
  readonly post_tags: { post_id: number; tag_id: number };
}

const authorRow = ({ createdAt, active, ...rest }: NewAuthor) => ({
  ...rest,
  active: Number(active),
  created_at: createdAt.toISOString(),
  bio: null,
  last_login: null,
});
const postRow = ({ createdAt, ...rest }: NewPost, author: number) => ({
  ...rest,
  created_at: createdAt.toISOString(),
  author_id: author,
});

const hundreds = <T>(rows: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(rows.length / 100) }, (_, at) => rows.slice(at * 100, at * 100 + 100));

type Row = Record<string, unknown>;

/** Rows come as the driver gives them: names of columns, texts for dates. */
const authorOf = (row: Row) => ({ ...row, createdAt: row['created_at'], lastLogin: row['last_login'] }) as never;
const postOf = (row: Row) => ({ ...row, createdAt: row['created_at'], authorId: row['author_id'] }) as never;
const commentOf = (row: Row) => ({ ...row, createdAt: row['created_at'], postId: row['post_id'] }) as never;

export const contender: Contender = {
  name: 'Kysely',
  version: versionOf('kysely'),
  async open(database) {
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new BetterSqlite(database) as never }) });
    const load = (levels: 2 | 3) =>
      db
        .withPlugin(new ParseJSONResultsPlugin())
        .selectFrom('authors')
        .selectAll('authors')
        .where('id', '<=', 100)
        .select((outer) =>
          jsonArrayFrom(
            outer
              .selectFrom('posts')
              .select(['posts.id', 'posts.title', 'posts.body', 'posts.views', 'posts.created_at', 'posts.author_id'])
              .whereRef('posts.author_id', '=', 'authors.id')
              .orderBy('posts.id')
              .$if(levels > 2, (query) =>
                query.select((inner) =>
                  jsonArrayFrom(
                    inner
                      .selectFrom('comments')
                      .select(['comments.id', 'comments.body', 'comments.created_at', 'comments.post_id'])
                      .whereRef('comments.post_id', '=', 'posts.id')
                      .orderBy('comments.id'),
                  ).as('comments'),
                ),
              ),
          ).as('posts'),
        )
        .execute();
    const tellLoaded = (levels: number) => (authors: Row[]) =>
      tellTree({
        authors: authors.map(authorOf),
        posts: (author) => (author as { posts: Row[] }).posts.map(postOf),
        ...(levels > 2 && { comments: (post: unknown) => (post as { comments: Row[] }).comments.map(commentOf) }),
      });
    return {
      'get by key': {
        run: () => db.selectFrom('authors').selectAll().where('id', '=', 500).executeTakeFirst(),
        tell: (row: Row) => tellAuthor(authorOf(row)),
      },
      'select 1,000': {
        run: () => db.selectFrom('authors').selectAll().execute(),
        tell: (rows: Row[]) => rows.map((row) => tellAuthor(authorOf(row))),
      },
      'load 100 × 10': { run: () => load(2), tell: tellLoaded(2) },
      'load 100 × 10 × 3': { run: () => load(3), tell: tellLoaded(3) },
      'insert 1,000': {
        run: () =>
          db.transaction().execute(async (tx) => {
            const keys: number[] = [];
            for (const some of hundreds(THOUSAND.map((at) => authorRow(newAuthor(at))))) {
              const made = await tx.insertInto('authors').values(some).returning('id').execute();
              keys.push(...made.map(({ id }) => id));
            }
            return keys;
          }),
      },
      'insert 100 × 10': {
        run: () =>
          db.transaction().execute(async (tx) => {
            const authors = HUNDRED.map((at) => authorRow(newAuthor(at)));
            const made = await tx.insertInto('authors').values(authors).returning('id').execute();
            const posts = made.flatMap(({ id }) => TEN.map((at) => postRow(newPost(at), id)));
            for (const some of hundreds(posts)) await tx.insertInto('posts').values(some).returning('id').execute();
          }),
      },
      'change 1,000': {
        run: async () => {
          const authors = await db.selectFrom('authors').selectAll().execute();
          await db.transaction().execute(async (tx) => {
            for (const { id, age } of authors)
              await tx
                .updateTable('authors')
                .set({ age: nextAge(age) })
                .where('id', '=', id)
                .execute();
          });
        },
      },
      'compile 4 joins': {
        run: () =>
          db
            .selectFrom('authors')
            .innerJoin('posts', 'posts.author_id', 'authors.id')
            .innerJoin('comments', 'comments.post_id', 'posts.id')
            .innerJoin('post_tags', 'post_tags.post_id', 'posts.id')
            .innerJoin('tags', 'tags.id', 'post_tags.tag_id')
            .select(['authors.name as author', 'posts.title as post', 'comments.body as comment', 'tags.label as tag'])
            .where('authors.country', '=', 'NO')
            .where('posts.views', '>', 3)
            .orderBy('posts.id', 'desc')
            .limit(20)
            .compile().sql,
      },
    };
  },
};
