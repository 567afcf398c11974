// The public API in use. Every line type-checks as written, and each @ts-expect-error is a misuse that must not compile.
// oxlint-disable no-new, no-unused-expressions, typescript/no-floating-promises, typescript/no-misused-spread -- misuses stand as statements
import {
  alias,
  and,
  bigint,
  boolean,
  coalesce,
  count,
  createAll,
  createEngine,
  declarativeBase,
  deleteFrom,
  enumeration,
  extend,
  index,
  insert,
  integer,
  json,
  lower,
  many,
  one,
  select,
  serialize,
  Session,
  sum,
  text,
  timestamp,
  update,
  uuid,
  when,
  type AnyModel,
  type Changes,
  type Driver,
  type Expr,
  type InstanceOf,
  type Json,
  type KeyOf,
  type Loaded,
  type NewValues,
  type Only,
} from 'cinnabar';

const Model = declarativeBase({ columns: { createdAt: timestamp().default(() => new Date()) } });

class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique().nullable(),
  password: text().nullable().hidden(),
  role: enumeration('reader', 'editor').default('reader'),
  managerId: integer().nullable().references('users.id'),
  get manager() {
    return one(User, { by: 'managerId' }).nullable();
  },
  get reports() {
    return many(User, { by: 'managerId' });
  },
  get posts() {
    return many(Post, { by: 'authorId', cascade: 'orphans' });
  },
}) {
  get greeting() {
    return `Hello, ${this.name}`;
  }
}

class Post extends Model(
  'posts',
  {
    id: integer().primaryKey(),
    title: text(),
    views: integer().default(0),
    published: boolean().default(false),
    meta: json<{ words: number }>().default({ words: 0 }),
    authorId: integer().references('users.id', { onDelete: 'cascade' }),
    get author() {
      return one(User, { by: 'authorId' });
    },
    get tags() {
      return many(Tag, { through: 'post_tags' });
    },
  },
  { unique: [['authorId', 'title']] },
).constrain((c) => ({
  checks: { views: c.views.gte(0) },
  indexes: [index(c.authorId, c.createdAt.desc()).where(c.published.eq(true))],
})) {
  headline() {
    return this.title.toUpperCase();
  }
}

class Tag extends Model('tags', {
  id: bigint().primaryKey(),
  label: text().unique(),
  get posts() {
    return many(Post, { through: 'post_tags' });
  },
}) {}

class Admin extends extend(User, 'admins', { level: integer() }) {
  rank() {
    return `${this.greeting} (${this.level})`;
  }
}
class Editor extends extend(User, { role: 'editor' }, { desk: text().nullable() }) {} // rows of users
Model.register(Admin, Editor); // a query of User may meet them

const Tenanted = Model.with({ tenantId: uuid().primaryKey() });
class Project extends Tenanted('projects', { id: integer().primaryKey({ generated: false }), name: text() }) {}
class Country extends Model('countries', { code: text().primaryKey(), name: text() }) {}
class Label extends Model('labels', {
  id: bigint().primaryKey(),
  label: text(),
  get posts() {
    return many(Post);
  },
}) {} // like Tag, column for column

declare const embedded: Driver<true>;
declare const batchOnly: Driver<false>;

export async function tour() {
  const engine = createEngine(embedded);
  await createAll(engine, Model.metadata);
  await using session = new Session(engine);

  const ann = new User({ name: 'Ann', posts: [new Post({ title: 'One', tags: [new Tag({ label: 'sql' })] })] });
  session.add(ann);
  await session.commit(); // one round trip: three tables, generated keys

  const users = await session
    .query(User)
    .where(User.c.name.eq('Ann'), User.c.posts.some(Post.c.published.eq(false)))
    .with({ posts: { tags: true }, manager: true }) // one round trip, whatever the depth
    .all();
  const label: string = users[0]!.posts.items[0]!.tags.items[0]!.label;
  const boss: string | undefined = users[0]!.manager.value?.greeting;

  for (const user of await session.query(User).all()) for (const post of await user.posts) post.headline(); // two round trips in all, not one for each user

  const latest = await session
    .query(User)
    .with({ posts: select(Post).where(Post.c.published.eq(true)).orderBy(Post.c.id.desc()).limit(3) })
    .one();
  const names: Only<User, 'name'>[] = await session.query(User).loadOnly('name').all();
  const loaded = await session.load(ann, { posts: true }); // the same object, now known to be loaded
  const first: string | undefined = latest.posts.subset[0]?.title ?? titles(loaded)[0];

  await session.transaction(async () => {
    ann.name = 'Anna';
  });
  const admin: string = new Admin({ name: 'Root', level: 9 }).rank();
  const editor: 'editor' = new Editor({ name: 'Ed' }).role;
  await session.get(Project, { tenantId: 'a', id: 1 });
  const dto = serialize(loaded, { posts: true });
  const plain: Json<User> = ann.toJSON();
  const made: string = dto.posts[0]!.createdAt;

  // @ts-expect-error name is needed
  new User({});
  // @ts-expect-error nothing makes this key
  new Country({ name: 'France' });
  // @ts-expect-error a number is no name
  User.c.name.eq(1);
  // @ts-expect-error undefined is never a value
  User.c.name.eq(undefined);
  // @ts-expect-error null is equal to nothing: isNull()
  User.c.email.eq(null);
  // @ts-expect-error a tag is no post
  ann.posts.add(new Tag({ label: 'x' }));
  // @ts-expect-error a label is no tag, though it has the same attributes
  new Post({ title: 'x', tags: [new Label({ label: 'x' })] });
  // @ts-expect-error what await yields is not the collection
  (await ann.posts).push(new Post({ title: 'x' }));
  // @ts-expect-error a relation is changed by add, remove and set
  ann.posts = users[0]!.posts;
  // @ts-expect-error not a relation of User
  session.query(User).with({ nope: true });
  // @ts-expect-error author was not loaded with the posts
  users[0]!.posts.items[0]!.author.value;
  // @ts-expect-error a part is not the whole
  latest.posts.items;
  // @ts-expect-error email was not read
  names[0]!.email;
  // @ts-expect-error posts were not loaded
  titles(ann);
  // @ts-expect-error hidden
  plain.password;
  // @ts-expect-error not in the shape
  dto.manager;
  // @ts-expect-error a string for an integer key
  session.get(User, '1');
  // @ts-expect-error a list is no entity: addAll
  session.add([ann]);
  // @ts-expect-error a copy is no entity
  session.add({ ...ann });
  // @ts-expect-error a method is no filter
  session.query(User).filterBy({ greeting: 'Hello, Ann' });
  // @ts-expect-error no such attribute
  Model('x', { a: text() }, { unique: [['b']] });
  // @ts-expect-error this driver has no interactive transactions
  new Session(createEngine(batchOnly)).transaction(async () => {});
  return { label, boss, first, admin, editor, made, both: and(User.c.id.gt(1), Tag.c.id.gt(1n)) };
}

/** Core: joins, aliases, subqueries, writes. */
export async function reports(session: Session) {
  const Boss = alias(User, 'boss');
  const rows = await session.all(
    select({
      name: User.c.name,
      title: Post.c.title,
      low: lower(Post.c.title),
      shown: coalesce(Post.c.title, 'none'),
      boss: Boss,
      n: count(),
    })
      .from(User)
      .leftJoin(Post, Post.c.authorId.eq(User.c.id))
      .leftJoin(Boss, Boss.c.id.eq(User.c.managerId))
      .groupBy(User.c.id),
  );
  const row: { name: string; title: string | null; low: string | null; shown: string; boss: User | null; n: number } =
    rows[0]!;
  const per = select({ authorId: Post.c.authorId, views: sum(Post.c.views) })
    .from(Post)
    .groupBy(Post.c.authorId)
    .subquery('per');
  const sizes = await session.all(
    select({ name: User.c.name, size: when(per.c.views.gt(99), 'big').else('small') })
      .from(User)
      .innerJoin(per, per.c.authorId.eq(User.c.id)),
  );
  const size: 'big' | 'small' = sizes[0]!.size;

  await session.run(
    insert(User)
      .values({ name: 'Ann', email: 'a@x' })
      .onConflict('email')
      .update((x) => ({ name: x.name })),
  );
  const ids: { id: number }[] = await session.all(
    update(Post)
      .set({ views: Post.c.views.plus(1) })
      .where(Post.c.id.in(select({ id: Post.c.id }).from(Post)))
      .returning({ id: Post.c.id }),
  );
  await session.run(deleteFrom(Tag).allRows());

  // @ts-expect-error a title may be null after a left join
  const title: string = rows[0]!.title;
  // @ts-expect-error an INSERT is given its foreign key
  insert(Post).values({ title: 'x' });
  // @ts-expect-error every row is meant only when allRows says so
  session.run(deleteFrom(Tag));
  // @ts-expect-error an expression is no statement
  session.all(User.c.name);
  // @ts-expect-error titles against numbers
  User.c.id.in(select({ title: Post.c.title }).from(Post));
  return { row, size, ids, title };
}

/** Functions over entities and models. */
function titles(user: Loaded<User, { posts: true }>) {
  return user.posts.items.map((post) => post.title);
}
export async function need<C extends AnyModel>(
  session: Session,
  model: C,
  key: KeyOf<InstanceOf<C>>,
): Promise<InstanceOf<C>> {
  return (await session.get(model, key)) ?? Promise.reject(new Error('404'));
}
export const byIds = <C extends AnyModel & { readonly c: { readonly id: Expr<number, string> } }>(
  session: Session,
  model: C,
  ids: number[],
) => session.query(model).where(model.c.id.in(ids)).all();
export const rename = (user: User, changes: Changes<User>) => Object.assign(user, changes);
export const row = (post: Post): NewValues<Post> => ({ title: post.title, authorId: post.authorId });
export async function save(session: Session) {
  return session.isInteractive() ? session.transaction(() => session.commit()) : session.commit();
}
