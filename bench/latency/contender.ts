/** What every contender is to store: an author with posts and their comments, all in one transaction. */
export interface NewGraph {
  readonly name: string;
  readonly email: string;
  readonly country: string;
  readonly age: number;
  readonly createdAt: Date;
  readonly posts: readonly {
    readonly title: string;
    readonly body: string;
    readonly createdAt: Date;
    readonly comments: readonly { readonly body: string; readonly createdAt: Date }[];
  }[];
}

/** The clients of PostgreSQL that all go through. */
export const clients = ['pg', 'postgres.js'] as const;
export type Client = (typeof clients)[number];

/** A library in its documented use, on one connection. */
export interface Contender {
  readonly name: string;
  /** Undefined where the library does not take the client. */
  readonly open: Readonly<Partial<Record<Client, (url: string) => Promise<Opened>>>>;
}

export interface Opened {
  /** Writes the graph, atomic, with keys made by the database, and ends when it is stored. */
  commit(graph: NewGraph): Promise<unknown>;
  close(): Promise<unknown>;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

/** 1 + 10 + 30 rows, which no other graph has. */
export function newGraph(who: string, at: number): NewGraph {
  const createdAt = new Date('2026-02-03T04:05:06.789Z');
  const name = `${who} ${at}`;
  return {
    name,
    email: `${name}@example.org`,
    country: 'SE',
    age: 30,
    createdAt,
    posts: range(10).map((post) => ({
      title: `${name}/${post}`,
      body: 'text',
      createdAt,
      comments: range(3).map((comment) => ({ body: `${name}/${post}/${comment}`, createdAt })),
    })),
  };
}
