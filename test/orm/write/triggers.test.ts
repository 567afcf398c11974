import { createClient } from '@libsql/client';
import { createAll, createEngine, declarativeBase, integer, many, Session, text } from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { recordingDriver } from 'cinnabar/testing';
import { expect, test } from 'vitest';

const Model = declarativeBase();
class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  get posts() {
    return many(Post);
  },
  get notes() {
    return many(Note);
  },
}) {}
class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  userId: integer().references('users.id'),
}) {}
class Note extends Model('notes', {
  id: integer().primaryKey(),
  body: text(),
  userId: integer().references('users.id'),
}) {}

const graph = (tag: string): User[] =>
  [1, 2].map(
    (n) =>
      new User({
        name: `${tag}${n}`,
        posts: [new Post({ title: `${tag}${n}` })],
        notes: [new Note({ body: `${tag}${n}` })],
      }),
  );

/** Children whose parent is not the one they were given: each carries its parent's name. */
const wrong = `select count(*) from (select title as name, user_id from posts union all select body, user_id from notes) as c
  where c.name <> (select name from users where id = c.user_id)`;

test('a trigger that makes keys between references costs one round trip, once, and no wrong link', async () => {
  const client = createClient({ url: ':memory:' });
  const driver = recordingDriver(libsql(client));
  const engine = createEngine(driver);
  await createAll(engine, Model.metadata);
  await client.execute(
    `create trigger intruder after insert on posts begin insert into users (name) values ('intruder'); end`,
  );

  const trips: number[] = [];
  for (const tag of ['a', 'b', 'c']) {
    const session = new Session(engine);
    session.addAll(graph(tag));
    await session.commit();
    trips.push(session.roundTrips);
  }

  expect((await client.execute(wrong)).rows[0]![0]).toBe(0);
  expect((await client.execute('select count(*) from users')).rows[0]![0]).toBe(12);
  expect((await client.execute('select count(*) from cinnabar_keys')).rows[0]![0]).toBe(0);
  expect(trips).toEqual([2, 1, 1]);
});

test('a trigger that makes no keys costs the same, and the commit is as meant', async () => {
  const client = createClient({ url: ':memory:' });
  const engine = createEngine(libsql(client));
  await createAll(engine, Model.metadata);
  await client.execute(
    `create trigger shout after insert on posts begin update users set name = name where id = new.user_id; end`,
  );
  const session = new Session(engine);
  session.addAll(graph('a'));
  await session.commit();
  expect((await client.execute(wrong)).rows[0]![0]).toBe(0);
  expect(session.roundTrips).toBe(2);
});

test('inside a transaction the keys are noted from the start', async () => {
  const client = createClient({ url: ':memory:' });
  const engine = createEngine(libsql(client));
  await createAll(engine, Model.metadata);
  await client.execute(
    `create trigger intruder after insert on posts begin insert into users (name) values ('intruder'); end`,
  );
  const session = new Session(engine);
  await session.transaction(async (tx) => {
    tx.addAll(graph('a'));
    await tx.flush();
    tx.addAll(graph('b'));
  });
  expect((await client.execute(wrong)).rows[0]![0]).toBe(0);
});
