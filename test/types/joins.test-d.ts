import { expectTypeOf, test } from 'vitest';
import { alias, coalesce, count, lower, max, select, when, type Session } from 'cinnabar';
import { Admin, Post, Tag, User, type PostId, type UserId } from './models.ts';

declare const session: Session;
const on = Post.c.authorId.eq(User.c.id);
const shape = { name: User.c.name, title: Post.c.title };

test('an inner join leaves nothing null', async () => {
  const rows = await session.all(select(shape).from(User).innerJoin(Post, on));
  expectTypeOf(rows).toEqualTypeOf<{ name: string; title: string }[]>();
});

test('a left join: what is joined', async () => {
  const rows = await session.all(select(shape).from(User).leftJoin(Post, on));
  expectTypeOf(rows).toEqualTypeOf<{ name: string; title: string | null }[]>();
  // @ts-expect-error a title may be null after a left join
  const title: string = rows[0]!.title;
  return title;
});

test('a right join: what was there before', async () => {
  const rows = await session.all(select(shape).from(User).rightJoin(Post, on));
  expectTypeOf(rows).toEqualTypeOf<{ name: string | null; title: string }[]>();
  // @ts-expect-error a name may be null after a right join
  const name: string = rows[0]!.name;
  return name;
});

test('a full join: both', async () => {
  const rows = await session.all(select(shape).from(User).fullJoin(Post, on));
  expectTypeOf(rows).toEqualTypeOf<{ name: string | null; title: string | null }[]>();
});

test('joins one after another', async () => {
  const three = { ...shape, label: Tag.c.label };
  const tagged = Tag.c.id.eq(1n);
  const leftInner = await session.all(select(three).from(User).leftJoin(Post, on).innerJoin(Tag, tagged));
  expectTypeOf(leftInner).toEqualTypeOf<{ name: string; title: string | null; label: string }[]>();
  const leftRight = await session.all(select(three).from(User).leftJoin(Post, on).rightJoin(Tag, tagged));
  expectTypeOf(leftRight).toEqualTypeOf<{ name: string | null; title: string | null; label: string }[]>();
  const rightLeft = await session.all(select(three).from(User).rightJoin(Post, on).leftJoin(Tag, tagged));
  expectTypeOf(rightLeft).toEqualTypeOf<{ name: string | null; title: string; label: string | null }[]>();
  const innerFull = await session.all(select(three).from(User).innerJoin(Post, on).fullJoin(Tag, tagged));
  expectTypeOf(innerFull).toEqualTypeOf<{ name: string | null; title: string | null; label: string | null }[]>();
});

test('an alias is a source of its own', async () => {
  const Boss = alias(User, 'boss');
  const rows = await session.all(
    select({ name: User.c.name, boss: Boss.c.name, id: Boss.c.id })
      .from(User)
      .leftJoin(Boss, Boss.c.id.eq(User.c.managerId)),
  );
  expectTypeOf(rows).toEqualTypeOf<{ name: string; boss: string | null; id: UserId | null }[]>();
});

test('entities in a row', async () => {
  const Boss = alias(User, 'boss');
  const rows = await session.all(
    select({ user: User, boss: Boss, post: Post, n: count() })
      .from(User)
      .leftJoin(Boss, Boss.c.id.eq(User.c.managerId))
      .innerJoin(Post, on),
  );
  expectTypeOf(rows).toEqualTypeOf<{ user: User; boss: User | null; post: Post; n: number }[]>();
  const right = await session.all(select({ user: User, post: Post }).from(User).rightJoin(Post, on));
  expectTypeOf(right).toEqualTypeOf<{ user: User | null; post: Post }[]>();
  const full = await session.all(select({ user: User, post: Post }).from(User).fullJoin(Post, on));
  expectTypeOf(full).toEqualTypeOf<{ user: User | null; post: Post | null }[]>();
});

test('a subclass with its own table', async () => {
  const rows = await session.all(
    select({ name: Admin.c.name, level: Admin.c.level, title: Post.c.title })
      .from(Post)
      .leftJoin(Admin, Admin.c.id.eq(Post.c.authorId)),
  );
  expectTypeOf(rows).toEqualTypeOf<{ name: string | null; level: number | null; title: string }[]>();
});

test('functions of a column follow it, coalesce and aggregates end it', async () => {
  const rows = await session.all(
    select({
      low: lower(Post.c.title),
      more: Post.c.views.plus(1),
      renamed: Post.c.id.as('post_id'),
      shown: coalesce(Post.c.title, 'none'),
      named: coalesce(Post.c.title, User.c.name),
      most: max(Post.c.views),
      n: count(Post.c.id),
      sum: User.c.score.plus(Post.c.views),
      size: when(Post.c.views.gt(1), Post.c.title).else('x'),
    })
      .from(User)
      .leftJoin(Post, on)
      .groupBy(User.c.id),
  );
  expectTypeOf(rows).toEqualTypeOf<
    {
      low: string | null;
      more: number | null;
      renamed: PostId | null;
      shown: string;
      named: string;
      most: number | null;
      n: number;
      sum: number | null;
      size: string | null;
    }[]
  >();
});

test('a subquery is a source of its own', async () => {
  const per = select({ authorId: Post.c.authorId, n: count() }).from(Post).groupBy(Post.c.authorId).subquery('per');
  const rows = await session.all(
    select({ name: User.c.name, n: per.c.n }).from(User).leftJoin(per, per.c.authorId.eq(User.c.id)),
  );
  expectTypeOf(rows).toEqualTypeOf<{ name: string; n: number | null }[]>();
});

test('the other clauses keep what joins said', async () => {
  const rows = await session.all(
    select(shape)
      .from(User)
      .leftJoin(Post, on)
      .where(User.c.name.eq('x'))
      .groupBy(User.c.name)
      .having(count().gt(1))
      .distinct()
      .orderBy(User.c.name)
      .limit(1)
      .offset(1),
  );
  expectTypeOf(rows).toEqualTypeOf<{ name: string; title: string | null }[]>();
});

test('what is no source, and no condition', () => {
  // @ts-expect-error a column is no source
  select(shape).from(User.c.name);
  // @ts-expect-error a select is a source by the name that subquery() gives it
  select(shape).from(select(shape));
  // @ts-expect-error a join needs its condition
  select(shape).from(User).leftJoin(Post);
  // @ts-expect-error a number is no condition
  select(shape).from(User).leftJoin(Post, User.c.id);
  // @ts-expect-error a value is no column
  select({ name: 'x' });
});
