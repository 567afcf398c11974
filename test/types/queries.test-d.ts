import { expectTypeOf, test } from 'vitest';
import {
  count,
  recursive,
  select,
  union,
  unionAll,
  type EntitySelect,
  type Expr,
  type Filter,
  type Query,
  type Session,
} from 'cinnabar';
import { Admin, Post, Project, Tag, User, type UserId } from './models.ts';

declare const session: Session;
declare const user: User;

test('a query of a model', async () => {
  const query = session.query(User).where(User.c.name.eq('x')).orderBy(User.c.id.desc()).limit(1).offset(1);
  expectTypeOf(query).toEqualTypeOf<Query<User>>();
  expectTypeOf(query.all()).resolves.toEqualTypeOf<User[]>();
  expectTypeOf(query.first()).resolves.toEqualTypeOf<User | null>();
  expectTypeOf(query.one()).resolves.toEqualTypeOf<User>();
  expectTypeOf(select(User)).toEqualTypeOf<EntitySelect<User>>();
  // @ts-expect-error an entity is no model
  session.query(user);
  // @ts-expect-error a table goes by its class
  session.query('users');
});

test('filterBy: columns by value, to-one relations by entity', () => {
  session.query(User).filterBy({ name: 'x', email: null, manager: user });
  session.query(Post).filterBy({ author: {} as Admin, published: true });
  select(Project).filterBy({ tenantId: 'a', id: 1 });
  const filter: Filter<Post> = { title: 'x' };
  session.query(Post).filterBy(filter);
  // @ts-expect-error a number is no name
  session.query(User).filterBy({ name: 1 });
  // @ts-expect-error name is not nullable
  session.query(User).filterBy({ name: null });
  // @ts-expect-error undefined would filter by nothing
  session.query(User).filterBy({ name: undefined });
  // @ts-expect-error no such attribute
  session.query(User).filterBy({ nope: 1 });
  // @ts-expect-error a method is no filter
  session.query(User).filterBy({ greeting: 'x' });
  // @ts-expect-error a collection is no filter: where(User.c.posts.some())
  session.query(User).filterBy({ posts: [] });
  // @ts-expect-error an author is never null
  session.query(Post).filterBy({ author: null });
  // @ts-expect-error a post is no author
  session.query(Post).filterBy({ author: {} as Post });
});

test('join() takes a relation', () => {
  select(User).join(User.c.posts).where(Post.c.views.gt(1));
  select(Post).join(Post.c.author);
  // @ts-expect-error a column is no relation
  select(User).join(User.c.name);
  // @ts-expect-error a model alone says not how
  select(User).join(Post);
});

test('rows of columns', async () => {
  const rows = select({ id: User.c.id, email: User.c.email }).from(User);
  expectTypeOf(session.all(rows)).resolves.toEqualTypeOf<{ id: UserId; email: string | null }[]>();
  expectTypeOf(session.first(rows)).resolves.toEqualTypeOf<{ id: UserId; email: string | null } | null>();
  expectTypeOf(session.one(rows)).resolves.toEqualTypeOf<{ id: UserId; email: string | null }>();
  // @ts-expect-error an expression is no statement
  void session.all(User.c.name);
  // @ts-expect-error a model is no statement: select(User)
  void session.all(User);
  // @ts-expect-error a query runs itself
  void session.all(session.query(User));
});

test('subqueries, common table expressions and scalars', async () => {
  const per = select({ authorId: Post.c.authorId, n: count() }).from(Post).groupBy(Post.c.authorId);
  expectTypeOf(per.subquery('per').c.n).toEqualTypeOf<Expr<number, 'per'>>();
  expectTypeOf(per.cte('per').c.authorId).toEqualTypeOf<Expr<UserId, 'per'>>();
  const most = select({ n: count() }).from(Post).scalar();
  expectTypeOf(most).toEqualTypeOf<Expr<number | null>>();
  select(Post).where(Post.c.views.eq(most));
  // @ts-expect-error not a column of the subquery
  void per.subquery('per').c.title;
});

test('unions', async () => {
  const names = union(select({ name: User.c.name }).from(User), select({ name: User.c.name }).from(User));
  expectTypeOf(session.all(names.orderBy(User.c.name).limit(1))).resolves.toEqualTypeOf<{ name: string }[]>();
  unionAll(select({ id: Post.c.views }).from(Post), select({ id: Post.c.views }).from(Post));
  // @ts-expect-error a column of another type
  union(select({ id: Post.c.views }).from(Post), select({ id: Tag.c.label }).from(Tag));
  // @ts-expect-error a column of another name
  union(select({ id: Post.c.views }).from(Post), select({ key: Post.c.views }).from(Post));
});

test('recursive', async () => {
  const tree = recursive('tree', select({ id: User.c.id }).from(User).where(User.c.managerId.isNull()), (tree) =>
    select({ id: User.c.id }).from(User).innerJoin(tree, User.c.managerId.eq(tree.c.id)),
  );
  expectTypeOf(session.all(select({ id: tree.c.id }).from(tree))).resolves.toEqualTypeOf<{ id: UserId }[]>();
  recursive('tree', select({ id: User.c.id }).from(User), (tree) =>
    // @ts-expect-error the start has no such column
    select({ id: User.c.id }).from(User).innerJoin(tree, User.c.managerId.eq(tree.c.parent)),
  );
});
