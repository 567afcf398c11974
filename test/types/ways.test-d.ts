import {
  aggregateOf,
  batchLoad,
  containsEager,
  countOf,
  countsOf,
  defer,
  type Expr,
  joinedLoad,
  jsonLoad,
  lazyLoad,
  max,
  paginate,
  parts,
  raiseLoad,
  recursiveLoad,
  select,
  selectInLoad,
  Session,
  strict,
  undefer,
} from 'cinnabar';
import { expectTypeOf, test } from 'vitest';
import { Post, Tag, User } from './models.ts';

declare const session: Session;
declare const user: User;

test('a way to load does not change what is loaded', async () => {
  const loaded = await session
    .query(User)
    .with({
      posts: joinedLoad({ tags: jsonLoad(true) }),
      manager: selectInLoad(true),
      reports: batchLoad({ posts: true }),
    })
    .one();
  expectTypeOf(loaded.posts.items[0]!.tags.items[0]!.label).toEqualTypeOf<string>();
  expectTypeOf(loaded.manager.value).toEqualTypeOf<User | null>();
  expectTypeOf(loaded.reports.items[0]!.posts.items).toEqualTypeOf<readonly Post[]>();
  const part = await session
    .query(User)
    .with({ posts: joinedLoad(select(Post).with({ author: true })) })
    .one();
  expectTypeOf(part.posts.subset[0]!.author.value.name).toEqualTypeOf<string>();
  // @ts-expect-error a part is not the whole
  void part.posts.items;
});

test('a way for what is no relation, or of another model', () => {
  // @ts-expect-error no relation of Post
  session.query(User).with({ posts: joinedLoad({ reports: true }) });
  // @ts-expect-error a select of another model
  session.query(User).with({ posts: jsonLoad(select(Tag)) });
  // @ts-expect-error false is nothing to load
  session.query(User).with({ posts: jsonLoad(false) });
});

test('what is not loaded is not known to be', async () => {
  const lazy = await session.query(User).with({ posts: lazyLoad(), manager: raiseLoad() }).one();
  // @ts-expect-error not loaded
  void lazy.posts.items;
  // @ts-expect-error not loaded
  void lazy.manager.value;
});

test('parts, each by its name', async () => {
  const loaded = await session
    .query(User)
    .with({ posts: parts({ newest: select(Post).limit(3), tagged: select(Post).with({ tags: true }) }) })
    .one();
  expectTypeOf(loaded.posts.parts.newest).toEqualTypeOf<readonly Post[]>();
  expectTypeOf(loaded.posts.parts.tagged[0]!.tags.items[0]!.label).toEqualTypeOf<string>();
  // @ts-expect-error no such part
  void loaded.posts.parts.oldest;
  // @ts-expect-error parts are not the whole
  void loaded.posts.items;
  // @ts-expect-error nor the part without a name
  void loaded.posts.subset;
  // @ts-expect-error a select of another model
  session.query(User).with({ posts: parts({ tags: select(Tag) }) });
});

test('what a join has brought is a part', async () => {
  const loaded = await session
    .query(User)
    .join(User.c.posts)
    .with({ posts: containsEager({ tags: true }) })
    .one();
  expectTypeOf(loaded.posts.subset[0]!.tags.items[0]!.label).toEqualTypeOf<string>();
  const plain = await session.query(Post).join(Post.c.author).with({ author: containsEager() }).one();
  expectTypeOf(plain.author.subset).toEqualTypeOf<readonly User[]>();
});

test('so many levels, and no more', async () => {
  const loaded = await session
    .query(User)
    .with({ reports: recursiveLoad(2) })
    .one();
  expectTypeOf(loaded.reports.items[0]!.reports.items[0]!.name).toEqualTypeOf<string>();
  // @ts-expect-error a third level was not loaded
  void loaded.reports.items[0]!.reports.items[0]!.reports.items;
});

test('strict, defer and undefer', async () => {
  expectTypeOf(strict(session)).toEqualTypeOf<Session>();
  const [post] = await strict(defer(session.query(Post), 'title', 'meta')).all();
  expectTypeOf(post!.views).toEqualTypeOf<number>();
  // @ts-expect-error deferred
  void post!.title;
  // @ts-expect-error a relation is no column
  defer(session.query(Post), 'tags');
  expectTypeOf(undefer(session, Post, post!)).resolves.toEqualTypeOf<Post>();
  expectTypeOf(undefer(session, Post, [post!])).resolves.toEqualTypeOf<Post[]>();
});

test('pages', async () => {
  const query = session.query(User).with({ posts: true });
  const page = await paginate(query, { size: 10, count: true });
  expectTypeOf(page.items[0]!.posts.items).toEqualTypeOf<readonly Post[]>();
  expectTypeOf(page.count).toEqualTypeOf<number>();
  const next = await paginate(query, { size: 10, after: page.next });
  expectTypeOf(next.count).toEqualTypeOf<number | undefined>();
  // @ts-expect-error one place at a time
  void paginate(query, { size: 10, after: 'x', page: 2 });
  // @ts-expect-error how many
  void paginate(query, {});
});

test('counts and aggregates of a relation', () => {
  expectTypeOf(countOf(User.c.posts)).toEqualTypeOf<Expr<number>>();
  expectTypeOf(aggregateOf(User.c.posts, max(Post.c.views))).toEqualTypeOf<Expr<number | null>>();
  expectTypeOf(countsOf(session, [user], User.c.posts)).resolves.toEqualTypeOf<Map<User, number>>();
  // @ts-expect-error a column is no relation
  countOf(User.c.name);
});
