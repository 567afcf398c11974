import { type Collection, defineEntity, p, Type } from '@mikro-orm/core';
import { MikroORM, SqliteDriver } from '@mikro-orm/sql';
import { SqliteDialect } from 'kysely';
import { BetterSqlite } from '../cpu/better-sqlite.ts';
import {
  tellAuthor,
  tellTree,
  type AuthorLike,
  type CommentLike,
  type Contender,
  type PostLike,
} from '../cpu/contender.ts';
import { HUNDRED, newAuthor, newPost, nextAge, TEN, THOUSAND } from '../cpu/data.ts';
import { versionOf } from '../cpu/version.ts';

/** Dates as the tables have them. */
class IsoDate extends Type<Date, string> {
  override convertToDatabaseValue(value: Date): string {
    return value instanceof Date ? value.toISOString() : value;
  }
  override convertToJSValue(value: string): Date {
    return new Date(value);
  }
  override getColumnType(): string {
    return 'text';
  }
  override ensureComparable(): boolean {
    return false;
  }
}

const author = defineEntity({
  name: 'Author',
  tableName: 'authors',
  properties: {
    id: p.integer().primary(),
    name: p.string(),
    email: p.string().unique(),
    bio: p.string().nullable(),
    country: p.string(),
    age: p.integer(),
    active: p.boolean(),
    createdAt: p.type(new IsoDate()),
    lastLogin: p.type(new IsoDate()).nullable(),
    posts: () => p.oneToMany(Post).mappedBy('author'),
  },
});
class Author extends author.class {}
author.setClass(Author);

const post = defineEntity({
  name: 'Post',
  tableName: 'posts',
  properties: {
    id: p.integer().primary(),
    title: p.string(),
    body: p.string(),
    views: p.integer(),
    createdAt: p.type(new IsoDate()),
    author: () => p.manyToOne(Author),
    comments: () => p.oneToMany(Comment).mappedBy('post'),
  },
});
class Post extends post.class {}
post.setClass(Post);

const comment = defineEntity({
  name: 'Comment',
  tableName: 'comments',
  properties: {
    id: p.integer().primary(),
    body: p.string(),
    createdAt: p.type(new IsoDate()),
    post: () => p.manyToOne(Post),
  },
});
class Comment extends comment.class {}
comment.setClass(Comment);

type Loaded = AuthorLike & { readonly posts: Collection<object> };
type LoadedPost = PostLike & { readonly author: { readonly id: number }; readonly comments: Collection<object> };
type LoadedComment = CommentLike & { readonly post: { readonly id: number } };

const tellLoaded = (levels: number) => (authors: Loaded[]) =>
  tellTree({
    authors,
    posts: (author: Loaded) =>
      author.posts.getItems().map((item: object) => {
        const { id, title, body, views, createdAt, author: parent, comments } = item as LoadedPost;
        return { id, title, body, views, createdAt, authorId: parent.id, comments };
      }),
    ...(levels > 2 && {
      comments: (post: { readonly comments: Collection<object> }) =>
        post.comments.getItems().map((item) => {
          const { id, body, createdAt, post: parent } = item as LoadedComment;
          return { id, body, createdAt, postId: parent.id };
        }),
    }),
  } as never);

export const contender: Contender = {
  name: 'MikroORM',
  version: versionOf('@mikro-orm/core'),
  async open(database) {
    const orm = await MikroORM.init({
      driver: SqliteDriver,
      dbName: ':memory:',
      entities: [author, post, comment],
      driverOptions: new SqliteDialect({ database: new BetterSqlite(database) as never }),
    });
    const load = (populate: readonly string[]): unknown =>
      orm.em.fork().find(Author, { id: { $lte: 100 } }, { populate: populate as never });
    return {
      'get by key': { run: () => orm.em.fork().findOne(Author, 500), tell: tellAuthor },
      'select 1,000': {
        run: () => orm.em.fork().find(Author, {}),
        tell: (authors: AuthorLike[]) => authors.map(tellAuthor),
      },
      'load 100 × 10': { run: () => load(['posts']), tell: tellLoaded(2) },
      'load 100 × 10 × 3': { run: () => load(['posts.comments']), tell: tellLoaded(3) },
      'insert 1,000': {
        run: async () => {
          const em = orm.em.fork();
          for (const at of THOUSAND)
            em.persist(em.create(Author, { ...newAuthor(at), bio: null, lastLogin: null } as never));
          await em.flush();
        },
      },
      'insert 100 × 10': {
        run: async () => {
          const em = orm.em.fork();
          for (const at of HUNDRED) {
            const parent = { ...newAuthor(at), bio: null, lastLogin: null, posts: TEN.map(newPost) };
            em.persist(em.create(Author, parent as never));
          }
          await em.flush();
        },
      },
      'change 1,000': {
        run: async () => {
          const em = orm.em.fork();
          for (const author of (await em.find(Author, {})) as { age: number }[]) author.age = nextAge(author.age);
          await em.flush();
        },
      },
    };
  },
};
