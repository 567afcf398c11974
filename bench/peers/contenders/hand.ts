import type { SQLInputValue } from 'node:sqlite';
import { tellAuthor, tellTree, type Contender } from '../cpu/contender.ts';
import { nextAge } from '../cpu/data.ts';
import { newAuthors, newGraph, statements, type Statements } from './raw.ts';

type Cells = SQLInputValue[];

class Author {
  readonly id: number;
  name: string;
  email: string;
  bio: string | null;
  country: string;
  age: number;
  active: boolean;
  createdAt: Date;
  lastLogin: Date | null;
  posts: Post[] = [];

  constructor(cells: Cells) {
    this.id = cells[0] as number;
    this.name = cells[1] as string;
    this.email = cells[2] as string;
    this.bio = cells[3] as string | null;
    this.country = cells[4] as string;
    this.age = cells[5] as number;
    this.active = cells[6] !== 0;
    this.createdAt = new Date(cells[7] as string);
    this.lastLogin = cells[8] === null ? null : new Date(cells[8] as string);
  }
}

class Post {
  readonly id: number;
  title: string;
  body: string;
  views: number;
  createdAt: Date;
  authorId: number;
  comments: Comment[] = [];

  constructor(cells: Cells) {
    this.id = cells[0] as number;
    this.title = cells[1] as string;
    this.body = cells[2] as string;
    this.views = cells[3] as number;
    this.createdAt = new Date(cells[4] as string);
    this.authorId = cells[5] as number;
  }
}

class Comment {
  readonly id: number;
  body: string;
  createdAt: Date;
  postId: number;

  constructor(cells: Cells) {
    this.id = cells[0] as number;
    this.body = cells[1] as string;
    this.createdAt = new Date(cells[2] as string);
    this.postId = cells[3] as number;
  }
}

type Made<T> = (Class: new (cells: Cells) => T, rows: readonly Cells[]) => T[];

function loadTree(sql: Statements, levels: number, make: <T>(...made: Parameters<Made<T>>) => T[]): Author[] {
  const [authorRows, postRows, commentRows] = sql.tree.slice(0, levels).map((read) => read());
  const authors = make(Author, authorRows!);
  const posts = make(Post, postRows!);
  const authorOf = new Map(authors.map((author) => [author.id, author]));
  for (const post of posts) authorOf.get(post.authorId)!.posts.push(post);
  if (commentRows) {
    const postOf = new Map(posts.map((post) => [post.id, post]));
    for (const comment of make(Comment, commentRows)) postOf.get(comment.postId)!.comments.push(comment);
  }
  return authors;
}

const plain = <T>(Class: new (cells: Cells) => T, rows: readonly Cells[]): T[] => rows.map((cells) => new Class(cells));

const tellLoaded = (levels: number) => (authors: Author[]) =>
  tellTree({
    authors,
    posts: (author: Author) => author.posts,
    ...(levels > 2 && { comments: (post: Post) => post.comments }),
  });

/** Objects of classes, dates and booleans; no more. */
export const hand: Contender = {
  name: 'by hand',
  version: '',
  async open(database) {
    const sql = statements(database);
    return {
      'get by key': { run: () => plain(Author, [sql.author(500)!])[0], tell: tellAuthor },
      'select 1,000': {
        run: () => plain(Author, sql.authors()),
        tell: (authors: Author[]) => authors.map(tellAuthor),
      },
      'load 100 × 10': { run: () => loadTree(sql, 2, plain), tell: tellLoaded(2) },
      'load 100 × 10 × 3': { run: () => loadTree(sql, 3, plain), tell: tellLoaded(3) },
      'insert 1,000': { run: () => sql.insertAuthors(newAuthors()) },
      'insert 100 × 10': { run: () => sql.insertGraph(newGraph()) },
      'change 1,000': {
        run: () => {
          const authors = plain(Author, sql.authors());
          for (const author of authors) author.age = nextAge(author.age);
          sql.saveAges(authors.map(({ id, age }) => [id, age]));
        },
      },
    };
  },
};

/** What a unit of work cannot do without: one object for each key, its row as it was, and a comparison with it. */
class Tracker {
  readonly #known = new Map<unknown, Map<unknown, unknown>>();
  readonly #rows = new Map<object, Cells>();

  readonly make = <T>(Class: new (cells: Cells) => T, rows: readonly Cells[]): T[] => {
    let known = this.#known.get(Class) as Map<unknown, T> | undefined;
    if (!known) this.#known.set(Class, (known = new Map<unknown, T>()));
    return rows.map((cells) => {
      const there = known.get(cells[0]);
      if (there) return there;
      const entity = new Class(cells);
      known.set(cells[0], entity);
      this.#rows.set(entity as object, cells);
      return entity;
    });
  };

  changes(): [id: SQLInputValue, age: SQLInputValue][] {
    const changed: [SQLInputValue, SQLInputValue][] = [];
    for (const [entity, row] of this.#rows as Map<Author, Cells>) {
      const now = [entity.name, entity.email, entity.bio, entity.country, entity.age, Number(entity.active)];
      const isSame =
        now.every((value, at) => value === row[at + 1]) &&
        entity.createdAt.getTime() === new Date(row[7] as string).getTime() &&
        (entity.lastLogin?.getTime() ?? null) === (row[8] === null ? null : new Date(row[8] as string).getTime());
      if (!isSame) changed.push([entity.id, entity.age]);
    }
    return changed;
  }
}

/** With an identity map, a snapshot of each row and a comparison: about the least that a unit of work costs. */
export const handTracked: Contender = {
  name: 'by hand, tracked',
  version: '',
  async open(database) {
    const sql = statements(database);
    return {
      'get by key': { run: () => new Tracker().make(Author, [sql.author(500)!])[0], tell: tellAuthor },
      'select 1,000': {
        run: () => new Tracker().make(Author, sql.authors()),
        tell: (authors: Author[]) => authors.map(tellAuthor),
      },
      'load 100 × 10': { run: () => loadTree(sql, 2, new Tracker().make), tell: tellLoaded(2) },
      'load 100 × 10 × 3': { run: () => loadTree(sql, 3, new Tracker().make), tell: tellLoaded(3) },
      'change 1,000': {
        run: () => {
          const tracker = new Tracker();
          for (const author of tracker.make(Author, sql.authors())) author.age = nextAge(author.age);
          sql.saveAges(tracker.changes());
        },
      },
    };
  },
};
