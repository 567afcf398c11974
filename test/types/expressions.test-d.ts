import { expectTypeOf, test } from 'vitest';
import {
  and,
  avg,
  call,
  coalesce,
  count,
  exists,
  integer,
  lag,
  lower,
  max,
  min,
  not,
  or,
  rank,
  rowNumber,
  select,
  sql,
  sum,
  when,
  type Condition,
  type Expr,
  type Session,
} from 'cinnabar';
import { Every, Post, Project, Tag, User, type UserId } from './models.ts';

declare const session: Session;

test('comparison: values and columns of one type', () => {
  User.c.name.eq('x');
  User.c.name.eq(Post.c.title);
  User.c.email.eq(User.c.name);
  User.c.name.eq(User.c.email);
  Post.c.views.between(1, Post.c.views);
  User.c.createdAt.gt(new Date());
  User.c.role.in(['editor']);
  // @ts-expect-error a number is no name
  User.c.name.eq(1);
  // @ts-expect-error a column of another type
  User.c.name.eq(Post.c.views);
  // @ts-expect-error no such label
  User.c.role.eq('owner');
  // @ts-expect-error a string is no instant
  User.c.createdAt.gt('2026-01-01');
  // @ts-expect-error both ends
  Post.c.views.between(1);
  // @ts-expect-error a number is no bigint
  Tag.c.id.lt(1);
});

test('null and undefined', () => {
  User.c.email.is(null);
  expectTypeOf(User.c.email.isNull()).toEqualTypeOf<Expr<boolean>>();
  // @ts-expect-error null is equal to nothing: isNull()
  User.c.email.eq(null);
  // @ts-expect-error nor is it in a list
  User.c.email.in([null]);
  // @ts-expect-error undefined is never a value
  User.c.email.eq(undefined);
  // @ts-expect-error what is never null
  User.c.name.is(null);
});

test('like() and plus() by type', () => {
  User.c.email.like('%x');
  expectTypeOf(Post.c.views.plus(1)).toEqualTypeOf<Expr<number, 'posts'>>();
  expectTypeOf(Post.c.views.plus(User.c.score)).toEqualTypeOf<Expr<number | null, 'users' | 'posts'>>();
  Tag.c.id.plus(1n);
  // @ts-expect-error a number has no pattern
  Post.c.views.like('1%');
  // @ts-expect-error text is not added
  User.c.name.plus('x');
  // @ts-expect-error a bigint and a number
  Tag.c.id.plus(1);
});

test('in() with a select', () => {
  User.c.id.in(select({ id: Post.c.authorId }).from(Post));
  User.c.id.in(select({ id: User.c.managerId }).from(User));
  User.c.name.in(select({ title: Post.c.title }).from(Post).orderBy(Post.c.id).limit(3));
  // @ts-expect-error titles against numbers
  Post.c.views.in(select({ title: Post.c.title }).from(Post));
  // @ts-expect-error entities are no values
  User.c.id.in(select(Post));
  // @ts-expect-error one value is no list
  Post.c.views.in(1);
  // @ts-expect-error a column is no list
  Post.c.views.in(Post.c.views);
});

test('conditions', () => {
  expectTypeOf(and(User.c.name.eq('x'), or(Post.c.published, not(User.c.email.isNull())))).toEqualTypeOf<Condition>();
  select(User).where(exists(select(Post).where(Post.c.authorId.eq(User.c.id))));
  select(User).where(User.c.posts.some(Post.c.published.eq(true)), User.c.posts.none(), User.c.manager.has());
  select(Post).where(Post.c.published);
  // @ts-expect-error a column of text is no condition
  select(User).where(User.c.name);
  // @ts-expect-error a value is no condition
  select(User).where(true);
  // @ts-expect-error a collection has no has()
  User.c.posts.has();
  // @ts-expect-error one entity has no some()
  User.c.manager.some();
  // @ts-expect-error every() of what?
  User.c.posts.every();
});

test('a to-one relation equals an entity, or null where it may be', () => {
  const user = {} as User;
  select(Post).where(Post.c.author.eq(user));
  select(User).where(User.c.manager.eq(null));
  // @ts-expect-error an author is never null
  Post.c.author.eq(null);
  // @ts-expect-error a post is no author
  Post.c.author.eq({} as Post);
  // @ts-expect-error a key is no entity
  Post.c.author.eq(1);
});

test('aggregates', async () => {
  const rows = await session.all(
    select({
      all: count(),
      emails: count(User.c.email).distinct(),
      first: min(User.c.createdAt),
      last: max(User.c.name),
      total: sum(Post.c.views).filter(Post.c.published.eq(true)),
      mean: avg(Post.c.views),
      big: sum(Tag.c.id),
    }).from(User),
  );
  expectTypeOf(rows).toEqualTypeOf<
    {
      all: number;
      emails: number;
      first: Date | null;
      last: string | null;
      total: number | null;
      mean: number | null;
      big: bigint | null;
    }[]
  >();
  // @ts-expect-error dates have no sum
  sum(User.c.createdAt);
  // @ts-expect-error text has no mean
  avg(User.c.name);
  // @ts-expect-error a value is no expression
  max(1);
});

test('windows', async () => {
  const window = { partitionBy: [Post.c.authorId], orderBy: [Post.c.views.desc().nullsLast(), Post.c.id] };
  const rows = await session.all(
    select({
      row: rowNumber().over(window),
      rank: rank().over({ orderBy: [Post.c.views] }),
      before: lag(Post.c.views).over({ ...window, frame: 'rows between 1 preceding and current row' }),
    }).from(Post),
  );
  expectTypeOf(rows).toEqualTypeOf<{ row: number; rank: number; before: number | null }[]>();
  // @ts-expect-error a column has no window
  Post.c.views.over(window);
  // @ts-expect-error no such clause
  rowNumber().over({ sortBy: [Post.c.views] });
});

test('case', async () => {
  const rows = await session.all(
    select({
      size: when(Post.c.views.gt(99), 'big').when(Post.c.views.gt(9), 'middle').else('small'),
      open: when(Post.c.published.eq(true), 1),
      name: when(Post.c.published.eq(true), Post.c.title).else(null),
      email: when(Post.c.published.eq(true), User.c.email).else('none'),
    }).from(Post),
  );
  expectTypeOf(rows).toEqualTypeOf<
    { size: 'big' | 'middle' | 'small'; open: 1 | null; name: string | null; email: string | null }[]
  >();
  // @ts-expect-error a value is no condition
  when(true, 1);
});

test('coalesce, sql and call', async () => {
  const rows = await session.all(
    select({
      email: coalesce(User.c.email, 'none'),
      still: coalesce(User.c.email, User.c.email),
      raw: sql<number>`1 + ${User.c.name}`,
      unknown: sql`1`,
      length: call('length', integer(), User.c.name),
    }).from(User),
  );
  expectTypeOf(rows).toEqualTypeOf<
    { email: string; still: string | null; raw: number; unknown: unknown; length: number }[]
  >();
  // @ts-expect-error a template tag takes no string
  sql('select 1');
  // @ts-expect-error the type is a column
  call('length', 'integer', User.c.name);
  // @ts-expect-error numbers have no lower case
  lower(Post.c.views);
});

test('order', () => {
  select(User).orderBy(User.c.name.desc().nullsLast(), User.c.id, count());
  // @ts-expect-error by name is no order
  select(User).orderBy('name');
  // @ts-expect-error a limit is a number
  select(User).limit('3');
});

test('every model has the attributes of its columns and relations', () => {
  expectTypeOf(User.c.managerId).toEqualTypeOf<Expr<UserId | null, 'users'>>();
  expectTypeOf(Project.c.tenantId).toEqualTypeOf<Expr<string, 'projects'>>();
  expectTypeOf(Every.c.big).toEqualTypeOf<Expr<bigint | null, 'every'>>();
  // @ts-expect-error no such attribute
  void User.c.nope;
  // @ts-expect-error a getter of the class is no attribute
  void User.c.greeting;
  // @ts-expect-error attributes are not assigned
  User.c.name = User.c.email;
});
