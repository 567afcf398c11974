import { expectTypeOf, test } from 'vitest';
import {
  assign,
  insertMany,
  inspect,
  merge,
  mergeAll,
  on,
  upper,
  upsert,
  type Engine,
  type History,
  type Session,
} from 'cinnabar';
import { Admin, Model, Post, Project, Tag, User, type PostId, type UserId } from './models.ts';

declare const session: Session;
declare const engine: Engine;
declare const user: User;
declare const post: Post;
declare const authorId: UserId;

test('assign(): expressions and values of the columns', () => {
  expectTypeOf(assign(post, { views: Post.c.views.plus(1), title: 'x' })).toEqualTypeOf<void>();
  assign(post, { title: upper(Post.c.title) });
  assign(user, { score: null });
  // @ts-expect-error a text is no number
  assign(post, { views: upper(Post.c.title) });
  // @ts-expect-error no such column
  assign(post, { nope: 1 });
  // @ts-expect-error a relation is no column
  assign(post, { author: user });
  // @ts-expect-error a class is no entity
  assign(Post, { views: 1 });
});

test('insertMany(): rows of the model, defaults left out', () => {
  expectTypeOf(insertMany(session, Post, [{ title: 'x', authorId }])).resolves.toEqualTypeOf<number>();
  void insertMany(session, Post, new Set([{ title: 'x', authorId, views: 1 }]));
  // @ts-expect-error the title is missing
  void insertMany(session, Post, [{ authorId }]);
  // @ts-expect-error one row is no list of rows
  void insertMany(session, Post, { title: 'x', authorId });
  // @ts-expect-error a relation is no column
  void insertMany(session, Post, [{ title: 'x', author: user }]);
  // @ts-expect-error an engine is no session
  void insertMany(engine, Post, [{ title: 'x', authorId }]);
});

test('upsert(): entities, by columns of the model', () => {
  expectTypeOf(upsert(session, Tag, [{ label: 'a' }], { on: ['label'] })).resolves.toEqualTypeOf<Tag[]>();
  void upsert(session, Tag, [{ label: 'a' }], { on: ['label'], update: [] });
  void upsert(session, Post, [{ title: 'x', authorId }], {
    on: ['id'],
    update: (given) => ({ views: Post.c.views.plus(given.views) }),
  });
  // @ts-expect-error by what?
  void upsert(session, Tag, [{ label: 'a' }]);
  // @ts-expect-error no such column
  void upsert(session, Tag, [{ label: 'a' }], { on: ['name'] });
  // @ts-expect-error a relation is no column
  void upsert(session, Tag, [{ label: 'a' }], { on: ['label'], update: ['posts'] });
  // @ts-expect-error a text is no number
  void upsert(session, Post, [{ title: 'x', authorId }], { on: ['id'], update: (given) => ({ views: given.title }) });
});

test('merge(): an entity, or data of the model with its relations', () => {
  expectTypeOf(merge(session, user)).resolves.toEqualTypeOf<User>();
  expectTypeOf(merge(session, User, { name: 'Ann', posts: [{ title: 'x' }, post] })).resolves.toEqualTypeOf<User>();
  expectTypeOf(mergeAll(session, [user])).resolves.toEqualTypeOf<User[]>();
  void merge(session, user, { load: false });
  void merge(session, User, { name: 'Ann', manager: null });
  // @ts-expect-error a number is no name
  void merge(session, User, { name: 1 });
  // @ts-expect-error no such attribute
  void merge(session, User, { nope: 1 });
  // @ts-expect-error a collection takes a list
  void merge(session, User, { posts: post });
  // @ts-expect-error an entity of another model is no data
  void merge(session, User, { posts: [user] });
  // @ts-expect-error a post has an author
  void merge(session, Post, { author: null });
});

test('on(): events of the target, with its entities', () => {
  expectTypeOf(
    on(User, 'beforeInsert', async (entity, within) => {
      expectTypeOf(entity).toEqualTypeOf<User>();
      expectTypeOf(within).toEqualTypeOf<Session>();
    }),
  ).toEqualTypeOf<() => void>();
  on(Admin, 'load', (admin) => void admin.level);
  on(Model, 'afterDelete', () => undefined);
  on(engine, 'afterCommit', (within) => void expectTypeOf(within).toEqualTypeOf<Session>());
  on(session, 'beforeUpdate', () => undefined);
  // @ts-expect-error no such event
  on(User, 'beforeCreate', () => undefined);
  // @ts-expect-error a commit is the session's
  on(User, 'afterCommit', () => undefined);
  // @ts-expect-error load returns at once
  on(User, 'load', async () => {});
  // @ts-expect-error a post has no name
  on(Post, 'afterInsert', (entity) => void entity.name);
  // @ts-expect-error an entity is no target
  on(user, 'afterInsert', () => undefined);
});

test('inspect(): the key and the history by attribute', () => {
  const view = inspect(post);
  expectTypeOf(view.key).toEqualTypeOf<PostId | undefined>();
  expectTypeOf(inspect({} as Project).key).toExtend<{ id: number; tenantId: string } | undefined>();
  expectTypeOf(view.session).toEqualTypeOf<Session | undefined>();
  expectTypeOf(view.history('title')).toEqualTypeOf<History<string>>();
  expectTypeOf(inspect(user).history('score')).toEqualTypeOf<History<number | null>>();
  expectTypeOf(inspect(user).history('posts')).toEqualTypeOf<History<Post>>();
  expectTypeOf(inspect(user).history('manager')).toEqualTypeOf<History<User | null>>();
  expectTypeOf(view.modified[0]).toExtend<string | undefined>();
  // @ts-expect-error no such attribute
  view.history('nope');
  // @ts-expect-error what is unloaded is named by attribute
  expectTypeOf(view.unloaded).toEqualTypeOf<readonly string[]>();
  // @ts-expect-error a class is no entity
  inspect(Post);
  // @ts-expect-error nothing is changed through it
  view.state = 'deleted';
});
