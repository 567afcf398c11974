import type { Driver, Session } from '../../src/index.ts';
import { Audit, Author, Comment, Post } from '../support/model.ts';
import { expectSame, type Raw } from '../support/raw.ts';

/** A piece of a program, how many round trips it may take, and how its result is judged. */
export interface Workload {
  readonly name: string;
  /** Round trips that it must take. */
  readonly trips: number;
  /** Where each statement is a round trip: BEGIN, the statements and COMMIT. */
  readonly oneByOne: number;
  /** The best peer measured: an ORM or a query builder in its documented use. */
  readonly peer: Readonly<Record<Backend, string>>;
  /** Needs transactions that stay open. */
  readonly interactive?: true;
  /** What it needs in memory, which is not counted; then what is. */
  prepare(session: Session, raw: Raw): Promise<Counted> | Counted;
}

export type Backend = 'D1' | 'libSQL over HTTP' | 'PostgreSQL';

interface Counted {
  readonly run: () => Promise<unknown>;
  /** Judges by plain SQL what is in the database, or in memory. Rejects on the first difference. */
  readonly check: () => Promise<void>;
}

const instant = new Date('2026-02-03T04:05:06.789Z');

/** What the workloads start from: 20 authors with 10 posts each and 3 comments on each post. */
export const SEED = [20, 10, 3] as const;

const first = (count: number, session: Session): Promise<Author[]> =>
  session.query(Author).orderBy(Author.c.id).limit(count).all();

/** Every author with posts and comments, as one list of paths. */
const TREE =
  'select a.name, p.id, p.title, c.id, c.body from authors a join posts p on p.author_id = a.id join comments c on c.post_id = p.id order by a.id, p.id, c.id';
const POSTS = 'select author_id, id, title from posts order by author_id, id';

async function checkPosts(authors: readonly Author[], raw: Raw): Promise<void> {
  const keys = authors.map((author) => author.id);
  const wanted = (await raw.rows(POSTS)).filter(([author]) => keys.includes(Number(author)));
  const found = authors.flatMap((author) => byId(author.posts.peek()).map((post) => [author.id, post.id, post.title]));
  expectSame('posts in memory', found, wanted);
}

function byId<T extends { readonly id: number }>(entities: readonly T[] | undefined): T[] {
  return (entities ?? []).toSorted((left, right) => left.id - right.id);
}

const insertGraph: Workload = {
  name: 'insert 1 + 10 + 30 rows, keys generated',
  trips: 1,
  oneByOne: 8,
  peer: { 'D1': '3, not atomic', 'libSQL over HTTP': '4', 'PostgreSQL': '5' },
  prepare(session, raw) {
    const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
    const comment = (post: number, at: number): Comment =>
      new Comment({ body: `new ${post}.${at}`, createdAt: instant });
    const post = (at: number): Post =>
      new Post({
        title: `new ${at}`,
        body: 'text',
        createdAt: instant,
        comments: range(3).map((each) => comment(at, each)),
      });
    const author = new Author({
      name: 'new',
      email: 'new@example.org',
      country: 'SE',
      age: 30,
      createdAt: instant,
      posts: range(10).map(post),
    });
    return {
      run: async () => {
        session.add(author);
        await session.commit();
      },
      check: async () => {
        const posts = byId(author.posts.peek());
        const found = posts.flatMap((each) =>
          byId(each.comments.peek()).map((one) => [author.name, each.id, each.title, one.id, one.body]),
        );
        const stored = await raw.rows(TREE.replace(' order by', ` where a.id = ${author.id} order by`));
        expectSame('graph', stored, found);
        expectSame(
          'links',
          stored.map(([, , title, , body]) => [title, body]),
          range(10).flatMap((at) => range(3).map((each) => [`new ${at}`, `new ${at}.${each}`])),
        );
        const counts =
          'select (select count(*) from authors), (select count(*) from posts), (select count(*) from comments)';
        expectSame('rows', await raw.rows(counts), [[21, 210, 630]]);
      },
    };
  },
};

const updateRows: Workload = {
  name: 'update 10 rows, other columns in each',
  trips: 1,
  oneByOne: 1,
  peer: { 'D1': '1, by hand', 'libSQL over HTTP': '1, by hand', 'PostgreSQL': '3' },
  async prepare(session, raw) {
    const columns = ['name', 'email', 'bio', 'country', 'age', 'active', 'created_at', 'last_login'];
    const all = `select ${columns.join(', ')} from authors order by id`;
    const authors = await first(10, session);
    const wanted = await raw.rows(all);
    const instantText = instant.toISOString();
    const changes: readonly [apply: (author: Author) => void, cells: Record<string, unknown>][] = [
      [(author) => (author.name = 'other'), { name: 'other' }],
      [(author) => (author.email = 'other@example.org'), { email: 'other@example.org' }],
      [(author) => (author.bio = 'other'), { bio: 'other' }],
      [(author) => (author.country = 'IS'), { country: 'IS' }],
      [(author) => (author.age = 99), { age: 99 }],
      [(author) => (author.active = !author.active), { active: 1 - Number(wanted[5]![5]) }],
      [(author) => (author.createdAt = instant), { created_at: instantText }],
      [(author) => (author.lastLogin = instant), { last_login: instantText }],
      [(author) => Object.assign(author, { name: 'both', age: 98 }), { name: 'both', age: 98 }],
      [(author) => Object.assign(author, { bio: 'b', country: 'FI' }), { bio: 'b', country: 'FI' }],
    ];
    return {
      run: async () => {
        changes.forEach(([apply], at) => apply(authors[at]!));
        await session.commit();
      },
      check: async () => {
        changes.forEach(([, cells], at) => {
          for (const [name, value] of Object.entries(cells)) wanted[at]![columns.indexOf(name)] = value;
        });
        expectSame('authors', await raw.rows(all), wanted);
      },
    };
  },
};

const loadTree: Workload = {
  name: 'load 20 parents, children, grandchildren',
  trips: 1,
  oneByOne: 5,
  peer: { 'D1': '1', 'libSQL over HTTP': '1', 'PostgreSQL': '1' },
  prepare(session, raw) {
    const query = session
      .query(Author)
      .orderBy(Author.c.id)
      .with({ posts: { comments: true } });
    let found: unknown[] = [];
    return {
      run: async () => {
        const authors = await query.all();
        found = authors.flatMap((author) =>
          byId(author.posts.items).flatMap((post) =>
            byId(post.comments.items).map((comment) => [author.name, post.id, post.title, comment.id, comment.body]),
          ),
        );
      },
      check: async () => expectSame('tree', found, await raw.rows(TREE)),
    };
  },
};

const concurrentLazy: Workload = {
  name: '10 lazy loads at once',
  trips: 1,
  oneByOne: 1,
  peer: { 'D1': '10 (1 opted in)', 'libSQL over HTTP': '10 (2 opted in)', 'PostgreSQL': '10 (1 opted in)' },
  async prepare(session, raw) {
    const authors = await first(10, session);
    return {
      run: () => Promise.all(authors.map(async (author) => author.posts)),
      check: () => checkPosts(authors, raw),
    };
  },
};

const lazyLoop: Workload = {
  name: 'a loop that awaits the children of 20 parents',
  trips: 1,
  oneByOne: 1,
  peer: { 'D1': '20', 'libSQL over HTTP': '20', 'PostgreSQL': '20' },
  async prepare(session, raw) {
    const authors = await first(20, session);
    let seen = 0;
    return {
      run: async () => {
        for (const author of authors)
          for (const post of await author.posts) seen += Number(post.authorId === author.id);
      },
      check: async () => {
        expectSame('posts met', seen, 200);
        await checkPosts(authors, raw);
      },
    };
  },
};

const concurrentGets: Workload = {
  name: '10 gets at once',
  trips: 1,
  oneByOne: 1,
  peer: { 'D1': '–', 'libSQL over HTTP': '–', 'PostgreSQL': '–' },
  prepare(session, raw) {
    let found: (Author | null)[] = [];
    const keys = [3, 1, 4, 15, 9, 2, 6, 5, 999, 8];
    return {
      run: async () => {
        found = await Promise.all(keys.map((key) => session.get(Author, key)));
      },
      check: async () => {
        const names = new Map((await raw.rows('select id, name from authors')).map(([id, name]) => [Number(id), name]));
        expectSame(
          'names',
          found.map((author) => author?.name ?? null),
          keys.map((key) => names.get(key) ?? null),
        );
      },
    };
  },
};

/** What a request does: looks, decides by what it saw, and writes two rows. */
async function decide(session: Session): Promise<void> {
  const author = await session.get(Author, 7);
  if (!author || author.lastLogin) throw new Error('author 7 should be there, and never have logged in');
  author.lastLogin = instant;
  session.add(new Audit({ action: 'login', at: instant, authorId: author.id }));
}

async function checkRequest(raw: Raw): Promise<void> {
  const sql =
    'select a.last_login, b.action, b.author_id from authors a join audits b on b.author_id = a.id where a.id = 7';
  expectSame('request', await raw.rows(sql), [[instant.toISOString(), 'login', 7]]);
}

const transaction: Workload = {
  name: 'read, decide, write in a transaction',
  trips: 2,
  oneByOne: 5,
  peer: { 'D1': '–', 'libSQL over HTTP': '4', 'PostgreSQL': '5' },
  interactive: true,
  prepare: (session, raw) => ({
    run: () => (session as Session<true>).transaction(decide),
    check: () => checkRequest(raw),
  }),
};

const request: Workload = {
  name: 'read, decide, write as one atomic unit',
  trips: 2,
  oneByOne: 5,
  peer: { 'D1': '3, not atomic', 'libSQL over HTTP': '4', 'PostgreSQL': '5' },
  prepare: (session, raw) => ({
    run: async () => {
      await decide(session);
      await session.commit();
    },
    check: () => checkRequest(raw),
  }),
};

export const workloads: readonly Workload[] = [
  insertGraph,
  updateRows,
  loadTree,
  concurrentLazy,
  lazyLoop,
  concurrentGets,
  transaction,
  request,
];

/** Round trips that a workload must take on a driver: they are stated where it cannot send a unit at once. */
export function requiredTrips({ trips, oneByOne }: Workload, { capabilities }: Pick<Driver, 'capabilities'>): number {
  return capabilities.oneTrip ? trips : oneByOne;
}
