import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { HUNDRED, newAuthor, newPost, nextAge, TEN, THOUSAND, type NewAuthor, type NewPost } from '../cpu/data.ts';
import type { Contender } from '../cpu/contender.ts';

type Cells = SQLInputValue[];

/** A statement prepared once, whose rows are arrays. */
export function prepare(database: DatabaseSync, sql: string): (...values: SQLInputValue[]) => Cells[] {
  const statement: StatementSync = database.prepare(sql);
  statement.setReturnArrays(true);
  return (...values) => statement.all(...values) as unknown as Cells[];
}

export const AUTHOR = 'id, name, email, bio, country, age, active, created_at, last_login';
const POST = 'id, title, body, views, created_at, author_id';
const COMMENT = 'id, body, created_at, post_id';

const marks = (columns: number, rows: number): string =>
  Array.from({ length: rows }, () => `(${Array.from({ length: columns }, () => '?').join(', ')})`).join(', ');

const authorCells = (author: NewAuthor): Cells => [
  author.name,
  author.email,
  null,
  author.country,
  author.age,
  Number(author.active),
  author.createdAt.toISOString(),
  null,
];
const postCells = (post: NewPost, author: SQLInputValue): Cells => [
  post.title,
  post.body,
  post.views,
  post.createdAt.toISOString(),
  author,
];

/** The same for the bare driver and for what is written by hand on it: only what becomes of the rows differs. */
export interface Statements {
  readonly author: (key: number) => Cells | undefined;
  readonly authors: () => Cells[];
  readonly tree: readonly (() => Cells[])[];
  readonly insertAuthors: (authors: readonly NewAuthor[]) => SQLInputValue[];
  readonly insertGraph: (authors: readonly (NewAuthor & { readonly posts: readonly NewPost[] })[]) => SQLInputValue[];
  readonly saveAges: (rows: readonly (readonly [id: SQLInputValue, age: SQLInputValue])[]) => void;
}

export function statements(database: DatabaseSync): Statements {
  const author = database.prepare(`select ${AUTHOR} from authors where id = ?`);
  author.setReturnArrays(true);
  const authors = prepare(database, `select ${AUTHOR} from authors`);
  const insertAuthors = prepare(
    database,
    `insert into authors (name, email, bio, country, age, active, created_at, last_login) values ${marks(8, 100)} returning id`,
  );
  const insertPosts = prepare(
    database,
    `insert into posts (title, body, views, created_at, author_id) values ${marks(5, 100)} returning id`,
  );
  const save = database.prepare(
    `update authors set age = v.column2 from (values ${marks(2, 100)}) as v where authors.id = v.column1`,
  );
  const hundreds = <T, R>(rows: readonly T[], write: (some: readonly T[]) => readonly R[]): R[] => {
    const results: R[] = [];
    for (let at = 0; at < rows.length; at += 100) results.push(...write(rows.slice(at, at + 100)));
    return results;
  };
  const atomic = <T>(work: () => T): T => {
    database.exec('begin');
    const result = work();
    database.exec('commit');
    return result;
  };
  return {
    author: (key) => author.get(key) as unknown as Cells | undefined,
    authors,
    tree: [
      prepare(database, `select ${AUTHOR} from authors where id <= 100`),
      prepare(database, `select ${POST} from posts where author_id <= 100 order by id`),
      prepare(
        database,
        `select ${COMMENT} from comments where post_id in (select id from posts where author_id <= 100) order by id`,
      ),
    ],
    insertAuthors: (rows) =>
      atomic(() => hundreds(rows, (some) => insertAuthors(...some.flatMap(authorCells)).map(([id]) => id!))),
    insertGraph: (rows) =>
      atomic(() => {
        const keys = hundreds(rows, (some) => insertAuthors(...some.flatMap(authorCells)).map(([id]) => id!));
        const posts = rows.flatMap((each, at) => each.posts.map((post) => postCells(post, keys[at]!)));
        return hundreds(posts, (some) => insertPosts(...some.flat()).map(([id]) => id!));
      }),
    saveAges: (rows) =>
      atomic(() =>
        hundreds(rows, (some) => {
          save.run(...some.flat());
          return [];
        }),
      ),
  };
}

export const newAuthors = (): NewAuthor[] => THOUSAND.map(newAuthor);
export const newGraph = (): (NewAuthor & { posts: NewPost[] })[] =>
  HUNDRED.map((at) => ({ ...newAuthor(at), posts: TEN.map(newPost) }));

/** Rows under the row that they refer to, in the cell after its last. */
function attach(parents: readonly unknown[][], children: readonly unknown[][], width: number, key: number): void {
  const byKey = new Map(parents.map((parent) => [parent[0], (parent[width] = []) as unknown[]]));
  for (const child of children) byKey.get(child[key])!.push(child);
}

export const contender: Contender = {
  name: 'raw node:sqlite',
  version: '',
  async open(database) {
    const sql = statements(database);
    const load = (levels: number): unknown[][] => {
      const [authors, posts, comments] = sql.tree.slice(0, levels).map((read) => read() as unknown[][]);
      if (comments) attach(posts!, comments, 6, 3);
      attach(authors!, posts!, 9, 5);
      return authors!;
    };
    const tellLoaded = (authors: unknown[][]): unknown =>
      authors.map((author) => [
        ...author.slice(0, 9),
        (author[9] as unknown[][]).map((post) => [...post.slice(0, 6), ...((post[6] as unknown[] | undefined) ?? [])]),
      ]);
    return {
      'get by key': { run: () => sql.author(500), tell: (row: unknown) => row },
      'select 1,000': { run: () => sql.authors(), tell: (rows: unknown) => rows },
      'load 100 × 10': { run: () => load(2), tell: tellLoaded },
      'load 100 × 10 × 3': { run: () => load(3), tell: tellLoaded },
      'insert 1,000': { run: () => sql.insertAuthors(newAuthors()) },
      'insert 100 × 10': { run: () => sql.insertGraph(newGraph()) },
      'change 1,000': {
        run: () => sql.saveAges(sql.authors().map((row) => [row[0]!, nextAge(row[5] as number)])),
      },
    };
  },
};
