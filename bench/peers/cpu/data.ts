import type { DatabaseSync } from 'node:sqlite';

/** The tables, as every contender's model describes them. */
const TABLES = [
  `create table authors (id integer primary key, name text not null, email text not null unique, bio text,
    country text not null, age integer not null, active integer not null, created_at text not null, last_login text)`,
  `create table posts (id integer primary key, title text not null, body text not null, views integer not null,
    created_at text not null, author_id integer not null references authors (id))`,
  'create index posts_author on posts (author_id)',
  `create table comments (id integer primary key, body text not null, created_at text not null,
    post_id integer not null references posts (id))`,
  'create index comments_post on comments (post_id)',
  'create table tags (id integer primary key, label text not null)',
  `create table post_tags (post_id integer not null references posts (id), tag_id integer not null references tags (id),
    primary key (post_id, tag_id)) without rowid`,
];

export const INSTANT: Date = new Date('2026-02-03T04:05:06.789Z');
export const INSTANT_TEXT: string = INSTANT.toISOString();

const upTo = (count: number): string =>
  `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`;

/** 1,000 authors; the first 100 have 10 posts each, and those 3 comments each. */
const ROWS = [
  `${upTo(1000)} insert into authors select i, 'author ' || i, 'a' || i || '@example.org',
    case i % 3 when 0 then null else 'some text' end, 'NO', 20 + i % 50, i % 2, '${INSTANT_TEXT}',
    case i % 4 when 0 then null else '${INSTANT_TEXT}' end from n`,
  `${upTo(1000)} insert into posts select i, 'post ' || i, 'body of ' || i, i % 7, '${INSTANT_TEXT}', (i + 9) / 10 from n`,
  `${upTo(3000)} insert into comments select i, 'comment ' || i, '${INSTANT_TEXT}', (i + 2) / 3 from n`,
  `${upTo(10)} insert into tags select i, 'tag ' || i from n`,
  `${upTo(1000)} insert into post_tags select i, 1 + i % 10 from n`,
];

/** Takes away what an insert left. */
const CLEAN = ['delete from posts where id > 1000', 'delete from authors where id > 1000'];

/** What an operation that writes must have left: every row beyond the seed, or every age. */
const LEFT = [
  'select * from authors where id > 1000 order by id',
  'select * from posts where id > 1000 order by id',
  'select id, age from authors order by id',
];

export function create(database: DatabaseSync): void {
  for (const sql of ['pragma foreign_keys = on', ...TABLES, ...ROWS]) database.exec(sql);
}

export function clean(database: DatabaseSync): void {
  for (const sql of CLEAN) database.exec(sql);
}

export function readLeft(database: DatabaseSync): unknown {
  return LEFT.map((sql) => database.prepare(sql).all());
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

/** What the program gives of a new author. */
export interface NewAuthor {
  readonly name: string;
  readonly email: string;
  readonly country: string;
  readonly age: number;
  readonly active: boolean;
  readonly createdAt: Date;
}
export interface NewPost {
  readonly title: string;
  readonly body: string;
  readonly views: number;
  readonly createdAt: Date;
}

export const newAuthor = (at: number): NewAuthor => ({
  name: `name ${at}`,
  email: `new${at}@example.org`,
  country: 'SE',
  age: 30,
  active: true,
  createdAt: INSTANT,
});
export const newPost = (at: number): NewPost => ({ title: `title ${at}`, body: 'body', views: 0, createdAt: INSTANT });

export const THOUSAND: readonly number[] = range(1000);
export const HUNDRED: readonly number[] = range(100);
export const TEN: readonly number[] = range(10);

/** The age that an author is given: always another. */
export const nextAge = (age: number): number => 20 + ((age - 20 + 7) % 50);
