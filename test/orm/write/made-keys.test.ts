import { createClient } from '@libsql/client';
import { bigint, createAll, createEngine, declarativeBase, integer, Session, text } from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { recordingDriver } from 'cinnabar/testing';
import { expect, test } from 'vitest';

const Model = declarativeBase();
class Line extends Model('lines', { id: integer().primaryKey(), body: text() }) {}
class Big extends Model('bigs', { id: bigint().primaryKey(), body: text() }) {}
class Stamped extends Model('stamped', {
  id: integer().primaryKey(),
  body: text(),
  state: text().defaultSql('new'),
}) {}

const BODIES = ['a', 'b', 'c'];

async function open() {
  const client = createClient({ url: ':memory:' });
  const driver = recordingDriver(libsql(client));
  const engine = createEngine(driver);
  await createAll(engine, Model.metadata);
  driver.clear();
  const stored = async (table: string): Promise<unknown[]> =>
    (await client.execute(`select cast(id as text), body from ${table} order by id`)).rows.map((row) => [
      row[0],
      row[1],
    ]);
  return { client, driver, engine, stored };
}

test('of the keys of an INSERT only the last comes back, with its guard', async () => {
  const { driver, engine, stored } = await open();
  const session = new Session(engine);
  const lines = BODIES.map((body) => new Line({ body }));
  session.addAll(lines);
  await session.commit();
  expect(driver.sql).toHaveLength(2);
  expect(driver.sql[0]).not.toContain('returning');
  expect(driver.sql[1]).toMatch(/^select coalesce\(json_extract\('\{\}', case .* end\), last_insert_rowid\(\)\)$/);
  expect(await stored('lines')).toEqual(lines.map(({ id, body }) => [String(id), body]));
});

test('keys beyond 2^53 are exact', async () => {
  const { client, engine, stored } = await open();
  await client.execute(`insert into bigs (id, body) values (9007199254740993, 'first')`);
  const session = new Session(engine);
  const bigs = BODIES.map((body) => new Big({ body }));
  session.addAll(bigs);
  await session.commit();
  expect(bigs.map(({ id }) => id)).toEqual([9007199254740994n, 9007199254740995n, 9007199254740996n]);
  expect(await stored('bigs')).toEqual([
    ['9007199254740993', 'first'],
    ...bigs.map(({ id, body }) => [String(id), body]),
  ]);
});

test('triggers that write elsewhere, into an index of full text too, leave the last key as it is', async () => {
  const { client, engine, stored } = await open();
  await client.executeMultiple(`
    create virtual table found using fts5 (body);
    create table log (id integer primary key, said text);
    insert into log values (1000, 'before');
    create trigger noted before insert on lines begin insert into log (said) values (new.body); end;
    create trigger indexed after insert on lines begin insert into found (rowid, body) values (new.id + 500, new.body); end;
  `);
  const session = new Session(engine);
  const lines = BODIES.map((body) => new Line({ body }));
  session.addAll(lines);
  await session.commit();
  expect(lines.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(await stored('lines')).toEqual(lines.map(({ id, body }) => [String(id), body]));
});

test('where the database makes more than the key, the rows come back', async () => {
  const { driver, engine } = await open();
  const session = new Session(engine);
  const rows = BODIES.map((body) => new Stamped({ body }));
  session.addAll(rows);
  await session.commit();
  expect(driver.sql[0]).toMatch(/ returning "id", "state"$/);
  expect(rows.map(({ id, state }) => [id, state])).toEqual([
    [1, 'new'],
    [2, 'new'],
    [3, 'new'],
  ]);
});
