import { expectTypeOf, test } from 'vitest';
import {
  deleteFrom,
  insert,
  select,
  sql,
  update,
  type Assignments,
  type Engine,
  type Session,
  type Write,
} from 'cinnabar';
import { Editor, Post, Project, Tag, User, type PostId, type UserId } from './models.ts';

declare const session: Session;
declare const engine: Engine;
const authorId = 1 as UserId;

test('insert: values', async () => {
  const write = insert(Post).values({ title: 'a', authorId }, { title: 'b', authorId, views: 1 });
  expectTypeOf(session.run(write)).resolves.toEqualTypeOf<number>();
  expectTypeOf(engine.run(write)).resolves.toEqualTypeOf<number>();
  insert(User).values({ name: 'x', password: 'x', email: null });
  insert(Project).values({ tenantId: 'a', id: 1, name: 'x' });
  // @ts-expect-error an INSERT is given its foreign key
  insert(Post).values({ title: 'x' });
  // @ts-expect-error title is needed
  insert(Post).values({ authorId });
  // @ts-expect-error a hidden column is needed as any other
  insert(User).values({ name: 'x' });
  // @ts-expect-error a relation is no column
  insert(Post).values({ title: 'x', authorId, author: {} as User });
  // @ts-expect-error no such column
  insert(Post).values({ title: 'x', authorId, nope: 1 });
  // @ts-expect-error rows go one by one
  insert(Post).values([{ title: 'x', authorId }]);
  // @ts-expect-error nothing to insert
  void session.run(insert(Post));
});

test('insert: from a select', () => {
  insert(Tag).from(select({ label: User.c.name }).from(User));
  // @ts-expect-error a label is text
  insert(Tag).from(select({ label: Post.c.views }).from(Post));
  // @ts-expect-error the author is missing
  insert(Post).from(select({ title: User.c.name }).from(User));
});

test('upsert', async () => {
  const write = insert(User)
    .values({ name: 'x', password: 'x', email: 'a@x' })
    .onConflict('email')
    .update((excluded) => {
      expectTypeOf(excluded.name).toExtend<Assignments<User>['name']>();
      return { name: excluded.name, email: null, role: 'editor' };
    });
  expectTypeOf(session.run(write)).resolves.toEqualTypeOf<number>();
  insert(Project).values({ tenantId: 'a', id: 1, name: 'x' }).onConflict('tenantId', 'id').ignore();
  const conflict = insert(Post).values({ title: 'x', authorId }).onConflict('id');
  conflict.update((excluded) => ({ views: Post.c.views.plus(excluded.views) }));
  // @ts-expect-error no such column
  insert(Post).values({ title: 'x', authorId }).onConflict('nope');
  // @ts-expect-error a relation is no column
  insert(Post).values({ title: 'x', authorId }).onConflict('author');
  // @ts-expect-error what was to be inserted has no such column
  conflict.update((excluded) => ({ title: excluded.name }));
  // @ts-expect-error views are no title
  conflict.update((excluded) => ({ title: excluded.views }));
  // @ts-expect-error what to do on the conflict?
  void session.run(conflict);
});

test('update: values and expressions', async () => {
  const write = update(Post)
    .set({ title: 'x', views: Post.c.views.plus(1) })
    .where(Post.c.id.eq(1 as PostId), Post.c.published.eq(true));
  expectTypeOf(session.run(write)).resolves.toEqualTypeOf<number>();
  update(User)
    .set({ email: null, name: sql<string>`upper(${User.c.name})` })
    .allRows();
  update(Editor).set({ desk: 'x' }).allRows();
  // @ts-expect-error every row is meant only when allRows says so
  void session.run(update(Post).set({ views: 0 }));
  // @ts-expect-error where what?
  update(Post).set({ views: 0 }).where();
  // @ts-expect-error title is not nullable
  update(Post).set({ title: null });
  // @ts-expect-error an expression of another type
  update(Post).set({ title: Post.c.views });
  // @ts-expect-error no such column
  update(Post).set({ nope: 1 });
  // @ts-expect-error a relation is no column
  update(Post).set({ author: {} as User });
  // @ts-expect-error undefined is never a value
  update(Post).set({ title: undefined });
});

test('delete', async () => {
  expectTypeOf(session.run(deleteFrom(Tag).where(Tag.c.id.eq(1n)))).resolves.toEqualTypeOf<number>();
  expectTypeOf(deleteFrom(Tag).allRows()).toEqualTypeOf<Write<typeof Tag>>();
  // @ts-expect-error every row is meant only when allRows says so
  void session.run(deleteFrom(Tag));
  // @ts-expect-error where what?
  deleteFrom(Tag).where();
});

test('returning: entities, or columns', async () => {
  const write = insert(Post).values({ title: 'x', authorId });
  expectTypeOf(session.all(write.returning())).resolves.toEqualTypeOf<Post[]>();
  expectTypeOf(session.all(write.returning({ id: Post.c.id }))).resolves.toEqualTypeOf<{ id: PostId }[]>();
  const changed = update(Post).set({ views: 1 }).allRows().returning({ id: Post.c.id, meta: Post.c.meta });
  expectTypeOf(session.one(changed)).resolves.toEqualTypeOf<{ id: PostId; meta: { words: number } }>();
  const gone = deleteFrom(Tag).allRows().returning({ label: Tag.c.label });
  expectTypeOf(engine.all(gone)).resolves.toEqualTypeOf<{ label: string }[]>();
  // @ts-expect-error without returning() there are no rows
  void session.all(write);
  // @ts-expect-error a value is no column
  write.returning({ id: 1 });
});
