import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAll, createEngine, declarativeBase, integer, many, one, Session, text } from 'cinnabar';
import { pg } from 'cinnabar/pg';
import { postgresDatabase, psql } from '../support/postgres.ts';
import { startRtProxy, type RtProxy } from '../support/rt-proxy.ts';

const Model = declarativeBase();

class Parent extends Model('parents', {
  id: integer().primaryKey(),
  name: text(),
  aboveId: integer().nullable().references('parents.id'),
  get above() {
    return one(Parent, { by: 'aboveId' }).nullable();
  },
  get children() {
    return many(Child);
  },
}) {}

class Child extends Model('children', {
  id: integer().primaryKey(),
  name: text(),
  parentId: integer().references('parents.id'),
  get parent() {
    return one(Parent);
  },
}) {}

const url = postgresDatabase();
let proxy: RtProxy;
let pool: Pool;
beforeAll(async () => {
  proxy = await startRtProxy({ target: url() });
  const through = new URL(url());
  through.port = String(proxy.port);
  pool = new Pool({ connectionString: through.href, pipeline: true, max: 8 });
  await createAll(createEngine(pg(pool)), Model.metadata);
});
afterAll(async () => {
  await pool.end();
  await proxy.close();
});

/** Parents, each with its children and the one before it above, named so that a wrong link shows. */
function graph(writer: string, parents: number, children: number): Parent[] {
  let above: Parent | undefined;
  return Array.from({ length: parents }, (_, p) => {
    const name = `${writer}/${p}`;
    const own = Array.from({ length: children }, (__, c) => new Child({ name: `${name}/${c}` }));
    const parent = new Parent({ name, children: own, ...(above && { above }) });
    above = parent;
    return parent;
  });
}

test('a graph with generated keys is one round trip, and so is reading it back', async () => {
  const engine = createEngine(pg(pool));
  const session = new Session(engine);
  const [root] = graph('one', 1, 10);
  session.add(root!);
  proxy.reset();
  await session.commit();
  expect([session.roundTrips, proxy.trips]).toEqual([1, 1]);
  const reader = new Session(engine);
  const found = await reader.query(Parent).where(Parent.c.id.eq(root!.id)).with({ children: true, above: true }).one();
  expect([reader.roundTrips, proxy.trips]).toEqual([1, 2]);
  expect(found.children.items.map(({ name }) => name)).toEqual(Array.from({ length: 10 }, (_, c) => `one/0/${c}`));
  found.name = 'renamed';
  for (const child of found.children.items) child.name += '!';
  await reader.commit();
  expect([reader.roundTrips, proxy.trips]).toEqual([2, 3]);
});

test('read, decide, write in a transaction is two round trips', async () => {
  const session = new Session(createEngine(pg(pool)));
  proxy.reset();
  await session.transaction(async (tx) => {
    const found = await tx.query(Parent).where(Parent.c.name.eq('renamed')).one();
    tx.add(new Child({ name: 'late', parent: found }));
    found.name = 'again';
  });
  expect([session.roundTrips, proxy.trips]).toEqual([2, 2]);
  expect(
    await psql(url(), `select c.name from children c join parents p on p.id = c.parent_id where p.name = 'again'`),
  ).toContainEqual(['late']);
});

test('what a transaction wrote is gone when it fails, to its savepoint or whole', async () => {
  const session = new Session(createEngine(pg(pool)));
  const failing = session.transaction(async (tx) => {
    tx.add(new Parent({ name: 'kept?' }));
    await tx
      .nested(async () => {
        tx.add(new Parent({ name: 'nested' }));
        await tx.flush();
        throw new Error('inner');
      })
      .catch(() => undefined);
    expect(
      await tx
        .query(Parent)
        .where(Parent.c.name.in(['kept?', 'nested']))
        .count(),
    ).toBe(1);
    throw new Error('outer');
  });
  await expect(failing).rejects.toThrow('outer');
  expect(await psql(url(), `select count(*)::int from parents where name in ('kept?', 'nested')`)).toEqual([[0]]);
});

test('no key is linked wrongly by eight clients at once', { timeout: 60_000 }, async () => {
  const engine = createEngine(pg(pool));
  await Promise.all(
    Array.from({ length: 8 }, async (_, client) => {
      for (let unit = 0; unit < 10; unit++) {
        const session = new Session(engine);
        session.addAll(graph(`${client}-${unit}`, 20, 3));
        await session.commit();
      }
    }),
  );
  const wrong = await psql(
    url(),
    `select count(*)::int from children c join parents p on p.id = c.parent_id where c.name not like p.name || '/%'
     and p.name like '%-%'`,
  );
  const all = await psql(url(), `select count(*)::int from children where name like '%-%'`);
  const chained = await psql(
    url(),
    `select count(*)::int from parents p join parents a on a.id = p.above_id
     where split_part(p.name, '/', 1) <> split_part(a.name, '/', 1)
     or split_part(p.name, '/', 2)::int <> split_part(a.name, '/', 2)::int + 1`,
  );
  expect([wrong, all, chained]).toEqual([[[0]], [[4800]], [[0]]]);
});
