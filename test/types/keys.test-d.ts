import { expectTypeOf, test } from 'vitest';
import { integer, text, type KeyOf, type Session } from 'cinnabar';
import { Admin, Editor, Every, Model, Post, Project, Tag, User, type PostId, type UserId } from './models.ts';

declare const session: Session;
declare const userId: UserId;
declare const postId: PostId;

class Line extends Model('lines', {
  orderId: integer().primaryKey().references('orders.id'),
  position: integer().primaryKey({ generated: false }),
  note: text(),
}) {}

test('KeyOf: the value of a sole key, an object of a composite one', () => {
  expectTypeOf<KeyOf<User>>().toEqualTypeOf<UserId>();
  expectTypeOf<KeyOf<Tag>>().toEqualTypeOf<bigint>();
  expectTypeOf<KeyOf<Every>>().toEqualTypeOf<string>();
  expectTypeOf<KeyOf<Project>>().toEqualTypeOf<{ readonly tenantId: string; readonly id: number }>();
  expectTypeOf<KeyOf<Line>>().toEqualTypeOf<{ readonly orderId: number; readonly position: number }>();
});

test('a subclass has the key of its base', () => {
  expectTypeOf<KeyOf<Admin>>().toEqualTypeOf<UserId>();
  expectTypeOf<KeyOf<Editor>>().toEqualTypeOf<UserId>();
});

test('get() by a sole key', () => {
  expectTypeOf(session.get(User, userId)).resolves.toEqualTypeOf<User | null>();
  expectTypeOf(session.get(Tag, 1n)).resolves.toEqualTypeOf<Tag | null>();
  // @ts-expect-error a string for an integer key
  void session.get(User, '1');
  // @ts-expect-error a number without its brand
  void session.get(User, 1);
  // @ts-expect-error the brand of another model
  void session.get(User, postId);
  // @ts-expect-error a number for a bigint key
  void session.get(Tag, 1);
  // @ts-expect-error a sole key goes without its name
  void session.get(User, { id: userId });
  // @ts-expect-error null is no key
  void session.get(User, null);
  // @ts-expect-error an entity is no model
  void session.get({} as Post, postId);
});

test('get() by a composite key', () => {
  expectTypeOf(session.get(Project, { tenantId: 'a', id: 1 })).resolves.toEqualTypeOf<Project | null>();
  // @ts-expect-error half of the key
  void session.get(Project, { id: 1 });
  // @ts-expect-error one value for two
  void session.get(Project, 1);
  // @ts-expect-error the values are typed one by one
  void session.get(Project, { tenantId: 1, id: 1 });
  // @ts-expect-error name is no part of the key
  void session.get(Project, { tenantId: 'a', id: 1, name: 'x' });
  // @ts-expect-error by name, not by position
  void session.get(Project, ['a', 1]);
});
