import { DatabaseSync } from 'node:sqlite';

import { createClient } from '@libsql/client';
import { bigint, createAll, createEngine, declarativeBase, integer, one, Session, text } from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
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

class Node extends Model('nodes', {
  id: integer().primaryKey(),
  body: text(),
  parentId: integer().nullable().references('nodes.id'),
  get parent() {
    return one(Node, { by: 'parentId' }).nullable();
  },
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

test('rows of a later statement begin at the key made last; where some refer to given keys, none is taken for another', async () => {
  const raw = new DatabaseSync(':memory:');
  const driver = recordingDriver(nodeSqlite(raw));
  const engine = createEngine(driver);
  await createAll(engine, Model.metadata);
  const session = new Session(engine);
  const [old, ...nodes] = Array.from({ length: 2001 }, (_, at) => new Node({ body: `node ${at}` }));
  session.add(old!);
  await session.commit();
  driver.clear();
  nodes.forEach((node, at) => node.parent.set(at % 3 === 0 ? old! : at % 3 === 1 ? nodes[at - 1]! : null));
  const lines = Array.from({ length: 2000 }, (_, at) => new Line({ body: `line ${at}` }));
  session.addAll([...nodes, ...lines]);
  await session.commit();
  const inserts = driver.sql.filter((sql) => sql.startsWith('insert into "lines"'));
  expect(inserts.length).toBeGreaterThan(2);
  // An INSERT that reads its own table puts its rows aside first.
  expect(inserts.filter((sql) => sql.includes('from "lines"'))).toHaveLength(1);
  const parents = raw.prepare(
    'select n.body, p.body as above from nodes as n left join nodes as p on p.id = n.parent_id where n.id > ? order by n.id',
  );
  expect(parents.all(old!.id).map((row) => [row['body'], row['above']])).toEqual(
    nodes.toSorted((a, b) => a.id - b.id).map((node) => [node.body, node.parent.peek()?.body ?? null]),
  );
  const stored = raw.prepare('select id, body from lines order by id').all();
  expect(stored.map((row) => [row['id'], row['body']])).toEqual(lines.map(({ id, body }) => [id, body]));
});
