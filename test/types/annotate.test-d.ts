import { expectTypeOf, test } from 'vitest';
import { annotate, count, declarativeBase, integer, max, select, text, type Session } from 'cinnabar';
import { User } from './models.ts';

declare const session: Session;

test('values of expressions beside the entity, with its relations', async () => {
  const [user] = await annotate(session.query(User), { n: count(), last: max(User.c.name) })
    .with({ posts: true })
    .all();
  expectTypeOf(user!.n).toEqualTypeOf<number>();
  expectTypeOf(user!.last).toEqualTypeOf<User['name'] | null>();
  expectTypeOf(user!.name).toEqualTypeOf<User['name']>();
  expectTypeOf(user!.posts.items[0]!.title).toEqualTypeOf<string>();
  // @ts-expect-error read only
  user!.n = 1;
  // @ts-expect-error no such value
  void user!.other;
  // @ts-expect-error a number is no expression
  annotate(session.query(User), { n: 1 });
  // @ts-expect-error a select has no entities of a session
  annotate(select(User), { n: count() });
});

test('a view is a model, of a select or of one that is there', () => {
  const Model = declarativeBase();
  Model('a', { id: integer().primaryKey() }, { view: true });
  Model('b', { id: integer().primaryKey(), name: text() }, { view: () => select({ id: User.c.id }).from(User) });
  // @ts-expect-error a view is there, or is made of a select
  Model('c', { id: integer().primaryKey() }, { view: 'select 1' });
});
