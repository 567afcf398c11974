import {
  declarativeBase,
  deleteFrom,
  extend,
  insert,
  insertMany,
  inspect,
  integer,
  many,
  one,
  sql,
  text,
  update,
  upsert,
  type Session,
} from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class Shop extends Model('shops', {
  id: integer().primaryKey(),
  name: text(),
  get goods() {
    return many(Good);
  },
}) {}
class Good extends Model('goods', {
  id: integer().primaryKey(),
  code: text().unique(),
  price: integer().default(1),
  note: text().nullable(),
  stock: integer().defaultSql(7),
  label: text().generatedAs(({ code, price }) => sql`${code} || ':' || ${price}`, { stored: true }),
  version: integer().version(),
  shopId: integer().nullable().references('shops.id'),
  get shop() {
    return one(Shop).nullable();
  },
}) {}
class Being extends Model('beings', { id: integer().primaryKey(), name: text(), kind: text().default('being') }) {}
class Cat extends extend(Being, { kind: 'cat' }, {}) {}
class Whale extends extend(Being, 'whales', { tons: integer() }, { kind: 'whale' }) {}
Model.register(Cat, Whale);

/** Statements over many rows, beside the entities of a session. */
export function bulkCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await db.run(
      `insert into shops (id, name) values (1, 'one')`,
      `insert into goods (id, code, price, note, version, shop_id) values (1, 'a', 10, null, 1, 1), (2, 'b', 20, 'x', 1, 1), (3, 'c', 30, 'y', 1, null)`,
    );
    await db.advanceKeys();
    session = db.session();
  });

  describe('insertMany', () => {
    test('writes rows of different columns in one trip, with defaults and versions', async () => {
      const { result, trips } = await db.record(() =>
        insertMany(session, Good, [{ code: 'd' }, { code: 'e', note: 'n', stock: 1 }, { code: 'f', price: 5 }]),
      );
      expect([result, trips]).toEqual([3, 1]);
      expect(await db.rows(`select code, price, note, stock, version from goods where id > 3 order by code`)).toEqual([
        ['d', 1, null, 7, 1],
        ['e', 1, 'n', 1, 1],
        ['f', 5, null, 7, 1],
      ]);
      expect((await db.record(() => insertMany(session, Good, []))).calls).toBe(0);
    });

    test('of thousands is one unit, and of a subclass says its kind', async () => {
      const names = Array.from({ length: 3000 }, (_, at) => ({ name: `cat ${at}` }));
      expect((await db.record(() => insertMany(session, Cat, names))).trips).toBe(1);
      expect(await db.rows(`select kind, count(*) from beings group by kind`)).toEqual([['cat', 3000]]);
    });

    test('is all or nothing, and leaves what is pending alone', async () => {
      session.add(new Shop({ name: 'pending' }));
      const { error } = await db.failure(() => insertMany(session, Good, [{ code: 'z' }, { code: 'a' }]));
      expect(error).toMatchObject({ code: 'UniqueViolation' });
      expect(await db.values(`select count(*) from goods where code = 'z'`)).toEqual([0]);
      expect(await db.values('select count(*) from shops')).toEqual([1]);
      await session.rollback();
    });

    test('refuses what cannot be, before any I/O', async () => {
      // @ts-expect-error -- a number is wanted
      const wrong = await db.failure(() => insertMany(session, Good, [{ code: 'z', price: 'x' }]));
      const tables = await db.failure(() => insertMany(session, Whale, [{ name: 'w', tons: 1 }]));
      expect([wrong.error, wrong.calls]).toMatchObject([{ code: 'InvalidValueError' }, 0]);
      expect([tables.error, tables.calls]).toMatchObject([{ code: 'CapabilityError', model: 'Whale' }, 0]);
    });
  });

  describe('upsert', () => {
    test('inserts or changes, and yields entities in the order of the rows, in one trip', async () => {
      const near = (await session.get(Good, 2))!;
      const { result, trips } = await db.record(() =>
        upsert(
          session,
          Good,
          [
            { code: 'd', price: 40 },
            { code: 'b', price: 21 },
            { code: 'a', price: 11 },
          ],
          { on: ['code'] },
        ),
      );
      expect(trips).toBe(1);
      expect(result.map(({ code, price, version, stock, label }) => [code, price, version, stock, label])).toEqual([
        ['d', 40, 1, 7, 'd:40'],
        ['b', 21, 2, 7, 'b:21'],
        ['a', 11, 2, 7, 'a:11'],
      ]);
      expect(result[1]).toBe(near);
      near.price = 22;
      await session.commit();
      expect(await db.rows(`select price, version from goods where id = 2`)).toEqual([[22, 3]]);
    });

    test('changes what it is told, and keeps what the program changed', async () => {
      const near = (await session.get(Good, 2))!;
      near.note = 'mine';
      const [good] = await upsert(session, Good, [{ code: 'b', price: 21, note: 'theirs' }], {
        on: ['code'],
        update: (given) => ({ price: Good.c.price.plus(given.price), note: given.note }),
      });
      expect(good).toBe(near);
      expect(await db.rows(`select price, note from goods where id = 2`)).toEqual([[41, 'theirs']]);
      // Its version is another: the edit is stale, and says so.
      expect((await db.failure(() => session.commit())).error).toMatchObject({ code: 'StaleDataError' });
    });

    test('that changes nothing yields the rows that are there', async () => {
      const result = await upsert(session, Good, [{ code: 'c', price: 99 }, { code: 'q' }], {
        on: ['code'],
        update: [],
      });
      expect(result.map(({ code, price, version }) => [code, price, version])).toEqual([
        ['c', 30, 1],
        ['q', 1, 1],
      ]);
    });

    test('refuses two rows for one, a row without its key, and what is no column', async () => {
      const twice = await db.failure(() => upsert(session, Good, [{ code: 'a' }, { code: 'a' }], { on: ['code'] }));
      expect([twice.error, twice.calls]).toMatchObject([{ code: 'InvalidValueError', attributes: ['code'] }, 0]);
      const lacking = await db.failure(() => upsert(session, Good, [{ code: 'a' }], { on: ['id'] }));
      expect([lacking.error, lacking.calls]).toMatchObject([{ code: 'InvalidValueError', attributes: ['id'] }, 0]);
      // @ts-expect-error -- no such column
      const wrong = await db.failure(() => upsert(session, Good, [{ code: 'a' }], { on: ['cod'] }));
      expect([wrong.error, wrong.calls]).toMatchObject([{ code: 'ConfigurationError' }, 0]);
    });
  });

  describe('update() and deleteFrom() through a session', () => {
    test('bring entities in memory up to date, in one trip, and make none', async () => {
      const [a, b] = [(await session.get(Good, 1))!, (await session.get(Good, 2))!];
      b.note = 'mine';
      const {
        result,
        trips,
        sql: sent,
      } = await db.record(() =>
        session.run(
          update(Good)
            .set({ price: Good.c.price.plus(1), note: 'theirs' })
            .where(Good.c.price.gte(10)),
        ),
      );
      expect([result, trips, sent.length]).toEqual([3, 1, 1]);
      expect([a.price, a.note, a.label, b.price, b.note]).toEqual([11, 'theirs', 'a:11', 21, 'mine']);
      expect(inspect(a).modified).toEqual([]);
      expect(inspect(b).history('note')).toEqual({ added: ['mine'], deleted: ['theirs'], unchanged: [] });
      await session.commit();
      expect(await db.values('select note from goods order by id')).toEqual(['theirs', 'mine', 'theirs']);
    });

    test('ask for nothing back where the session holds nothing of the table', async () => {
      await session.get(Shop, 1);
      const { sql: sent, result } = await db.record(() => session.run(update(Good).set({ price: 1 }).allRows()));
      expect(sent[0]).not.toContain('returning');
      expect(result).toBe(3);
    });

    test('a condition is the database’s: of its collation, its NULLs, its functions', async () => {
      const [a, c] = [(await session.get(Good, 1))!, (await session.get(Good, 3))!];
      await session.run(update(Good).set({ price: 0 }).where(Good.c.note.ne('y')));
      expect([a.price, c.price]).toEqual([10, 30]);
    });

    test('follow a key to its new target', async () => {
      const shop = (await session.get(Shop, 1))!;
      const c = (await session.get(Good, 3))!;
      await session.run(update(Good).set({ shopId: 1 }).where(Good.c.code.eq('c')));
      expect(c.shop.peek()).toBe(shop);
    });

    test('let go of what they delete', async () => {
      const shop = await session.query(Shop).filterBy({ id: 1 }).with({ goods: true }).one();
      const [a, b] = shop.goods.items;
      a!.price = 99;
      expect(await session.run(deleteFrom(Good).where(Good.c.code.eq('a')))).toBe(1);
      expect([inspect(a!).state, shop.goods.items]).toEqual(['detached', [b]]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('an upsert of Core too', async () => {
      const a = (await session.get(Good, 1))!;
      await session.run(
        insert(Good)
          .values({ code: 'a', price: 77, version: 1 })
          .onConflict('code')
          .update((given) => ({ price: given.price })),
      );
      expect(a.price).toBe(77);
    });

    test('are taken back by a transaction that fails', async () => {
      if (!session.isInteractive()) return;
      const [a, b] = [(await session.get(Good, 1))!, (await session.get(Good, 2))!];
      await session
        .transaction(async (tx) => {
          await tx.run(update(Good).set({ price: 0 }).where(Good.c.id.eq(1)));
          await tx.run(deleteFrom(Good).where(Good.c.id.eq(2)));
          expect([a.price, inspect(b).state]).toEqual([0, 'detached']);
          throw new Error('no');
        })
        .catch(() => undefined);
      expect([a.price, inspect(b).state]).toEqual([10, 'persistent']);
      expect(await session.get(Good, 2)).toBe(b);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });
  });
}
