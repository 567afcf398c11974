import {
  array,
  bigint,
  bytes,
  cidr,
  createAll,
  createAllSql,
  createEngine,
  double,
  declarativeBase,
  inet,
  insert,
  integer,
  json,
  MetaData,
  numeric,
  plainDate,
  plainDateTime,
  range,
  rangeAdjacent,
  rangeContains,
  rangeHas,
  rangeOverlaps,
  select,
  Session,
  sql,
  table,
  timestamp,
  typed,
  text,
  vector,
  type Condition,
  type Engine,
  type Range,
} from 'cinnabar';
import { pg } from 'cinnabar/pg';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresCodec } from '../../src/dialect/postgres/codecs.ts';
import { postgresDialect } from '../../src/dialect/postgres/index.ts';
import { specOf } from '../../src/sql/functions/typed.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';

const url = postgresDatabase();
const Model = declarativeBase();
class Stay extends Model('stays', {
  id: integer().primaryKey(),
  nights: range(plainDate()),
  rooms: range(integer()).nullable(),
  keys: range(bigint()).nullable(),
  prices: range(numeric(10, 2)).nullable(),
  local: range(plainDateTime()).nullable(),
  open: range(timestamp()).nullable(),
  net: cidr().nullable(),
  from: inet().nullable(),
  weights: array(double()).nullable(),
  parts: array(bytes()).nullable(),
  docs: array(json<unknown>()).nullable(),
  days: array(range(plainDate())).nullable(),
}) {}
const { c } = Stay;

let pool: Pool;
let engine: Engine;
beforeAll(async () => {
  pool = new Pool({ connectionString: url(), pipeline: true });
  engine = createEngine(pg(pool));
  await createAll(engine, Model.metadata);
});
afterAll(() => pool.end());

const january: Range<string> = { lower: '2024-01-01', upper: '2024-02-01', bounds: '[)' };
const row = {
  id: 1001,
  nights: january,
  rooms: { lower: 1, upper: null, bounds: '[)' },
  keys: { lower: -(2n ** 63n), upper: 2n ** 63n - 1n, bounds: '[)' },
  prices: { lower: '0.50', upper: '1.50', bounds: '[]' },
  local: { lower: '2024-01-01T00:00:00.5', upper: '2024-01-02T00:00:00', bounds: '(]' },
  open: { lower: new Date(0), upper: new Date('2024-02-29T23:59:59.123Z'), bounds: '()' },
  net: '10.0.0.0/8',
  from: '2001:db8::1/64',
  weights: [0.1 + 0.2, 5e-324, -1.5],
  parts: [new Uint8Array([0, 255, 92]), new Uint8Array()],
  docs: [{ a: ['"', '\\', null] }, 'NULL', 5],
  days: [january, { lower: null, upper: null, bounds: 'empty' }],
} as const;

test('values that PostgreSQL alone has come back as they went', async () => {
  expect(await engine.all(insert(Stay).values(row).returning())).toEqual([row]);
  const session = new Session(engine);
  const stay = await session.get(Stay, 1001);
  Object.assign(stay!, row);
  expect(JSON.parse(JSON.stringify(stay))).toMatchObject({ nights: january, keys: { lower: String(-(2n ** 63n)) } });
  // What is equal is no change: a round trip would be counted.
  const trips = session.roundTrips;
  await session.commit();
  expect(session.roundTrips).toBe(trips);
  await session.close();
  expect(
    await psql(url(), `select pg_typeof(nights)::text, pg_typeof(rooms)::text, pg_typeof(weights)::text from stays`),
  ).toEqual([['daterange', 'int8range', 'double precision[]']]);
});

describe('a range has one form, in which it comes back', () => {
  const cases: readonly (readonly [Range<number>, Range<number>])[] = [
    [
      { lower: 1, upper: 3, bounds: '[]' },
      { lower: 1, upper: 4, bounds: '[)' },
    ],
    [
      { lower: 1, upper: 3, bounds: '(]' },
      { lower: 2, upper: 4, bounds: '[)' },
    ],
    [
      { lower: 1, upper: 2, bounds: '()' },
      { lower: null, upper: null, bounds: 'empty' },
    ],
    [
      { lower: 1, upper: 1, bounds: '[)' },
      { lower: null, upper: null, bounds: 'empty' },
    ],
    [
      { lower: null, upper: 1, bounds: '[]' },
      { lower: null, upper: 2, bounds: '()' },
    ],
    [
      { lower: null, upper: null, bounds: '[]' },
      { lower: null, upper: null, bounds: '()' },
    ],
  ];
  test.for(cases)('%j is %j', async ([given, stored]) => {
    const rows = await engine.all(
      insert(Stay)
        .values({ nights: january, rooms: given })
        .returning({ rooms: c.rooms, same: c.rooms.eq(given) }),
    );
    expect(rows).toEqual([{ rooms: stored, same: true }]);
    const { type } = specOf(range(integer()), 'test');
    expect(type.equals(given, stored)).toBe(true);
    const codec = postgresCodec(type);
    expect(await psql(url(), `select '${String(codec.encode(given))}'::int8range::text`)).toEqual([
      [codec.encode(given)],
    ]);
  });
});

test.for([
  ['a value', rangeHas(c.nights, '2024-01-31'), true],
  ['a value beyond its end', rangeHas(c.nights, '2024-02-01'), false],
  ['a range', rangeContains(c.nights, { lower: '2024-01-05', upper: '2024-01-06', bounds: '[]' }), true],
  ['a range that goes on', rangeContains(c.nights, { lower: '2024-01-05', upper: null, bounds: '[)' }), false],
  ['a common value', rangeOverlaps(c.nights, { lower: '2024-01-31', upper: null, bounds: '[)' }), true],
  ['nothing in common', rangeOverlaps(c.nights, { lower: '2024-02-01', upper: null, bounds: '[)' }), false],
  ['what begins where it ends', rangeAdjacent(c.nights, { lower: '2024-02-01', upper: null, bounds: '[)' }), true],
  ['what begins later', rangeAdjacent(c.nights, { lower: '2024-02-02', upper: null, bounds: '[)' }), false],
] as [string, Condition, boolean][])('of a range: %s', async ([, condition, expected]) => {
  expect(await engine.all(select({ is: condition }).from(Stay).where(c.id.eq(1001)))).toEqual([{ is: expected }]);
});

test.for([
  ['bounds that are none', { nights: { lower: null, upper: null, bounds: '[' } }],
  ['a lower bound above the upper', { nights: { lower: '2024-01-02', upper: '2024-01-01', bounds: '[)' } }],
  ['a bound of another type', { nights: { lower: 1, upper: null, bounds: '[)' } }],
  ['a range with the last number of its type', { rooms: { lower: 1, upper: Number.MAX_SAFE_INTEGER, bounds: '[]' } }],
  ['a network with bits beyond its length', { net: '10.0.0.1/8' }],
  ['an address that is none', { from: '10.0.0.256' }],
  ['an address with zeros before it', { from: '010.0.0.1' }],
  ['an address of nine groups', { from: '1:2:3:4:5:6:7:8:9' }],
])('%s is refused before any I/O', async ([, wrong]) => {
  const trips = engine.roundTrips;
  const bad = { nights: january, ...(wrong as object) };
  await expect(async () => engine.run(insert(Stay).values(bad as never))).rejects.toMatchObject({
    code: 'InvalidValueError',
    message: expect.stringContaining(`stays.${Object.keys(wrong as object)[0]}`) as string,
  });
  expect(engine.roundTrips).toBe(trips);
});

test('a vector is the type of the extension, with numbers of 32 bits in their shortest form', () => {
  const metadata = new MetaData();
  table('pages', { id: integer().primaryKey(), at: vector(3) }, { metadata });
  expect(createAllSql(metadata, postgresDialect).join()).toContain('"at" vector(3) not null');
  const { type } = specOf(vector(3), 'test');
  const codec = postgresCodec(type);
  expect(codec.encode([0.1, 1e10, -2])).toBe('[0.1,10000000000,-2]');
  expect(codec.decode('[0.1,1e+10,-2]')).toEqual([Math.fround(0.1), 1e10, -2]);
  expect(type.equals([0.1, 0, 0], [Math.fround(0.1), 0, 0])).toBe(true);
  expect([type.check([1, 2]), type.check([1, 2, Infinity]), type.check([1, 2, 1e39])]).toEqual(
    Array.from({ length: 3 }, () => '3 numbers that 32 bits hold'),
  );
});

test('where an array starts to count is no part of it, and another shape is refused', async () => {
  const one = await engine.all(select({ v: typed(sql`'[0:1]={7,null}'::bigint[]`, array(integer().nullable())) }));
  expect(one).toEqual([{ v: [7, null] }]);
  await expect(engine.all(select({ v: typed(sql`'{{1},{2}}'::bigint[]`, array(integer())) }))).rejects.toMatchObject({
    code: 'InvalidValueError',
  });
  await expect(engine.all(select({ v: typed(sql`'{null}'::text[]`, array(text())) }))).rejects.toMatchObject({
    code: 'InvalidValueError',
  });
});
