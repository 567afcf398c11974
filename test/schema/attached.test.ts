import { DatabaseSync } from 'node:sqlite';
import {
  createAll,
  createEngine,
  declarativeBase,
  deleteFrom,
  dropAll,
  index,
  insert,
  integer,
  many,
  MetaData,
  one,
  select,
  Session,
  sql,
  table,
  text,
  update,
  view,
  withSchemas,
} from 'cinnabar';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { expect, test } from 'vitest';

// Several databases in one connection: a schema is the name that a database is attached under.

function attached(): { database: DatabaseSync; names: (schema: string) => unknown[] } {
  const database = new DatabaseSync(':memory:');
  database.exec(`attach ':memory:' as "the archive"; pragma foreign_keys = on`);
  const names = (schema: string): unknown[] =>
    database
      .prepare(`select name from "${schema}".sqlite_master where name not like 'sqlite~_%' escape '~' order by name`)
      .all()
      .map(({ name }) => name);
  return { database, names };
}

test('tables, indexes, keys and views of an attached database', async () => {
  const { database, names } = attached();
  const engine = createEngine(nodeSqlite(database));
  const metadata = new MetaData({ schema: 'the archive' });
  const orgs = table('orgs', { id: integer().primaryKey(), title: text().unique() }, { metadata });
  const users = table(
    'users',
    {
      id: integer().primaryKey({ autoincrement: true }),
      name: text(),
      orgId: integer().references('orgs.id', { onDelete: 'cascade' }),
    },
    { metadata, constrain: (c) => ({ indexes: [index(c.name)], checks: { named: c.name.ne('') } }) },
  );
  const members = view(
    'members',
    select({ name: users.c.name, title: orgs.c.title }).from(users).innerJoin(orgs, orgs.c.id.eq(users.c.orgId)),
    { metadata },
  );
  const here = table('orgs', { id: integer().primaryKey() }, { metadata, schema: 'main' });
  await createAll(engine, metadata);
  await createAll(engine, metadata);

  expect(names('the archive')).toEqual(['ix_users_name', 'members', 'orgs', 'users']);
  expect(names('main')).toEqual(['orgs']);
  await engine.run(insert(orgs).values({ id: 1, title: 'one' }));
  await engine.run(insert(users).values({ name: 'Ann', orgId: 1 }, { name: 'Bob', orgId: 1 }));
  await engine.run(insert(here).values({ id: 7 }));
  expect(await engine.all(select(members).orderBy(members.c.name))).toEqual([
    { name: 'Ann', title: 'one' },
    { name: 'Bob', title: 'one' },
  ]);
  expect(await engine.all(select(here))).toEqual([{ id: 7 }]);
  await engine.run(update(users).set({ name: 'Eve' }).where(users.c.id.eq(1)));
  await expect(engine.run(insert(users).values({ name: 'x', orgId: 9 }))).rejects.toThrow(
    /refers to one that is not there/,
  );
  await engine.run(deleteFrom(orgs).allRows());
  expect(await engine.all(select(users))).toEqual([]);
  await dropAll(engine, metadata);
  expect([names('the archive'), names('main')]).toEqual([[], []]);
});

test('a trigger of an attached database that makes keys links no row wrongly', async () => {
  const { database } = attached();
  const engine = createEngine(nodeSqlite(database));
  const Model = declarativeBase({ schema: 'the archive' });
  class Org extends Model('orgs', { id: integer().primaryKey(), title: text() }) {}
  class Log extends Model('logs', { id: integer().primaryKey(), body: text() }) {}
  class User extends Model('users', {
    id: integer().primaryKey(),
    orgId: integer().references('orgs.id'),
    logId: integer().references('logs.id'),
    get org() {
      return one(Org);
    },
    get log() {
      return one(Log);
    },
  }) {}
  await createAll(engine, Model.metadata);
  database.exec(
    `create trigger "the archive".t after insert on logs begin insert into orgs (title) values ('of the trigger'); end`,
  );
  const session = new Session(engine);
  const users = ['one', 'two'].map((title) => new User({ org: new Org({ title }), log: new Log({ body: title }) }));
  session.addAll(users);
  await session.commit();
  const found = await engine.all(
    select({ org: Org.c.title, log: Log.c.body })
      .from(User)
      .innerJoin(Org, Org.c.id.eq(User.c.orgId))
      .innerJoin(Log, Log.c.id.eq(User.c.logId))
      .orderBy(User.c.id),
  );
  expect(found).toEqual([
    { org: 'one', log: 'one' },
    { org: 'two', log: 'two' },
  ]);
});

test('a session on models of an attached database', async () => {
  const { database, names } = attached();
  const engine = createEngine(nodeSqlite(database));
  const Model = declarativeBase({ schema: 'the archive' });
  class Org extends Model('orgs', {
    id: integer().primaryKey(),
    title: text(),
    get users() {
      return many(User, { cascade: 'delete' });
    },
    get tags() {
      return many(Tag, { through: 'org_tags' });
    },
  }) {}
  class User extends Model('users', {
    id: integer().primaryKey({ autoincrement: true }),
    name: text(),
    shout: text().generatedAs(({ name }) => sql`${name} || ''`),
    orgId: integer().references('orgs.id'),
    get org() {
      return one(Org);
    },
  }) {}
  class Tag extends Model('tags', { id: integer().primaryKey(), label: text() }) {}
  await createAll(engine, Model.metadata);
  const session = new Session(engine);
  const org = new Org({
    title: 'one',
    users: [new User({ name: 'Ann' }), new User({ name: 'Bob' })],
    tags: [new Tag({ label: 'x' })],
  });
  session.add(org);
  await session.commit();
  for (const user of await org.users) user.name += '!';
  await session.commit();

  const [read] = await new Session(engine).query(Org).with({ users: true, tags: true }).all();
  expect(read?.users.items.map(({ name, shout }) => [name, shout])).toEqual([
    ['Ann!', 'Ann!'],
    ['Bob!', 'Bob!'],
  ]);
  expect(read?.tags.items.map(({ label }) => label)).toEqual(['x']);
  session.delete(org);
  await session.commit();
  session.add(new Org({ title: 'two', users: [new User({ name: 'Cid' }), new User({ name: 'Dan' })] }));
  await session.commit();
  expect(await engine.all(select({ id: User.c.id }).from(User).orderBy(User.c.id))).toEqual([{ id: 3 }, { id: 4 }]);
  await dropAll(engine, Model.metadata);
  expect(names('the archive')).toEqual([]);
});

test('a driver under which a schema is another database', async () => {
  const { database, names } = attached();
  const metadata = new MetaData({ schema: 'models' });
  const notes = table('notes', { id: integer().primaryKey({ autoincrement: true }), body: text() }, { metadata });
  const engine = createEngine(withSchemas(nodeSqlite(database), { models: 'the archive' }));
  await createAll(engine, metadata);
  expect(names('the archive')).toEqual(['notes']);
  await engine.run(insert(notes).values({ body: 'a' }, { body: 'b' }));
  await engine.run(deleteFrom(notes).where(notes.c.body.eq('a')));
  expect(await engine.all(select({ body: notes.c.body }).from(notes))).toEqual([{ body: 'b' }]);
  const Base = declarativeBase({ schema: 'models' });
  class Item extends Base('items', {
    id: integer().primaryKey({ autoincrement: true }),
    get items() {
      return many(Item, { by: 'parentId' });
    },
    parentId: integer().nullable().references('items.id'),
  }) {}
  await createAll(engine, Base.metadata);
  const session = new Session(engine);
  session.add(new Item({ items: [new Item({}), new Item({})] }));
  await session.commit();
  expect(await session.query(Item).where(Item.c.parentId.isNull()).with({ items: true }).all()).toHaveLength(1);
});
