import { nodeSqlite } from '../../../adapters/node-sqlite/index.ts';
import { coreOf } from '../../../src/engine/engine.ts';
import {
  boolean,
  createEngine,
  declarativeBase,
  integer,
  many,
  one,
  select,
  Session,
  text,
  timestamp,
} from '../../../src/index.ts';
import { selectOf } from '../../../src/sql/expression.ts';
import { tellAuthor, tellTree, type Contender } from '../cpu/contender.ts';
import { HUNDRED, newAuthor, newPost, nextAge, TEN, THOUSAND } from '../cpu/data.ts';
import manifest from '../../../package.json' with { type: 'json' };

const Model = declarativeBase();

class Author extends Model('authors', {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique(),
  bio: text().nullable(),
  country: text(),
  age: integer(),
  active: boolean(),
  createdAt: timestamp(),
  lastLogin: timestamp().nullable(),
  get posts() {
    return many(Post, { by: 'authorId' });
  },
}) {}

class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  body: text(),
  views: integer(),
  createdAt: timestamp(),
  authorId: integer().references('authors.id'),
  get author() {
    return one(Author, { by: 'authorId' });
  },
  get comments() {
    return many(Comment, { by: 'postId' });
  },
}) {}

class Comment extends Model('comments', {
  id: integer().primaryKey(),
  body: text(),
  createdAt: timestamp(),
  postId: integer().references('posts.id'),
}) {}

class Tag extends Model('tags', { id: integer().primaryKey(), label: text() }) {}

class PostTag extends Model('post_tags', {
  postId: integer().primaryKey().references('posts.id'),
  tagId: integer().primaryKey().references('tags.id'),
}) {}

/** Four joins, as the other query builders write them. */
function fourJoins(): unknown {
  return select({ author: Author.c.name, post: Post.c.title, comment: Comment.c.body, tag: Tag.c.label })
    .from(Author)
    .innerJoin(Post, Post.c.authorId.eq(Author.c.id))
    .innerJoin(Comment, Comment.c.postId.eq(Post.c.id))
    .innerJoin(PostTag, PostTag.c.postId.eq(Post.c.id))
    .innerJoin(Tag, Tag.c.id.eq(PostTag.c.tagId))
    .where(Author.c.country.eq('NO'), Post.c.views.gt(3))
    .orderBy(Post.c.id.desc())
    .limit(20);
}

export const contender: Contender = {
  name: 'Cinnabar',
  version: manifest.version,
  async open(database) {
    const engine = createEngine(nodeSqlite(database));
    const core = coreOf(engine);
    return {
      'get by key': { run: () => new Session(engine).get(Author, 500), tell: tellAuthor },
      'select 1,000': {
        run: () => new Session(engine).query(Author).all(),
        tell: (authors: Author[]) => authors.map(tellAuthor),
      },
      'load 100 × 10': {
        run: () => new Session(engine).query(Author).where(Author.c.id.lte(100)).with({ posts: true }).all(),
        tell: (authors: Author[]) => tellTree({ authors, posts: (author: Author) => author.posts.peek()! }),
      },
      'load 100 × 10 × 3': {
        run: () =>
          new Session(engine)
            .query(Author)
            .where(Author.c.id.lte(100))
            .with({ posts: { comments: true } })
            .all(),
        tell: (authors: Author[]) =>
          tellTree({
            authors,
            posts: (author: Author) => author.posts.peek()!,
            comments: (post: Post) => post.comments.peek()!,
          }),
      },
      'insert 1,000': {
        run: async () => {
          const session = new Session(engine);
          const authors = THOUSAND.map((at) => new Author(newAuthor(at)));
          session.addAll(authors);
          await session.commit();
          return authors.map(({ id }) => id);
        },
      },
      'insert 100 × 10': {
        run: async () => {
          const session = new Session(engine);
          const authors = HUNDRED.map(
            (at) => new Author({ ...newAuthor(at), posts: TEN.map((each) => new Post(newPost(each))) }),
          );
          session.addAll(authors);
          await session.commit();
          return authors.map(({ id }) => id);
        },
      },
      'change 1,000': {
        run: async () => {
          const session = new Session(engine);
          for (const author of await session.query(Author).all()) author.age = nextAge(author.age);
          await session.commit();
        },
      },
      'compile 4 joins': { run: () => core.prepare(selectOf(fourJoins(), 'bench')).sql },
    };
  },
};

/** The SQL toolkit alone: plain rows, no session. */
export const toolkit: Contender = {
  name: 'Cinnabar, plain rows',
  version: manifest.version,
  async open(database) {
    const engine = createEngine(nodeSqlite(database));
    return {
      'get by key': {
        run: async () => (await engine.all(select(Author).where(Author.c.id.eq(500))))[0],
        tell: tellAuthor,
      },
      'select 1,000': {
        run: () => engine.all(select(Author)),
        tell: (authors: Author[]) => authors.map(tellAuthor),
      },
    };
  },
};
