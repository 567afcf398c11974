import { expectTypeOf, test } from 'vitest';
import { columnGroup, defer, select, undefer, type Only, type Session } from 'cinnabar';
import { Admin, Post, Project, User, type UserId } from './models.ts';

declare const session: Session;

test('the columns that were named, and the key', async () => {
  const users = await session.query(User).loadOnly('name', 'role').all();
  expectTypeOf(users).toExtend<Only<User, 'name' | 'role'>[]>();
  expectTypeOf(users[0]!.id).toEqualTypeOf<UserId>();
  expectTypeOf(users[0]!.name).toEqualTypeOf<string>();
  expectTypeOf(users[0]!.role).toEqualTypeOf<'reader' | 'editor'>();
  expectTypeOf(users[0]!.greeting).toEqualTypeOf<string>();
  // @ts-expect-error email was not read
  void users[0]!.email;
  // @ts-expect-error a part of an entity is not the whole
  const whole: User = users[0]!;
  return whole;
});

test('what takes a part takes the whole', async () => {
  const name = (user: Only<User, 'name'>): string => user.name;
  name({} as User);
  name(await session.query(User).loadOnly('name', 'email').one());
  // @ts-expect-error another part
  name(await session.query(User).loadOnly('email').one());
});

test('every part of a composite key stays', async () => {
  const project = await session.query(Project).loadOnly('name').one();
  expectTypeOf(project.tenantId).toEqualTypeOf<string>();
  expectTypeOf(project.id).toEqualTypeOf<number>();
  // @ts-expect-error createdAt was not read
  void project.createdAt;
});

test('it is an entity: it can be changed, deleted and loaded', async () => {
  const user = await session.query(User).loadOnly('name').one();
  user.name = 'Ann';
  session.delete(user);
  await session.refresh(user);
  const loaded = await session.load(user, { posts: true });
  expectTypeOf(loaded.posts.items[0]!.title).toEqualTypeOf<string>();
  expectTypeOf(loaded.name).toEqualTypeOf<string>();
});

test('its JSON has no more than it', async () => {
  const user = await session.query(User).loadOnly('name', 'password').one();
  expectTypeOf(user.toJSON()).toExtend<{ id: UserId; name: string }>();
  // @ts-expect-error email was not read
  void user.toJSON().email;
  // @ts-expect-error password is hidden, read or not
  void user.toJSON().password;
});

test('beside with(), in either order', async () => {
  const one = await session.query(User).with({ posts: true }).loadOnly('name').one();
  const two = await session.query(User).loadOnly('name').with({ posts: true }).one();
  expectTypeOf(one.posts.items[0]!.title).toEqualTypeOf<string>();
  expectTypeOf(two.posts.items[0]!.title).toEqualTypeOf<string>();
  // @ts-expect-error email was not read
  void one.email;
  // @ts-expect-error email was not read
  void two.email;
});

test('in a part of a relation', async () => {
  const user = await session
    .query(User)
    .with({ posts: select(Post).loadOnly('title') })
    .one();
  expectTypeOf(user.posts.subset[0]!.title).toEqualTypeOf<string>();
  // @ts-expect-error views were not read
  void user.posts.subset[0]!.views;
});

test('of a subclass', async () => {
  const admin = await session.query(Admin).loadOnly('level').one();
  expectTypeOf(admin.level).toEqualTypeOf<number>();
  expectTypeOf(admin.id).toEqualTypeOf<UserId>();
  // @ts-expect-error name was not read
  void admin.name;
});

test('what is no column', () => {
  // @ts-expect-error no such attribute
  session.query(User).loadOnly('nope');
  // @ts-expect-error a relation is no column: with()
  session.query(User).loadOnly('posts');
  // @ts-expect-error a method is no column
  session.query(User).loadOnly('greeting');
});

test('a group of columns is absent, and then there', async () => {
  const contact = columnGroup(User, 'email', 'role');
  const users = await defer(session.query(User), contact).all();
  // @ts-expect-error email was not read
  void users[0]!.email;
  expectTypeOf(users[0]!.name).toEqualTypeOf<string>();
  const user = await undefer(session, contact, users[0]!);
  expectTypeOf(user.email).toEqualTypeOf<User['email']>();
  const [other] = await undefer(session, contact, users);
  expectTypeOf(other!.role).toEqualTypeOf<'reader' | 'editor'>();
  // @ts-expect-error no column
  columnGroup(User, 'posts');
});
