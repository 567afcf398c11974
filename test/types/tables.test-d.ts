import { expectTypeOf, test } from 'vitest';
import {
  alias,
  ddl,
  declarativeBase,
  deleteFrom,
  type Engine,
  type Expr,
  index,
  insert,
  integer,
  json,
  select,
  type Session,
  sql,
  table,
  text,
  timestamp,
  update,
  view,
} from 'cinnabar';

declare const engine: Engine;
declare const session: Session;

const orgs = table('orgs', { id: integer().primaryKey(), title: text() });
const users = table(
  'users',
  {
    id: integer().primaryKey(),
    name: text<'Ann' | 'Bob'>(),
    secret: text().hidden().nullable(),
    meta: json<{ words: number }>().default({ words: 0 }),
    madeAt: timestamp(),
    orgId: integer().nullable().references('orgs.id'),
  },
  { unique: [['orgId', 'name']], strict: true },
);
interface UserRow {
  id: number;
  name: 'Ann' | 'Bob';
  secret: string | null;
  meta: { words: number };
  madeAt: Date;
  orgId: number | null;
}
interface OrgRow {
  id: number;
  title: string;
}

test('rows of a table', () => {
  expectTypeOf(engine.all(select(users))).resolves.toEqualTypeOf<UserRow[]>();
  expectTypeOf(session.all(select(users).where(users.c.name.eq('Ann')))).resolves.branded.toEqualTypeOf<UserRow[]>();
  expectTypeOf(
    engine.all(select({ name: users.c.name, org: orgs }).from(users).leftJoin(orgs, orgs.c.id.eq(users.c.orgId))),
  ).resolves.branded.toEqualTypeOf<{ name: 'Ann' | 'Bob'; org: OrgRow | null }[]>();
  const peer = alias(users, 'peer');
  expectTypeOf(engine.all(select({ peer, name: peer.c.name }).from(peer))).resolves.branded.toEqualTypeOf<
    { peer: UserRow; name: 'Ann' | 'Bob' }[]
  >();
  const sub = select(users).subquery('sub');
  expectTypeOf(engine.all(select({ id: sub.c.id, meta: sub.c.meta }).from(sub))).resolves.branded.toEqualTypeOf<
    { id: number; meta: { words: number } }[]
  >();
  // @ts-expect-error 'Cid' is none of the names
  users.c.name.eq('Cid');
  // @ts-expect-error no such column
  void users.c.nope;
});

test('writes', () => {
  insert(users).values({ name: 'Ann', madeAt: new Date() });
  // @ts-expect-error a column without a default is needed
  insert(users).values({ name: 'Ann' });
  // @ts-expect-error no such column
  insert(users).values({ name: 'Ann', madeAt: new Date(), nope: 1 });
  expectTypeOf(engine.all(insert(orgs).values({ title: 'x' }).returning())).resolves.toEqualTypeOf<OrgRow[]>();
  expectTypeOf(
    engine.all(update(orgs).set({ title: 'x' }).allRows().returning({ id: orgs.c.id })),
  ).resolves.branded.toEqualTypeOf<{ id: number }[]>();
  // @ts-expect-error a number is no title
  update(orgs).set({ title: 1 });
  // @ts-expect-error every row is meant only where allRows() says so
  void engine.run(deleteFrom(orgs));
  insert(orgs)
    .values({ title: 'x' })
    .onConflict('id')
    .update((x) => ({ title: x.title }));
  // @ts-expect-error an alias is no table to write to
  insert(alias(orgs, 'other'));
});

test('columns that the database computes are read, and never given', () => {
  const Model = declarativeBase();
  class Person extends Model('people', {
    id: integer().primaryKey(),
    first: text(),
    full: text().generatedAs(({ first }) => sql`${first} || '!'`),
    size: integer()
      .generatedAs(sql`1`, { stored: true })
      .nullable(),
  }) {}
  expectTypeOf(new Person({ first: 'x' }).full).toEqualTypeOf<string>();
  expectTypeOf(new Person({ first: 'x' }).size).toEqualTypeOf<number | null>();
  // @ts-expect-error computed
  void new Person({ first: 'x', full: 'y' });
  // @ts-expect-error computed
  insert(Person).values({ first: 'x', size: 1 });
  const people = table('people', {
    id: integer().primaryKey({ autoincrement: true }),
    full: text().generatedAs(sql`'x'`),
  });
  insert(people).values({});
  insert(people).values({ id: 1 });
  // @ts-expect-error computed
  insert(people).values({ full: 'x' });
  expectTypeOf(engine.all(select(people))).resolves.toEqualTypeOf<{ id: number; full: string }[]>();
});

test('a view has the rows of its select', () => {
  const seen = view('seen', select({ name: users.c.name, org: users.c.orgId }).from(users));
  expectTypeOf(seen.c.name).toEqualTypeOf<Expr<'Ann' | 'Bob', 'seen'>>();
  expectTypeOf(engine.all(select(seen))).resolves.branded.toEqualTypeOf<
    { name: 'Ann' | 'Bob'; org: number | null }[]
  >();
  expectTypeOf(
    engine.all(select({ title: orgs.c.title, name: seen.c.name }).from(orgs).leftJoin(seen, seen.c.org.eq(orgs.c.id))),
  ).resolves.branded.toEqualTypeOf<{ title: string; name: 'Ann' | 'Bob' | null }[]>();
  // @ts-expect-error a view is not written
  insert(seen);
});

test('what a schema says is checked', () => {
  integer().references('orgs.id', { onDelete: 'set default', onUpdate: 'cascade', deferrable: 'deferred' });
  // @ts-expect-error no such action
  integer().references('orgs.id', { onDelete: 'explode' });
  integer().defaultSql(5);
  integer().defaultSql(sql`5`);
  // @ts-expect-error a text is no whole number
  integer().defaultSql('5');
  table('t', { n: integer() }, { constrain: (c) => ({ checks: { low: c.n.lt(5) }, indexes: [index(c.n)] }) });
  // @ts-expect-error no such column
  table('t', { n: integer() }, { constrain: (c) => ({ checks: { low: c.m.lt(5) } }) });
  for (const change of ddl(orgs.metadata)) {
    if (change.kind === 'createTable') expectTypeOf(change.table.name).toEqualTypeOf<string>();
    // @ts-expect-error no such kind
    if (change.kind === 'truncate') throw new Error('unreachable');
  }
});

test('a table is no model, and its options name its columns', () => {
  // @ts-expect-error a table has no entities
  session.query(users);
  // @ts-expect-error a table has no entities
  void session.get(users, 1);
  // @ts-expect-error no such attribute
  table('t', { id: integer() }, { unique: [['no']] });
});
