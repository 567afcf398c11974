import { expectTypeOf, test } from 'vitest';
import {
  alias,
  double,
  type EntitySelect,
  except,
  explain,
  insert,
  integer,
  param,
  prepare,
  intersect,
  recursive,
  select,
  sum,
  text,
  union,
  update,
  deleteFrom,
  values,
  type Engine,
  type Rows,
  type RowSelect,
} from 'cinnabar';
import { Post, Tag, User, type PostId, type UserId } from './models.ts';

declare const engine: Engine;

test('sets of selects with the same rows', () => {
  const names = select({ name: User.c.name }).from(User);
  const titles = select({ name: Post.c.title }).from(Post);
  for (const whole of [union(names, titles), intersect(names, titles), except(names, titles)])
    expectTypeOf(whole).toEqualTypeOf<Rows<{ name: string }>>();
  // @ts-expect-error a number among names
  intersect(names, select({ name: Post.c.views }).from(Post));
  // @ts-expect-error another column
  except(names, select({ title: Post.c.title }).from(Post));
});

test('values() has the types of its columns', async () => {
  const rows = values({ id: integer<UserId>(), note: text().nullable() }, [{ id: 1 as UserId, note: null }]);
  expectTypeOf(engine.all(rows)).resolves.toEqualTypeOf<{ id: UserId; note: string | null }[]>();
  const given = rows.subquery('given');
  const joined = select({ id: User.c.id, note: given.c.note }).from(User).leftJoin(given, given.c.id.eq(User.c.id));
  expectTypeOf(engine.all(joined)).resolves.toEqualTypeOf<{ id: UserId; note: string | null }[]>();
  insert(Tag).from(values({ label: text() }, [{ label: 'a' }]));
  // @ts-expect-error a text is no number
  values({ id: integer() }, [{ id: 'x' }]);
  // @ts-expect-error the note is missing
  values({ id: integer(), note: text() }, [{ id: 1 }]);
  // @ts-expect-error no such column
  values({ id: integer() }, [{ id: 1, more: 1 }]);
  // @ts-expect-error a label is text
  insert(Tag).from(values({ label: double() }, [{ label: 1 }]));
});

test('outer joins of derived tables, aliases and models', async () => {
  const Boss = alias(User, 'boss');
  const views = select({ of: Post.c.authorId, all: sum(Post.c.views) })
    .from(Post)
    .groupBy(Post.c.authorId);
  const part = views.subquery('part');
  const whole = views.cte('whole', { materialized: true });
  const shape = { name: User.c.name, boss: Boss, part, all: whole.c.all };
  const left = select(shape)
    .from(User)
    .leftJoin(Boss, Boss.c.id.eq(User.c.managerId))
    .leftJoin(part, part.c.of.eq(User.c.id))
    .innerJoin(whole, whole.c.of.eq(User.c.id));
  const right = select({ name: User.c.name, all: part.c.all, of: part.c.of })
    .from(User)
    .rightJoin(part, part.c.of.eq(User.c.id));
  const full = select({ name: User.c.name, of: part.c.of }).from(User).fullJoin(part, part.c.of.eq(User.c.id));
  const [row] = await engine.all(left);
  expectTypeOf(row!.name).toEqualTypeOf<string>();
  expectTypeOf(row!.boss!.name).toEqualTypeOf<string>();
  expectTypeOf(row!.part).toEqualTypeOf<{ of: UserId; all: number | null } | null>();
  expectTypeOf(row!.all).toEqualTypeOf<number | null>();
  // @ts-expect-error there may be no boss
  void row!.boss.name;
  expectTypeOf(engine.all(right)).resolves.toEqualTypeOf<{ name: string | null; all: number | null; of: UserId }[]>();
  expectTypeOf(engine.all(full)).resolves.toEqualTypeOf<{ name: string | null; of: UserId | null }[]>();
});

test('a recursive query keeps its rows', () => {
  const start = select({ id: User.c.id, name: User.c.name }).from(User);
  const step = (self: { c: { id: typeof User.c.id } }) =>
    select({ id: User.c.id, name: User.c.name }).from(User).where(User.c.managerId.eq(self.c.id));
  const tree = recursive('tree', start, (self) => step(self as never), { all: false });
  expectTypeOf(engine.all(select({ id: tree.c.id }).from(tree))).resolves.toEqualTypeOf<{ id: UserId }[]>();
});

test('update from, and upserts with conditions', () => {
  const given = values({ id: integer<PostId>(), title: text() }, []).subquery('given');
  const write = update(Post).set({ title: given.c.title }).from(given);
  expectTypeOf(engine.run(write.where(given.c.id.eq(Post.c.id)))).resolves.toEqualTypeOf<number>();
  write.innerJoin(User, User.c.id.eq(Post.c.authorId)).leftJoin(Tag, Tag.c.id.eq(1n)).allRows();
  // @ts-expect-error which rows?
  void engine.run(write);
  // @ts-expect-error a delete reads no other source
  deleteFrom(Post).from(given);
  // @ts-expect-error a title is text
  update(Post).set({ title: given.c.id }).from(given);
  const conflict = insert(Post)
    .values({ title: 'x', authorId: 1 as UserId })
    .onConflict('id');
  conflict.update((x) => ({ views: x.views }), { where: (x) => x.views.gt(Post.c.views) });
  // @ts-expect-error a number is no condition
  conflict.update((x) => ({ views: x.views }), { where: (x) => x.views });
});

test('a batch: rows of what yields some, a count for the rest', () => {
  const answers = engine.batch([
    select({ id: User.c.id }).from(User),
    insert(Tag).values({ label: 'x' }),
    insert(Tag).values({ label: 'x' }).returning({ id: Tag.c.id }),
    deleteFrom(Tag).allRows(),
  ]);
  expectTypeOf(answers).resolves.toEqualTypeOf<readonly [{ id: UserId }[], number, { id: bigint }[], number]>();
  // @ts-expect-error every row is meant only when allRows says so
  void engine.batch([deleteFrom(Tag)]);
});

test('explain() takes what can be run', () => {
  expectTypeOf(explain(engine, select(User))).resolves.toEqualTypeOf<string[]>();
  void explain(engine, deleteFrom(Tag).allRows());
  // @ts-expect-error every row is meant only when allRows says so
  void explain(engine, deleteFrom(Tag));
});

test('parts of statements are functions', () => {
  const page = <R>(rows: Rows<R>, at: number): Rows<R> => rows.limit(10).offset(at * 10);
  const published = <S, N extends string>(rows: RowSelect<S, N>): RowSelect<S, N> =>
    rows.where(Post.c.published.eq(true));
  const withAuthor = <S, N extends string>(rows: RowSelect<S, N>) => rows.leftJoin(User, User.c.id.eq(Post.c.authorId));
  const newest = <E extends Post>(posts: EntitySelect<E>): EntitySelect<E> => posts.orderBy(Post.c.id.desc());

  const whole = page(published(withAuthor(select({ title: Post.c.title, author: User.c.name }).from(Post))), 2);
  expectTypeOf(engine.all(whole)).resolves.toEqualTypeOf<{ title: string; author: string | null }[]>();
  expectTypeOf(newest(select(Post))).toEqualTypeOf<EntitySelect<Post>>();
  // @ts-expect-error of another model
  newest(select(User));
});

test('prepare() has the values that it declares, and the rows of its statement', async () => {
  const byName = prepare(engine, { name: text(), least: integer().nullable() }, ({ name, least }) =>
    select({ id: User.c.id }).from(User).where(User.c.name.eq(name), User.c.score.gt(least)),
  );
  expectTypeOf(byName.all({ name: 'x', least: null })).resolves.toEqualTypeOf<{ id: UserId }[]>();
  const rename = prepare(engine, { id: integer<UserId>(), to: text() }, ({ id, to }) =>
    update(User).set({ name: to }).where(User.c.id.eq(id)),
  );
  expectTypeOf(rename.run({ id: 1 as UserId, to: 'x' })).resolves.toEqualTypeOf<number>();
  const free = prepare(
    engine,
    select({ id: User.c.id })
      .from(User)
      .where(User.c.name.eq(param('name'))),
  );
  expectTypeOf(free.all({ name: 'x' })).resolves.toEqualTypeOf<{ id: UserId }[]>();
  update(User).set({ name: param('to') });
  // @ts-expect-error the name is missing
  void byName.all({ least: 1 });
  // @ts-expect-error a text is no number
  void byName.all({ name: 'x', least: 'x' });
  // @ts-expect-error no such value
  void byName.all({ name: 'x', least: null, more: 1 });
  // @ts-expect-error a write has a count
  void rename.all({ id: 1 as UserId, to: 'x' });
  // @ts-expect-error a number is no name
  update(User).set({ name: param<number>('to') });
});
