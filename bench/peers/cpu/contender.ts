import type { DatabaseSync } from 'node:sqlite';

/** What is measured, in the order of the table. */
export const operations = [
  'get by key',
  'select 1,000',
  'load 100 × 10',
  'load 100 × 10 × 3',
  'insert 1,000',
  'insert 100 × 10',
  'change 1,000',
  'compile 4 joins',
] as const;

export type OperationName = (typeof operations)[number];

/** One way to do it. */
export interface Operation {
  /** Does the work once. Its answer is kept from being optimised away. */
  readonly run: () => unknown;
  /** What the answer says, in the same words for every contender; of an operation that writes the tables are read instead. */
  readonly tell?: (answer: never) => unknown;
}

/** Someone who does it: with the bare driver, by hand, or with a library. */
export interface Contender {
  readonly name: string;
  readonly version: string;
  /** All work on the one database that it is given; it prepares beforehand what a program would prepare once. */
  open(database: DatabaseSync): Promise<Partial<Record<OperationName, Operation>>>;
}

/** What the program wants to know of an author, a post and a comment, from whatever stands for them. */
export const tellAuthor = (author: AuthorLike): unknown[] => [
  author.id,
  author.name,
  author.email,
  author.bio,
  author.country,
  author.age,
  Number(author.active),
  instantText(author.createdAt),
  instantText(author.lastLogin),
];
export const tellPost = (post: PostLike): unknown[] => [
  post.id,
  post.title,
  post.body,
  post.views,
  instantText(post.createdAt),
  post.authorId,
];
export const tellComment = (comment: CommentLike): unknown[] => [
  comment.id,
  comment.body,
  instantText(comment.createdAt),
  comment.postId,
];

type Instant = Date | string | null;

export interface AuthorLike {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly bio: string | null;
  readonly country: string;
  readonly age: number;
  readonly active: boolean | number;
  readonly createdAt: Instant;
  readonly lastLogin: Instant;
}
export interface PostLike {
  readonly id: number;
  readonly title: string;
  readonly body: string;
  readonly views: number;
  readonly createdAt: Instant;
  readonly authorId: number;
}
export interface CommentLike {
  readonly id: number;
  readonly body: string;
  readonly createdAt: Instant;
  readonly postId: number;
}

function instantText(instant: Instant): string | null {
  return instant instanceof Date ? instant.toISOString() : instant;
}

/** Authors with their posts, and those with their comments. */
export interface Tree<A extends AuthorLike, P extends PostLike, C extends CommentLike> {
  readonly authors: readonly A[];
  readonly posts: (author: A) => readonly P[];
  readonly comments?: (post: P) => readonly C[];
}

export function tellTree<A extends AuthorLike, P extends PostLike, C extends CommentLike>(
  tree: Tree<A, P, C>,
): unknown[] {
  return tree.authors.map((author) => [
    ...tellAuthor(author),
    tree.posts(author).map((post) => [...tellPost(post), ...(tree.comments?.(post).map(tellComment) ?? [])]),
  ]);
}
