import { createEngine, type Engine, Session } from 'cinnabar';
import { pg } from 'cinnabar/pg';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { pulled, sample } from '../migrate/pull-cases.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';

const url = postgresDatabase();
let pool: Pool;
let engine: Engine;
beforeAll(() => {
  pool = new Pool({ connectionString: url(), pipeline: true });
  engine = createEngine(pg(pool));
});
afterAll(() => pool.end());
beforeEach(() => psql(url(), 'drop schema public cascade', 'create schema public'));

test('Chinook', async () => {
  await psql(url(), sample('chinook.postgres'));
  const { models } = await pulled(engine);
  const { Artist, Track, Playlist } = models;
  const session = new Session(engine);
  const [artist] = (await session
    .query(Artist)
    .with({ albums: { tracks: { playlists: true } } })
    .all()) as any[];
  const [ebb] = artist.albums.items[0].tracks.items;
  expect([ebb.name, ebb.unitPrice, ebb.playlists.items[0].name]).toEqual(['Ebb', '0.99', 'Sea']);
  const sea = (await session.query(Playlist).filterBy({ name: 'Sea' }).with({ tracks: true }).one()) as any;
  sea.tracks.add(new Track({ trackId: 9, name: 'Wave', mediaTypeId: 1, milliseconds: 1000, unitPrice: '0.50' }));
  await session.commit();
  expect(await session.query(Track).where(Track.c.playlists.some()).count()).toBe(5);
});

test('Northwind', async () => {
  await psql(url(), sample('northwind.postgres'));
  const { models } = await pulled(engine);
  const { Order, Product, OrderDetail } = models;
  const session = new Session(engine);
  const [order] = (await session
    .query(Order)
    .with({ customer: true, orderDetails: { product: true } })
    .all()) as any[];
  expect(order.customer.value.companyName).toBe('Alder and Sons');
  expect(order.orderDetails.items.map((line: any) => line.product.value.productName)).toEqual(['Black Tea', 'Saffron']);
  const [tea] = (await session.query(Product).all()) as any[];
  tea.unitsInStock = 7;
  session.add(new OrderDetail({ order, product: await session.get(Product, 2 as never), unitPrice: 1.5, discount: 0 }));
  await session.commit();
  expect(await session.query(OrderDetail).count()).toBe(4);
});

test('columns beside the key that the database numbers stay as they are', async () => {
  await psql(
    url(),
    `create table tickets (id serial primary key, number bigserial, place bigint generated always as identity, code text default ('t' || nextval('tickets_id_seq')))`,
  );
  const { code, models } = await pulled(engine);
  expect(code).toContain(`number: integer().defaultSql(sql\`nextval('tickets_number_seq'::regclass)\`)`);
  expect(Object.keys(models)).toEqual(['Model', 'Ticket']);
});

test('types that no model declares are read and written as text, and what models cannot say stays', async () => {
  await psql(
    url(),
    `create type mood as enum ('sad', 'happy')`,
    `create table things (id bigserial primary key, feeling mood not null default 'happy', place inet, price money, tags text[], marks int[], spot point, during int4range, doc json, words tsvector, code char(3), size numeric, at timestamptz(3))`,
    `create index things_words on things using gin (words)`,
    `create index things_code on things (code bpchar_pattern_ops) include (size)`,
    `create view v as select id from things`,
    `create materialized view m as select id from things`,
  );
  const { code, models } = await pulled(engine);
  expect(code).toContain(`enumType('mood', ['sad', 'happy'])`);
  const { Thing } = models;
  const session = new Session(engine);
  const made = new Thing({
    place: '10.0.0.1',
    code: 'abc',
    doc: { a: 1 },
    tags: ['a', 'b c'],
    marks: '{1,NULL}',
    spot: '(1,2)',
    during: '[1,5)',
  });
  session.add(made);
  await session.commit();
  const [found] = (await new Session(engine).query(Thing).all()) as any[];
  expect([found.feeling, found.place, found.code, found.doc]).toEqual(['happy', '10.0.0.1', 'abc', { a: 1 }]);
  expect([found.tags, found.marks, found.spot, found.during]).toEqual([['a', 'b c'], '{1,NULL}', '(1,2)', '[1,5)']);
});
