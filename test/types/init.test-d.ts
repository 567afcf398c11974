// oxlint-disable no-new -- what a constructor takes is what is tested
import { expectTypeOf, test } from 'vitest';
import { declarativeBase, integer, sql, text, uuid } from 'cinnabar';
import { Every, Label, Model, Post, Project, Tag, User, type Locale, type UserId } from './models.ts';

declare const user: User;
declare const other: User;
declare const id: UserId;
declare const locale: Locale;

test('what has no default is needed; what has one, is generated, nullable or foreign is not', () => {
  new User({ name: 'Ann', password: 'x' });
  new Post({ title: 'x' });
  new Tag({ label: 'x' });
  // @ts-expect-error name is needed
  new User({ password: 'x' });
  // @ts-expect-error hidden is no less needed
  new User({ name: 'Ann' });
  // @ts-expect-error no attribute at all
  new User();
});

test('every attribute may be given', () => {
  new User({ id, name: 'Ann', password: 'x', email: null, role: 'editor', createdAt: new Date(), managerId: null });
  new User({ name: 'Ann', password: 'x', manager: null, reports: [user], posts: new Set([new Post({ title: 'x' })]) });
  new Post({ title: 'x', author: user });
  new Post({ title: 'x', authorId: id });
});

test('values are those of the column', () => {
  // @ts-expect-error a number is no name
  new User({ name: 1, password: 'x' });
  // @ts-expect-error name is not nullable
  new User({ name: null, password: 'x' });
  // @ts-expect-error undefined is no value of a needed column
  new User({ name: undefined, password: 'x' });
  // @ts-expect-error undefined is no value of an optional column
  new User({ name: 'Ann', password: 'x', email: undefined });
  // @ts-expect-error no such label
  new User({ name: 'Ann', password: 'x', role: 'owner' });
  // @ts-expect-error no such attribute
  new User({ name: 'Ann', password: 'x', nickname: 'A' });
  // @ts-expect-error a method is no attribute
  new User({ name: 'Ann', password: 'x', greeting: 'Hi' });
  // @ts-expect-error a number without its brand
  new Post({ title: 'x', authorId: 1 });
});

test('relations take entities of their target', () => {
  // @ts-expect-error the author is not nullable
  new Post({ title: 'x', author: null });
  // @ts-expect-error a post is no author
  new Post({ title: 'x', author: new Post({ title: 'y' }) });
  // @ts-expect-error a label is no tag, though it has the same attributes
  new Post({ title: 'x', tags: [new Label({ label: 'x' })] });
  // @ts-expect-error plain data is no entity
  new Post({ title: 'x', tags: [{ label: 'x' }] });
  // @ts-expect-error one tag is no list
  new Post({ title: 'x', tags: new Tag({ label: 'x' }) });
});

test('keys', () => {
  class Country extends Model('countries', { code: text().primaryKey(), name: text() }) {}
  class Profile extends Model('profiles', { userId: integer().primaryKey().references('users.id'), bio: text() }) {}
  class Token extends Model('tokens', {
    id: uuid()
      .primaryKey()
      .default(() => crypto.randomUUID()),
  }) {}
  new Country({ code: 'fr', name: 'France' });
  new Profile({ bio: 'x' });
  new Token({});
  new Project({ tenantId: 'a', id: 1, name: 'x' });
  // @ts-expect-error nothing makes this key
  new Country({ name: 'France' });
  // @ts-expect-error a shared key is needed as any other
  new Project({ id: 1, name: 'x' });
  // @ts-expect-error this integer is not generated
  new Project({ tenantId: 'a', name: 'x' });
  // @ts-expect-error this key has no default
  new Every({ locale, price: '1.00', ratio: 1, day: '2026-01-01', tags: [] });
  new Every({ id: 'x', locale, price: '1.00', ratio: 1, day: '2026-01-01', tags: [] });
});

test('defaults of the database, of an update, and versions', () => {
  class Row extends declarativeBase()('rows', {
    id: integer().primaryKey(),
    made: integer().defaultSql(sql`1`),
    changed: integer().onUpdate(() => 1),
    version: integer().version(),
  }) {}
  new Row({ changed: 1 });
  // @ts-expect-error onUpdate gives a value to no new row
  new Row({});
});

test('what an entity has', () => {
  expectTypeOf(user.id).toEqualTypeOf<UserId>();
  expectTypeOf(user.email).toEqualTypeOf<string | null>();
  expectTypeOf(user.role).toEqualTypeOf<'reader' | 'editor'>();
  expectTypeOf(user.createdAt).toEqualTypeOf<Date>();
  expectTypeOf(user.greeting).toEqualTypeOf<string>();
  user.email = null;
  // @ts-expect-error name is not nullable
  user.name = null;
  // @ts-expect-error a relation is changed by add() and remove()
  user.posts = other.posts;
  // @ts-expect-error and by set()
  user.manager = null;
  // @ts-expect-error no such attribute
  void user.nickname;
});
