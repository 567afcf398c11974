import { call, count, deleteFrom, insert, isCinnabarError, lower, select, sql, text, union, update } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';
import { givenItems, Item, Model, Shelf } from './models.ts';

/** INSERT, UPDATE and DELETE. */
export function writeCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenItems(db);
  });

  describe('insert', () => {
    test('one row, with the defaults of the model', async () => {
      const { result, sql: sent } = await db.record(() => db.engine.run(insert(Item).values({ name: 'eel' })));

      expect(sent).toEqual([
        'insert into "items" ("name", "price", "rate", "flag", "big", "at", "meta") values (?1, ?2, ?3, ?4, ?5, ?6, ?7)',
      ]);
      expect(result).toBe(1);
      const { kind, stored } = db.by({
        sqlite: { kind: 'typeof', stored: [100, '1970-01-01T00:00:00.000Z', 'real', 'integer'] },
        postgres: { kind: 'pg_typeof', stored: [1, '1970-01-01 00:00:00+00', 'double precision', 'bigint'] },
      });
      expect(
        await db.rows(
          `select price, at, ${kind}(rate), ${kind}(big), id, name, qty, rate, flag, big, meta from items where id = 5`,
        ),
      ).toEqual([[...stored, 5, 'eel', null, 0.5, 0, 0, '{}']]);
    });

    test('many rows, some of which say more', async () => {
      const { error, calls } = await db.failure(() =>
        db.engine.run(insert(Shelf).values({ label: 'a' }, { id: 9, label: 'c' })),
      );
      const rows = await db.engine.run(insert(Shelf).values({ label: 'a' }, { label: 'b', above: 1 }));

      expect(isCinnabarError(error, 'InvalidValueError') && error.message).toBe(
        'insert().values(): some rows give shelves.id and others do not',
      );
      expect(calls).toBe(0);
      expect(rows).toBe(2);
      expect(await db.rows('select label, above from shelves where id > 2')).toEqual([
        ['a', null],
        ['b', 1],
      ]);
    });

    test('expressions as values', async () => {
      await db.engine.run(
        insert(Item).values({
          name: lower(sql<string>`${'EEL'}`),
          qty: select({ n: count() }).from(Shelf).scalar(),
        } as never),
      );

      expect(await db.rows('select name, qty from items where id = 5')).toEqual([['eel', 2]]);
    });

    test('RETURNING the row, or what is asked for', async () => {
      const { result, sql: sent } = await db.record(() =>
        db.engine.all(insert(Shelf).values({ label: 'new' }, { label: 'newer' }).returning()),
      );
      const some = await db.engine.all(
        insert(Item)
          .values({ name: 'Eel', big: 2n ** 62n })
          .returning({
            key: Item.c.id,
            shout: call('upper', text(), Item.c.name),
            big: Item.c.big,
            price: Item.c.price,
          }),
      );

      expect(sent).toEqual(['insert into "shelves" ("label") values (?1), (?2) returning "id", "label", "above"']);
      expect(result).toEqual([
        { id: 3, label: 'new', above: null },
        { id: 4, label: 'newer', above: null },
      ]);
      expect(some).toEqual([{ key: 5, shout: 'EEL', big: 2n ** 62n, price: '1.00' }]);
    });

    test('a select within RETURNING sees its own columns and those of the row', async () => {
      const items = select({ n: count() }).from(Item).where(Item.c.shelfId.eq(Shelf.c.id)).scalar();
      const { result, sql: sent } = await db.record(() =>
        db.engine.all(update(Shelf).set({ label: 'x' }).where(Shelf.c.id.eq(1)).returning({ id: Shelf.c.id, items })),
      );

      expect(sent).toEqual([
        'update "shelves" set "label" = ?1 where "shelves"."id" = ?2 returning "id", (select count(*) as "n" from "items" where "items"."shelf_id" = "shelves"."id") as "items"',
      ]);
      expect(result).toEqual([{ id: 1, items: 2 }]);
    });

    test('from a select, with the defaults of the model', async () => {
      const { result, sql: sent } = await db.record(() =>
        db.engine.run(insert(Item).from(select({ name: Shelf.c.label, shelfId: Shelf.c.id }).where(Shelf.c.id.eq(1)))),
      );

      expect(sent[0]).toEqual(
        'insert into "items" ("name", "shelf_id", "price", "rate", "flag", "big", "at", "meta") ' +
          'select "shelves"."label" as "name", "shelves"."id" as "shelfId", ?1 as "price", ?2 as "rate", ?3 as "flag", ?4 as "big", ?5 as "at", ?6 as "meta" from "shelves" where "shelves"."id" = ?7',
      );
      expect(result).toBe(1);
      expect(await db.engine.all(select(Item).where(Item.c.id.eq(5)))).toEqual([
        {
          id: 5,
          name: 'top',
          qty: null,
          price: '1.00',
          rate: 0.5,
          flag: false,
          big: 0n,
          at: new Date(0),
          meta: {},
          shelfId: 1,
        },
      ]);
    });

    test('from a union, grouped, ordered or cut off select, with a conflict to resolve', async () => {
      const shelves = select({ id: Shelf.c.id, label: Shelf.c.label });
      const sources = [
        shelves,
        shelves.where(Shelf.c.id.gt(0)),
        shelves.groupBy(Shelf.c.id),
        shelves.orderBy(Shelf.c.id).limit(2),
        union(shelves, shelves.where(Shelf.c.id.gt(0))),
      ];
      for (const source of sources) {
        const { result, sql: sent } = await db.record(() =>
          db.engine.run(
            insert(Shelf)
              .from(source)
              .onConflict('id')
              .update((given) => ({ label: sql<string>`${given.label} || ${'!'}` })),
          ),
        );
        expect(db.words(sent[0])).toContain(
          ') where true on conflict ("id") do update set "label" = excluded."label" || ?',
        );
        expect(result).toBe(2);
      }
      expect(await db.values('select label from shelves order by id')).toEqual(['top!!!!!', 'low!!!!!']);
    });

    test('of rows that are there: ignored, updated, or an error', async () => {
      const row = { id: 1, label: 'again' } as const;
      expect(await db.engine.run(insert(Shelf).values(row).onConflict('id').ignore())).toBe(0);
      expect(await db.engine.run(insert(Shelf).values(row).onConflict().ignore())).toBe(0);
      const { sql: sent } = await db.record(() =>
        db.engine.run(
          insert(Shelf)
            .values(row)
            .onConflict('id')
            .update((given) => ({ label: given.label, above: 2 })),
        ),
      );
      const { error } = await db.failure(() => db.engine.run(insert(Shelf).values(row)));

      expect(sent).toEqual([
        'insert into "shelves" ("id", "label") values (?1, ?2) on conflict ("id") do update set "label" = excluded."label", "above" = ?3',
      ]);
      expect(await db.rows('select label, above from shelves where id = 1')).toEqual([['again', 2]]);
      expect(isCinnabarError(error, 'UniqueViolation') && [error.table, error.columns, error.outcome]).toEqual([
        'shelves',
        ['id'],
        'not committed',
      ]);
    });
  });

  describe('update and delete', () => {
    test('by values and expressions', async () => {
      const { result, sql: sent } = await db.record(() =>
        db.engine.run(
          update(Item)
            .set({ qty: Item.c.qty.plus(1), price: '3.10', name: lower(Item.c.name) })
            .where(Item.c.id.lt(3), Item.c.flag.eq(true)),
        ),
      );

      expect(sent).toEqual([
        'update "items" set "qty" = "items"."qty" + cast(?1 as integer), "price" = ?2, "name" = lower("items"."name") where "items"."id" < ?3 and "items"."flag" = ?4',
      ]);
      expect(result).toBe(1);
      expect(await db.rows('select qty, price from items where id = 1')).toEqual([
        [6, db.by({ sqlite: 310, postgres: 3.1 })],
      ]);
    });

    test('by a select', async () => {
      await db.engine.run(
        update(Shelf)
          .set({ label: select({ name: Item.c.name }).where(Item.c.id.eq(3)).scalar() })
          .where(Shelf.c.id.eq(1)),
      );

      expect(await db.values('select label from shelves where id = 1')).toEqual(['cat']);
    });

    test('rows that a select or a list names', async () => {
      const top = select({ id: Shelf.c.id }).where(Shelf.c.label.eq('top'));
      expect(await db.engine.run(update(Item).set({ flag: true }).where(Item.c.shelfId.in(top)))).toBe(2);
      expect(await db.engine.run(deleteFrom(Item).where(Item.c.id.in([1, 4, 99])))).toBe(2);
      expect(await db.values('select id from items order by id')).toEqual([2, 3]);
    });

    test('every row only where that is said', async () => {
      expect(await db.engine.run(update(Item).set({ qty: null }).allRows())).toBe(4);
      expect(await db.engine.all(deleteFrom(Item).allRows().returning({ id: Item.c.id }))).toHaveLength(4);
      for (const [statement, message] of [
        [update(Item).set({ qty: 1 }), 'run(): expected a complete insert, update or delete'],
        [deleteFrom(Item), 'run(): expected a complete insert, update or delete'],
      ] as const) {
        const { error, calls } = await db.failure(() => db.engine.run(statement as never));
        expect(isCinnabarError(error, 'ConfigurationError') && error.message).toContain(message);
        expect(calls).toBe(0);
      }
      expect(() => (deleteFrom(Item).where as () => unknown)()).toThrow(
        'deleteFrom().where(): no condition; for every row: allRows()',
      );
      expect(() => deleteFrom(Item).where(undefined as never)).toThrow(
        'deleteFrom().where(): expected an expression, got undefined',
      );
      expect(() => update(Item).set({})).toThrow('update().set(): nothing to set');
    });

    test('a write without RETURNING has no rows, and a select is no write', async () => {
      const all = await db.failure(() => db.engine.all(deleteFrom(Item).where(Item.c.id.eq(1)) as never));
      const run = await db.failure(() => db.engine.run(select(Item) as never));

      expect(isCinnabarError(all.error, 'ConfigurationError') && all.error.message).toBe(
        'all(): delete without returning() yields no rows; use run()',
      );
      expect(isCinnabarError(run.error, 'ConfigurationError')).toBe(true);
      expect(all.calls + run.calls).toBe(0);
    });
  });

  test.for([
    ['what is no attribute', { nope: 1 }, 'ConfigurationError'],
    ['a column by its name in the database', { shelf_id: 1 }, 'ConfigurationError'],
    ['a key of every object', JSON.parse('{"constructor": 1}') as object, 'ConfigurationError'],
    ['a prototype', JSON.parse('{"__proto__": {"qty": 1}}') as object, 'ConfigurationError'],
    ['null in a column that takes none', { name: null }, 'InvalidValueError'],
    ['an operator in disguise', { name: { toString: 1 } }, 'InvalidValueError'],
    ['a number for text', { name: 1 }, 'InvalidValueError'],
    ['a decimal of too many digits', { price: '1.001' }, 'InvalidValueError'],
    ['undefined', { qty: undefined }, 'InvalidValueError'],
  ] as const)('set() refuses %s before any I/O', async ([, values, code]) => {
    const { error, calls } = await db.failure(() =>
      db.engine.run(
        update(Item)
          .set(values as never)
          .allRows(),
      ),
    );

    expect(isCinnabarError(error) && error.code).toBe(code);
    expect(calls).toBe(0);
  });
}
