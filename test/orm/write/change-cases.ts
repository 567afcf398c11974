import {
  boolean,
  bytes,
  bigint,
  declarativeBase,
  double,
  integer,
  json,
  many,
  numeric,
  one,
  sql,
  text,
  timestamp,
  enumeration,
  uuid,
  plainDate,
} from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver } from '../../support/database.ts';

const Model = declarativeBase();

class Item extends Model('items', {
  id: integer().primaryKey(),
  name: text(),
  note: text().nullable(),
  count: integer().default(0),
  big: bigint().nullable(),
  done: boolean().default(false),
  at: timestamp().nullable(),
  day: plainDate().nullable(),
  price: numeric(10, 2).nullable(),
  long: numeric(30, 5).nullable(),
  data: json<unknown>().nullable(),
  raw: bytes().nullable(),
  kind: enumeration('a', 'b').default('a'),
  token: uuid().nullable(),
}) {}

/** A double keeps its statement off JSON. */
class Measure extends Model('measures', {
  id: integer().primaryKey(),
  label: text().nullable(),
  value: double(),
  other: double().nullable(),
  raw: bytes().nullable(),
  whole: integer().default(0),
  huge: bigint().nullable(),
}) {}

class Made extends Model('made', {
  id: integer().primaryKey(),
  name: text(),
  stamp: text().defaultSql(sql`(substr(cast(current_date as text), 1, 4))`),
  count: integer().defaultSql(sql`7`),
  maybe: integer()
    .nullable()
    .defaultSql(sql`5`),
  changedAt: integer()
    .default(0)
    .onUpdate(() => 99),
}) {}

/** More columns than a mask has bits. */
const names = Array.from({ length: 99 }, (_, at) => `f${at}`);
const fields = Object.fromEntries(names.map((name) => [name, integer().nullable()]));
class Wide extends Model('wides', { id: integer().primaryKey(), ...fields }) {}

class Account extends Model('accounts', {
  id: integer().primaryKey(),
  owner: text(),
  balance: integer().default(0),
  version: integer().version(),
  get lines() {
    return many(Line, { cascade: 'delete' });
  },
}) {}
class Line extends Model('lines', {
  id: integer().primaryKey(),
  amount: integer(),
  accountId: integer().references('accounts.id'),
  get account() {
    return one(Account);
  },
}) {}

/** Within another statement too. */
const isUpdate = (statement: string): boolean => /^(with "cinnabar_written" as \()?update /.test(statement);

/** Values of many kinds that a commit writes, reads back and compares. */
export function changeCases(open: OpenDriver): void {
  describe('an update', () => {
    test('of one row names the changed columns only', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const item = new Item({ name: 'a' });
      session.add(item);
      await session.commit();
      item.name = 'b';

      const { trips, sql } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(sql).toEqual(
        db.by({
          sqlite: [
            'update "items" set "name" = ?1 where "id" = ?2',
            `select json_extract('{}', case when changes() <> 1 then 'cinnabar:stale:0:0' end)`,
          ],
          postgres: [
            'with "cinnabar_written" as (update "items" set "name" = $1::text where "id" = $2::text::bigint returning 1) ' +
              `select 1 from (select (case when (select count(*) from "cinnabar_written") <> 1 then 'cinnabar:stale:0:0' end)::text::integer as failure) as g where g.failure is null`,
          ],
        }),
      );
      expect(await db.values('select name from items')).toEqual(['b']);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('of many rows, each with other columns, is one masked statement', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const items = Array.from({ length: 6 }, (_, at) => new Item({ name: `n${at}`, note: 'x' }));
      session.addAll(items);
      await session.commit();
      items[0]!.name = 'new';
      items[1]!.note = null;
      items[2]!.count = 5;
      items[3]!.done = true;
      items[4]!.at = new Date('2024-02-29T12:34:56.789Z');
      items[5]!.raw = new Uint8Array([0, 255, 7]);
      items[5]!.data = { list: [1, null, 'é', 1.5], deep: { x: true } };
      items[0]!.big = 2n ** 63n - 1n;
      items[1]!.price = '-12345678.90';
      items[2]!.long = '-1234567890123456789012345.12345';
      items[3]!.kind = 'b';
      items[4]!.token = '123e4567-e89b-12d3-a456-426614174000';
      items[5]!.day = '2024-02-29';

      const { trips, sql } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(sql.filter(isUpdate)).toHaveLength(1);
      const found = await db.session().query(Item).orderBy(Item.c.id).all();
      expect(found.map((item) => item.toJSON())).toEqual(items.map((item) => item.toJSON()));
      expect(
        await db.rows(
          db.by({
            sqlite: 'select typeof(big), typeof(price), typeof(raw), typeof(done) from items',
            postgres: `select big::text, price::text, encode(raw, 'hex'), done from items`,
          }) + ' where id in (1, 2, 6) order by id',
        ),
      ).toEqual(
        db.by<unknown[][]>({
          sqlite: [
            ['integer', 'null', 'null', 'integer'],
            ['null', 'integer', 'null', 'integer'],
            ['null', 'null', 'blob', 'integer'],
          ],
          postgres: [
            ['9223372036854775807', null, null, 0],
            [null, '-12345678.90', null, 0],
            [null, null, '00ff07', 0],
          ],
        }),
      );
    });

    test('of as many columns as D1 takes, more than a mask has bits', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const wides = [0, 1, 2].map(
        (row) => new Wide(Object.fromEntries(names.map((name, at) => [name, row * 1000 + at]))),
      );
      session.addAll(wides);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      const cells = wides as unknown as Record<string, number | null>[];
      Object.assign(cells[0]!, { f0: -1, f49: -2 });
      Object.assign(cells[1]!, { f50: -3, f89: null });
      for (const name of names) if (name !== 'f7') cells[2]![name] = 4;

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      const found = await db.session().query(Wide).orderBy(Wide.c.id).all();
      expect(found.map((wide) => wide.toJSON())).toEqual(wides.map((wide) => wide.toJSON()));
    });

    test('of doubles keeps every bit, and never goes through JSON', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const values = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -0.1, 2 ** 53 + 2, 1e21, 123456789.12345679];
      const measures = values.map(
        (value, at) => new Measure({ value, label: `m${at}`, raw: new Uint8Array([at]), huge: 2n ** 62n + BigInt(at) }),
      );
      session.addAll(measures);
      const inserted = await db.record(() => session.commit());
      expect(inserted.trips).toBe(1);
      // A list of PostgreSQL carries doubles as text.
      const throughJson = db.by({ sqlite: /^insert.*json/m, postgres: /json_array_elements.*::(real|numeric)/ });
      expect(inserted.sql.join('\n')).not.toMatch(throughJson);
      expect((await db.session().query(Measure).orderBy(Measure.c.id).all()).map((m) => m.toJSON())).toEqual(
        measures.map((m) => m.toJSON()),
      );
      measures.forEach((measure, at) => {
        if (at % 2) measure.other = measure.value / 3;
        else measure.value /= 7;
        if (at % 3 === 0) measure.label = null;
        if (at % 3 === 1) measure.whole = at;
        if (at % 3 === 2) measure.raw = null;
      });

      const changed = await db.record(() => session.commit());

      expect(changed.trips).toBe(1);
      expect(changed.sql.filter(isUpdate).join('\n')).not.toMatch(db.by({ sqlite: /json/, postgres: throughJson }));
      expect((await db.session().query(Measure).orderBy(Measure.c.id).all()).map((m) => m.toJSON())).toEqual(
        measures.map((m) => m.toJSON()),
      );
      const [typeOf, whole] = db.by({ sqlite: ['typeof', 'integer'], postgres: ['pg_typeof', 'bigint'] });
      expect(await db.values(`select distinct ${typeOf}(whole) from measures`)).toEqual([whole]);
      expect(await db.values(`select distinct ${typeOf}(id) from measures`)).toEqual([whole]);
    });

    test('a value in place counts: JSON, dates and bytes', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const item = new Item({ name: 'a', data: { words: 1 }, at: new Date(0), raw: new Uint8Array([1]) });
      session.add(item);
      await session.commit();
      (item.data as { words: number }).words = 2;
      item.at!.setTime(1000);
      item.raw![0] = 9;
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows(`select data, at, ${db.hex('raw')} from items`)).toEqual([
        db.by({
          sqlite: ['{"words":2}', '1970-01-01T00:00:01.000Z', '09'],
          postgres: ['{"words": 2}', '1970-01-01 00:00:01+00', '09'],
        }),
      ]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('back to what is stored writes nothing', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const item = new Item({ name: 'a', data: { x: 1, y: 2 }, at: new Date(5), price: '1.5' });
      session.add(item);
      await session.commit();
      item.name = 'b';
      item.name = 'a';
      item.data = { y: 2, x: 1 };
      item.at = new Date(5);
      item.price = '1.50';
      expect((await db.record(() => session.commit())).calls).toBe(0);
      const again = db.session();
      const found = await again.query(Item).one();
      found.data = { y: 2, x: 1 };
      expect((await db.record(() => again.commit())).calls).toBe(0);
    });

    test('of thousands of rows is one unit', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const items = Array.from({ length: 3000 }, (_, at) => new Item({ name: `n${at}` }));
      session.addAll(items);
      await session.commit();
      items.forEach((item, at) => {
        item.name = `${'y'.repeat(300)}${at}`;
        if (at % 2) item.count = at;
      });
      const { trips, sql } = await db.record(() => session.commit());
      expect(trips).toBe(1);
      expect(sql.filter(isUpdate).length).toBeGreaterThan(1);
      expect(
        await db.values(
          `select count(*) from items where name like '%' || (id - 1) and count = case when (id - 1) % 2 = 1 then id - 1 else 0 end`,
        ),
      ).toEqual([3000]);
    });

    test('of a row that was only partly read leaves the rest', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      await db.run(
        `insert into items (id, name, note, count, done, kind) values (1, 'a', 'keep', 3, false, 'a'), (2, 'b', 'keep', 4, false, 'b')`,
      );
      const session = db.session();
      const [a, b] = await session.query(Item).orderBy(Item.c.id).loadOnly('name').all();
      a!.name = 'A';
      (b as unknown as Item).count = 9;
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select id, name, note, count, kind from items order by id')).toEqual([
        [1, 'A', 'keep', 3, 'a'],
        [2, 'b', 'keep', 9, 'b'],
      ]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });
  });

  describe('what the database makes', () => {
    test('is in memory when the commit resolves', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const one = new Made({ name: 'one' });
      session.add(one);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect([one.count, one.maybe, one.stamp.length]).toEqual([7, 5, 4]);
      const many = [new Made({ name: 'a' }), new Made({ name: 'b', count: 1 }), new Made({ name: 'c', stamp: 'x' })];
      session.addAll(many);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(many.map((made) => [made.count, made.maybe, made.stamp.length])).toEqual([
        [7, 5, 4],
        [1, 5, 4],
        [7, 5, 1],
      ]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      expect(await db.rows('select name, count, maybe, length(stamp) from made order by id')).toEqual([
        ['one', 7, 5, 4],
        ['a', 7, 5, 4],
        ['b', 1, 5, 4],
        ['c', 7, 5, 1],
      ]);
    });

    test('where one row stores NULL and another leaves it to the database', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const rows = [
        new Made({ name: 'null', maybe: null }),
        new Made({ name: 'default' }),
        new Made({ name: 'given', maybe: 1 }),
      ];
      session.addAll(rows);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(rows.map((row) => row.maybe)).toEqual([null, 5, 1]);
      expect(await db.values('select maybe from made order by id')).toEqual([null, 5, 1]);
    });

    test('onUpdate gives a value only where something else changed', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const rows = [new Made({ name: 'a' }), new Made({ name: 'b' }), new Made({ name: 'c' })];
      session.addAll(rows);
      await session.commit();
      rows[0]!.name = 'A';
      rows[1]!.name = 'B';
      rows[1]!.changedAt = 5;
      await session.commit();
      expect(rows.map((row) => row.changedAt)).toEqual([99, 5, 0]);
      expect(await db.values('select changed_at from made order by id')).toEqual([99, 5, 0]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });
  });

  describe('a version', () => {
    async function accounts(open: OpenDriver, count: number) {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const all = Array.from({ length: count }, (_, at) => new Account({ owner: `o${at}` }));
      session.addAll(all);
      await session.commit();
      return { db, session, all };
    }

    test('counts the updates of its row', async () => {
      const { db, session, all } = await accounts(open, 2);
      expect(all.map((account) => account.version)).toEqual([1, 1]);
      all[0]!.balance = 5;
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(all.map((account) => account.version)).toEqual([2, 1]);
      for (const account of all) account.balance += 1;
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select version from accounts order by id')).toEqual([3, 2]);
      expect(all.map((account) => account.version)).toEqual([3, 2]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('a stale update of one row is refused, in one trip, and names the entity', async () => {
      const { db, session, all } = await accounts(open, 1);
      await db.run('update accounts set balance = 1, version = version + 1');
      all[0]!.balance = 5;
      const { error, calls } = await db.failure(() => session.commit());
      expect(calls).toBe(1);
      expect(error).toMatchObject({
        code: 'StaleDataError',
        outcome: 'not committed',
        model: 'Account',
        entities: [all[0]],
      });
      expect(await db.rows('select balance, version from accounts')).toEqual([[1, 2]]);
    });

    test('of ten updates one is stale: nothing is written, and that one is named', async () => {
      const { db, session, all } = await accounts(open, 10);
      await db.run('update accounts set balance = 1, version = version + 1 where id = 4');
      for (const account of all) account.balance = 50;
      session.add(new Account({ owner: 'new' }));
      const { error } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'StaleDataError', outcome: 'not committed', entities: [all[3]] });
      expect(await db.values('select sum(balance) from accounts')).toEqual([1]);
      expect(await db.values('select count(*) from accounts')).toEqual([10]);

      await session.refresh(all[3]!);
      expect(all[3]!.balance).toBe(1);
      all[3]!.balance = 51;
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select sum(balance) from accounts')).toEqual([501]);
    });

    test('of ten updates one is of a row that is gone', async () => {
      const { db, session, all } = await accounts(open, 10);
      await db.run('delete from accounts where id = 7');
      for (const account of all) account.balance = 50;
      const { error } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'StaleDataError', entities: [all[6]] });
      expect(await db.values('select sum(balance) from accounts')).toEqual([0]);
    });

    test('stale deletions are refused and named', async () => {
      const { db, session, all } = await accounts(open, 5);
      await db.run('update accounts set version = 9 where id = 2');
      session.delete(all[1]!);
      expect((await db.failure(() => session.commit())).error).toMatchObject({
        code: 'StaleDataError',
        entities: [all[1]],
      });
      for (const account of all) session.delete(account);
      expect((await db.failure(() => session.commit())).error).toMatchObject({
        code: 'StaleDataError',
        entities: [all[1]],
      });
      expect(await db.values('select count(*) from accounts')).toEqual([5]);
      await session.rollback();
      await session.refresh(all[1]!);
      for (const account of all) session.delete(account);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select count(*) from accounts')).toEqual([0]);
    });

    test('an update of rows without a version that are gone is stale too', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const items = [1, 2, 3].map((at) => new Item({ name: `n${at}` }));
      session.addAll(items);
      await session.commit();
      await db.run('delete from items where id = 2');
      for (const item of items) item.count = 1;
      expect((await db.failure(() => session.commit())).error).toMatchObject({
        code: 'StaleDataError',
        entities: [items[1]],
      });
      await session.rollback();
      session.delete(items[1]!);
      expect((await db.failure(() => session.commit())).error).toMatchObject({
        code: 'StaleDataError',
        entities: [items[1]],
      });
      await session.rollback();
      expect(await db.values('select sum(count) from items')).toEqual([0]);
    });

    test('a later read does not bless an edit that was made before it', async () => {
      const { db, session, all } = await accounts(open, 1);
      all[0]!.balance = 5;
      await db.run('update accounts set balance = 1, version = version + 1');
      await session.query(Account).all();
      expect(all[0]!.balance).toBe(5);
      expect((await db.failure(() => session.commit())).error).toMatchObject({ code: 'StaleDataError' });
      expect(await db.values('select balance from accounts')).toEqual([1]);
    });
  });
}
