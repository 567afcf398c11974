import { expectTypeOf, test } from 'vitest';
import { serialize, type Json, type Loaded, type Session } from 'cinnabar';
import { Admin, Every, Post, Tag, User, type PostId, type UserId } from './models.ts';

declare const session: Session;
declare const user: User;

test('Json: visible columns; dates, bigints and bytes as text', () => {
  expectTypeOf(user.toJSON()).toExtend<{
    createdAt: string;
    id: UserId;
    name: string;
    email: string | null;
    role: 'reader' | 'editor';
    score: number | null;
    managerId: UserId | null;
  }>();
  expectTypeOf<Json<Tag>['id']>().toEqualTypeOf<string>();
  expectTypeOf<Json<Every>['seen']>().toEqualTypeOf<string | null>();
  expectTypeOf<Json<Every>['big']>().toEqualTypeOf<string | null>();
  expectTypeOf<Json<Every>['bytes']>().toEqualTypeOf<string | null>();
  expectTypeOf<Json<Every>['tags']>().toEqualTypeOf<readonly string[]>();
  expectTypeOf<Json<Post>['meta']>().toEqualTypeOf<{ words: number }>();
  expectTypeOf<keyof Json<Every>>().toEqualTypeOf<
    'id' | 'locale' | 'price' | 'ratio' | 'day' | 'seen' | 'big' | 'bytes' | 'tags' | 'version'
  >();
});

test('what is not in it', () => {
  const json: Json<User> = user.toJSON();
  // @ts-expect-error hidden
  void json.password;
  // @ts-expect-error a relation: serialize()
  void json.posts;
  // @ts-expect-error a getter of the class
  void json.greeting;
});

test('of a subclass', () => {
  const json = ({} as Admin).toJSON();
  expectTypeOf(json.name).toEqualTypeOf<string>();
  expectTypeOf(json.level).toEqualTypeOf<number>();
  // @ts-expect-error hidden in the base
  void json.password;
});

test('serialize(): the shape, and no more', async () => {
  const loaded = await session
    .query(User)
    .with({ posts: { tags: true }, manager: true, reports: true })
    .one();
  const dto = serialize(loaded, { posts: { tags: true }, manager: true });
  expectTypeOf(dto.name).toEqualTypeOf<string>();
  expectTypeOf(dto.posts[0]!.id).toEqualTypeOf<PostId>();
  expectTypeOf(dto.posts[0]!.createdAt).toEqualTypeOf<string>();
  expectTypeOf(dto.posts[0]!.tags[0]!.id).toEqualTypeOf<string>();
  expectTypeOf(dto.manager?.name).toEqualTypeOf<string | undefined>();
  // @ts-expect-error the manager may be null
  void dto.manager.name;
  // @ts-expect-error loaded, but not in the shape
  void dto.reports;
  // @ts-expect-error hidden at any depth
  void dto.manager?.password;
  // @ts-expect-error not in the shape of the posts
  void dto.posts[0]!.author;
});

test('serialize(): an empty shape', () => {
  expectTypeOf(serialize(user, {}).name).toEqualTypeOf<string>();
});

test('serialize(): a relation that the shape may leave out', async () => {
  const loaded = await session.query(User).with({ posts: true, manager: true }).one();
  const dto = serialize(loaded, { posts: true, ...(loaded.email === null ? {} : { manager: true as const }) });
  expectTypeOf(dto.posts[0]!.title).toEqualTypeOf<string>();
  expectTypeOf(dto.manager).toExtend<Json<User> | null | undefined>();
  // @ts-expect-error the shape may have left it out
  const manager: Json<User> | null = dto.manager;
  return manager;
});

test('serialize(): what the shape names must be loaded', async () => {
  const loaded = await session.load(user, { posts: true });
  serialize(loaded, { posts: true });
  // @ts-expect-error nothing is loaded
  serialize(user, { posts: true });
  // @ts-expect-error reports are not loaded
  serialize(loaded, { posts: true, reports: true });
  // @ts-expect-error tags are not loaded
  serialize(loaded, { posts: { tags: true } });
  // @ts-expect-error not a relation
  serialize(loaded, { name: true });
  // @ts-expect-error a copy is no entity
  // oxlint-disable-next-line typescript/no-misused-spread -- the misuse itself
  serialize({ ...user }, {});
});

test('Json with a shape, in signatures', async () => {
  type Dto = Json<User, { posts: { author: true } }>;
  const toDto = (user: Loaded<User, { posts: { author: true } }>): Dto => serialize(user, { posts: { author: true } });
  const dto = toDto(
    await session
      .query(User)
      .with({ posts: { author: true } })
      .one(),
  );
  expectTypeOf(dto.posts[0]!.author.name).toEqualTypeOf<string>();
});
