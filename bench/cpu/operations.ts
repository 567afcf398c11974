import type { Client, InValue } from '@libsql/client';
import { type Engine, Session } from '../../src/index.ts';
import { Author, Post } from '../support/model.ts';

/** The same work by hand, on the bare client, and through a session. Each answers how many rows it had to do with. */
export interface Operation {
  readonly name: string;
  /** How often one round runs it. */
  readonly times: number;
  /** SQL before each run, which is not measured. */
  readonly given?: readonly string[];
  readonly byHand: (client: Client) => Promise<number>;
  readonly bySession: (engine: Engine) => Promise<number>;
}

const instant = new Date('2026-02-03T04:05:06.789Z');
const text = instant.toISOString();

interface Row {
  readonly id: number;
  children: Row[];
}

const objects = (rows: readonly unknown[]): Row[] => rows.map((row) => ({ ...(row as Row), children: [] }));

const AUTHOR = 'id, name, email, bio, country, age, active, created_at, last_login';
const marks = (columns: number, rows: number): string =>
  Array.from({ length: rows }, () => `(${Array.from({ length: columns }, () => '?').join(', ')})`).join(', ');

/** Rows in statements of a hundred each. */
function hundreds<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / 100) }, (_, at) => rows.slice(at * 100, at * 100 + 100));
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
const newAuthor = (at: number): InValue[] => [
  `name ${at}`,
  `new${at}@example.org`,
  null,
  'SE',
  BigInt(30),
  1,
  text,
  null,
];
const insertAuthors = (rows: number): string =>
  `insert into authors (name, email, bio, country, age, active, created_at, last_login) values ${marks(8, rows)} returning id`;
const author = (at: number, posts: Post[] = []): Author =>
  new Author({ name: `name ${at}`, email: `new${at}@example.org`, country: 'SE', age: 30, createdAt: instant, posts });

const getByKey: Operation = {
  name: 'get by key',
  times: 200,
  async byHand(client) {
    const { rows } = await client.execute({ sql: `select ${AUTHOR} from authors where id = ?`, args: [500n] });
    return rows.length;
  },
  async bySession(engine) {
    return (await new Session(engine).get(Author, 500)) ? 1 : 0;
  },
};

const load: Operation = {
  name: 'load 1,000 rows, tracked',
  times: 2,
  async byHand(client) {
    const { rows } = await client.execute(`select ${AUTHOR} from authors`);
    return objects(rows).length;
  },
  async bySession(engine) {
    return (await new Session(engine).query(Author).all()).length;
  },
};

const tree: Operation = {
  name: 'load 100 × 10 × 3',
  times: 1,
  async byHand(client) {
    const results = await client.batch(
      [
        `select ${AUTHOR} from authors where id <= 100`,
        'select id, title, body, views, created_at, author_id from posts where author_id <= 100',
        'select c.id, c.body, c.created_at, c.post_id from comments c join posts p on p.id = c.post_id where p.author_id <= 100',
      ],
      'read',
    );
    const [authors, posts, comments] = results.map(({ rows }) => objects(rows)) as [Row[], Row[], Row[]];
    const attach = (children: Row[], parents: Row[], key: string): void => {
      const byId = new Map(parents.map((parent) => [parent.id, parent]));
      for (const child of children) byId.get(child[key as 'id'])!.children.push(child);
    };
    attach(comments, posts, 'post_id');
    attach(posts, authors, 'author_id');
    return authors.reduce((sum, each) => sum + each.children.reduce((own, post) => own + post.children.length, 0), 0);
  },
  async bySession(engine) {
    const query = new Session(engine).query(Author).where(Author.c.id.lte(100));
    const authors = await query.with({ posts: { comments: true } }).all();
    return authors.reduce(
      (sum, each) => sum + each.posts.items.reduce((own, post) => own + post.comments.items.length, 0),
      0,
    );
  },
};

const clean = [
  'delete from comments where id > 3000',
  'delete from posts where id > 1000',
  'delete from authors where id > 1000',
];

const insertMany: Operation = {
  name: 'insert 1,000 rows, keys back',
  times: 1,
  given: clean,
  async byHand(client) {
    const chunks = hundreds(range(1000).map(newAuthor));
    const results = await client.batch(
      chunks.map((rows) => ({ sql: insertAuthors(rows.length), args: rows.flat() })),
      'write',
    );
    return results.flatMap(({ rows }) => rows.map((row) => row[0])).length;
  },
  async bySession(engine) {
    const session = new Session(engine);
    const authors = range(1000).map((at) => author(at));
    session.addAll(authors);
    await session.commit();
    return authors.filter(({ id }) => id > 1000).length;
  },
};

const insertGraph: Operation = {
  name: 'insert a graph of 100 × 10',
  times: 1,
  given: clean,
  async byHand(client) {
    const transaction = await client.transaction('write');
    const made = await transaction.execute({ sql: insertAuthors(100), args: range(100).map(newAuthor).flat() });
    const posts = made.rows.flatMap((row) =>
      range(10).map((at) => [`title ${at}`, 'body', 0n, text, BigInt(row[0] as number)] as InValue[]),
    );
    const sql = (rows: number): string =>
      `insert into posts (title, body, views, created_at, author_id) values ${marks(5, rows)} returning id`;
    const results = await transaction.batch(
      hundreds(posts).map((rows) => ({ sql: sql(rows.length), args: rows.flat() })),
    );
    await transaction.commit();
    return results.flatMap(({ rows }) => rows.map((row) => row[0])).length;
  },
  async bySession(engine) {
    const session = new Session(engine);
    const post = (at: number): Post => new Post({ title: `title ${at}`, body: 'body', createdAt: instant });
    const authors = range(100).map((at) => author(at, range(10).map(post)));
    session.addAll(authors);
    await session.commit();
    return authors.flatMap((each) => each.posts.peek() ?? []).filter(({ id }) => id > 1000).length;
  },
};

const changeMany: Operation = {
  name: 'load 1,000 rows, change, save',
  times: 1,
  async byHand(client) {
    const { rows } = await client.execute(`select ${AUTHOR} from authors where id <= 1000`);
    const changed = objects(rows).map(({ id }) => [BigInt(id), BigInt(20 + Math.floor(Math.random() * 60))]);
    const results = await client.batch(
      hundreds(changed).map((some) => ({
        sql: `update authors set age = v.column2 from (values ${marks(2, some.length)}) as v where authors.id = v.column1`,
        args: some.flat(),
      })),
      'write',
    );
    return results.reduce((sum, { rowsAffected }) => sum + rowsAffected, 0);
  },
  async bySession(engine) {
    const session = new Session(engine);
    const authors = await session.query(Author).where(Author.c.id.lte(1000)).all();
    for (const each of authors) each.age = each.age === 99 ? 98 : 99;
    await session.commit();
    return authors.length;
  },
};

/** Rows that every operation starts from: 1,000 authors; the first 100 have posts and comments. */
export const SEED: readonly string[] = [
  `with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) insert into authors (id, name, email, bio, country, age, active, created_at, last_login) select i, 'author ' || i, 'a' || i || '@example.org', 'some text', 'NO', 20 + i % 50, i % 2, '${text}', '${text}' from n`,
  `with recursive n(i) as (select 1 union all select i + 1 from n where i < 10) insert into posts (title, body, views, created_at, author_id) select 'post ' || i, 'body', i, '${text}', a.id from authors a, n where a.id <= 100`,
  `with recursive n(i) as (select 1 union all select i + 1 from n where i < 3) insert into comments (body, created_at, post_id) select 'comment ' || i, '${text}', p.id from posts p, n`,
];

/** How many rows each operation has to do with. */
export const operations: readonly (Operation & { readonly rows: number })[] = [
  { ...getByKey, rows: 1 },
  { ...load, rows: 1000 },
  { ...tree, rows: 3000 },
  { ...insertMany, rows: 1000 },
  { ...insertGraph, rows: 1000 },
  { ...changeMany, rows: 1000 },
];
