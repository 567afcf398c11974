import { expectTypeOf, test } from 'vitest';
import { select, type Loaded, type Many, type One, type Session, type With } from 'cinnabar';
import { Admin, Editor, Label, Post, Tag, User } from './models.ts';

declare const session: Session;
declare const user: User;
declare const post: Post;

test('without with(): handles to await', async () => {
  expectTypeOf(user.posts).toEqualTypeOf<Many<Post>>();
  expectTypeOf(user.manager).toEqualTypeOf<One<User | null>>();
  expectTypeOf(await user.posts).toEqualTypeOf<readonly Post[]>();
  expectTypeOf(await user.manager).toEqualTypeOf<User | null>();
  expectTypeOf(user.posts.peek()).toEqualTypeOf<readonly Post[] | undefined>();
  // @ts-expect-error not loaded
  void user.posts.items;
  // @ts-expect-error not loaded
  void user.manager.value;
  // @ts-expect-error what await yields is not the collection
  (await user.posts).push(new Post({ title: 'x' }));
});

test('a collection takes entities of its target', () => {
  user.posts.add({} as Post, {} as Post);
  user.manager.set(null);
  user.manager.set({} as Admin);
  // @ts-expect-error a tag is no post
  user.posts.add({} as Tag);
  // @ts-expect-error several go one by one
  user.posts.add([{} as Post]);
  // @ts-expect-error an author is never null
  post.author.set(null);
  // @ts-expect-error a label is no tag, though it has the same attributes
  post.tags.add({} as Label);
});

test('one level', async () => {
  const [first] = await session.query(User).with({ posts: true }).all();
  expectTypeOf(first!.posts.loaded).toEqualTypeOf<true>();
  expectTypeOf(first!.posts.items[0]!.headline()).toEqualTypeOf<string>();
  // @ts-expect-error only posts were loaded
  void first!.reports.items;
  // @ts-expect-error author was not loaded with the posts
  void first!.posts.items[0]!.author.value;
});

test('three levels', async () => {
  const user = await session
    .query(User)
    .with({ posts: { tags: { posts: true }, author: { manager: true } }, reports: { posts: true } })
    .one();
  expectTypeOf(user.posts.items[0]!.tags.items[0]!.posts.items[0]!.title).toEqualTypeOf<string>();
  expectTypeOf(user.posts.items[0]!.author.value.manager.value?.name).toEqualTypeOf<string | undefined>();
  expectTypeOf(user.reports.items[0]!.posts.items[0]!.title).toEqualTypeOf<string>();
  // @ts-expect-error the fourth level was not loaded
  void user.posts.items[0]!.tags.items[0]!.posts.items[0]!.tags.items;
});

test('through a to-one that may be null', async () => {
  const user = await session
    .query(User)
    .with({ manager: { manager: { posts: true } } })
    .one();
  expectTypeOf(user.manager.value?.manager.value?.posts.items[0]?.title).toEqualTypeOf<string | undefined>();
  // @ts-expect-error the manager may be null
  void user.manager.value.name;
});

test('an await keeps what with() loaded', async () => {
  const [user] = await session
    .query(User)
    .with({ posts: { tags: true } })
    .all();
  const posts = await user!.posts;
  expectTypeOf(posts).toExtend<readonly Post[]>();
});

test('with() twice', async () => {
  const user = await session.query(User).with({ posts: true }).with({ manager: true }).one();
  expectTypeOf(user.posts.items[0]!.title).toEqualTypeOf<string>();
  expectTypeOf(user.manager.value).toEqualTypeOf<User | null>();
});

test('further, from what is loaded already', async () => {
  const user = await session.query(User).with({ posts: true, manager: true }).one();
  const deeper = await session.load(user, { posts: { tags: true }, manager: { reports: true } });
  expectTypeOf(deeper.posts.items.map((post) => post.tags.items.length)).toEqualTypeOf<number[]>();
  expectTypeOf(deeper.posts.items[0]!.tags.items[0]!.label).toEqualTypeOf<string>();
  expectTypeOf(deeper.manager.value?.reports.items[0]?.name).toEqualTypeOf<string | undefined>();
  const wider = await session.load(deeper, { posts: { author: true } });
  expectTypeOf(wider.posts.items.map((post) => [post.tags.items.length, post.author.value.name])).toExtend<unknown[]>();
  const again = await session.load(wider, { posts: true });
  expectTypeOf(again.posts.items.map((post) => [post.tags.items.length, post.author.value.name])).toExtend<unknown[]>();
  for (const post of await session
    .query(User)
    .with({ posts: { tags: true } })
    .one()
    .then((one) => one.posts.items)) {
    expectTypeOf(post.tags.items[0]!.label).toEqualTypeOf<string>();
  }
  // @ts-expect-error reports of the posts' authors were not loaded
  again.posts.items.map((post) => post.author.value.reports.items);
});

test('a relation that may have been left out', async () => {
  const user = await session
    .query(User)
    .with({ posts: true, ...(Math.random() < 0.5 ? {} : { manager: true as const }) })
    .one();
  expectTypeOf(user.posts.items[0]!.title).toEqualTypeOf<string>();
  expectTypeOf(await user.manager).toEqualTypeOf<User | null>();
  // @ts-expect-error the manager may not be loaded
  void user.manager.value;
});

test('every terminal of a query', async () => {
  const query = session.query(User).with({ posts: true });
  expectTypeOf((await query.first())?.posts.items).toEqualTypeOf<readonly Post[] | undefined>();
  expectTypeOf((await query.oneOrNull())?.posts.items).toEqualTypeOf<readonly Post[] | undefined>();
  expectTypeOf(query.count()).resolves.toEqualTypeOf<number>();
  expectTypeOf(query.exists()).resolves.toEqualTypeOf<boolean>();
  for await (const user of query.stream()) expectTypeOf(user.posts.items).toEqualTypeOf<readonly Post[]>();
});

test('what is no relation of the model', () => {
  // @ts-expect-error no such attribute
  session.query(User).with({ nope: true });
  // @ts-expect-error a column is no relation
  session.query(User).with({ name: true });
  // @ts-expect-error a relation of the target, not of the model
  session.query(User).with({ tags: true });
  // @ts-expect-error no relation of the target
  session.query(User).with({ posts: { reports: true } });
  // @ts-expect-error leave out what is not to be loaded
  session.query(User).with({ posts: false });
  // @ts-expect-error a select of another model
  session.query(User).with({ posts: select(Tag) });
  // @ts-expect-error a select of columns is no part of the target
  session.query(User).with({ posts: select({ id: Post.c.id }).from(Post) });
});

test('a part of a relation', async () => {
  const user = await session
    .query(User)
    .with({ posts: select(Post).where(Post.c.published.eq(true)).limit(3) })
    .one();
  expectTypeOf(user.posts.subset).toEqualTypeOf<readonly Post[]>();
  // @ts-expect-error a part is not the whole
  void user.posts.items;
});

test('a part, with relations of its own', async () => {
  const user = await session
    .query(User)
    .with({ posts: select(Post).with({ tags: true }).limit(3) })
    .one();
  expectTypeOf(user.posts.subset[0]!.tags.items[0]!.label).toEqualTypeOf<string>();
  // @ts-expect-error author was not loaded with the part
  void user.posts.subset[0]!.author.value;
});

test('a part of a subclass', async () => {
  const user = await session
    .query(User)
    .with({ reports: select(Admin).limit(3) })
    .one();
  expectTypeOf(user.reports.subset[0]!.rank()).toEqualTypeOf<string>();
});

test('a select with relations, on a session', async () => {
  const [user] = await session.all(select(User).with({ posts: true }).orderBy(User.c.id));
  expectTypeOf(user!.posts.items[0]!.title).toEqualTypeOf<string>();
});

test('load() and loadAll()', async () => {
  const loaded = await session.load(user, { posts: { author: true } });
  expectTypeOf(loaded.posts.items[0]!.author.value.name).toEqualTypeOf<string>();
  const again = await session.load(loaded, { manager: true });
  expectTypeOf(again.posts.items[0]!.author.value.name).toEqualTypeOf<string>();
  expectTypeOf(again.manager.value).toEqualTypeOf<User | null>();
  const all = await session.loadAll([user], { posts: true });
  expectTypeOf(all[0]!.posts.items[0]!.title).toEqualTypeOf<string>();
  // @ts-expect-error not a relation
  void session.load(user, { name: true });
  // @ts-expect-error a list goes to loadAll()
  void session.load([user], { posts: true });
});

test('Loaded and With in signatures', async () => {
  const titles = (of: Loaded<User, { posts: true }>): string[] => of.posts.items.map((post) => post.title);
  const deep = (of: Loaded<User, { posts: { tags: true } }>): bigint => of.posts.items[0]!.tags.items[0]!.id;
  const loaded = await session
    .query(User)
    .with({ posts: { tags: true }, manager: true })
    .one();
  titles(loaded);
  deep(loaded);
  const shape = { posts: { tags: true } } satisfies With<User>;
  deep(await session.query(User).with(shape).one());
  // @ts-expect-error posts were not loaded
  titles(user);
  // @ts-expect-error tags were not loaded
  deep(await session.load(user, { posts: true }));
  // @ts-expect-error no relation of User
  expectTypeOf<Loaded<User, { tags: true }>>();
});

test('a function over any session and its models', async () => {
  const load = async (session: Session) => session.query(Post).with({ author: true }).all();
  expectTypeOf((await load(session))[0]!.author.value).toEqualTypeOf<User>();
});

test('relations of a base, on its subclasses', async () => {
  const admin = await session.query(Admin).with({ posts: true, manager: true }).one();
  expectTypeOf(admin.rank()).toEqualTypeOf<string>();
  expectTypeOf(admin.posts.items[0]!.title).toEqualTypeOf<string>();
  const editor = await session.query(Editor).with({ posts: true }).one();
  expectTypeOf(editor.role).toEqualTypeOf<'editor'>();
  expectTypeOf(editor.desk).toEqualTypeOf<string | null>();
});
