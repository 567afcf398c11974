import {
  coalesce,
  deleteFrom,
  double,
  insert,
  integer,
  param,
  prepare,
  select,
  sql,
  text,
  typed,
  update,
} from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';
import { givenProducts, Model, Offer, Product } from './stock.ts';

/** Statements that are compiled once and run with other values. */
export function prepareCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenProducts(db);
  });
  const ids = select({ id: Product.c.id }).from(Product);

  test('a select, with values of its own beside those that are given', async () => {
    const found = prepare(
      db.engine,
      ids.where(
        Product.c.shop.eq(param('shop')),
        Product.c.price.between(param('low'), param('high')),
        Product.c.id.gt(0),
      ),
    );
    const { result, sql: sent } = await db.record(() => found.all({ low: 15, high: 35, shop: 'north' }));

    expect(sent).toEqual([found.sql]);
    expect(db.words(found.sql)).toContain('where "products"."shop" = ?1 and "products"."price" between ');
    expect(result).toEqual([{ id: 2 }]);
    expect(await found.all({ shop: 'south', low: 0, high: 99 })).toEqual([{ id: 3 }, { id: 4 }]);
  });

  test('one value in several places', async () => {
    const found = prepare(db.engine, ids.where(Product.c.id.eq(param('n')).is(true), Product.c.price.gt(param('n'))));

    expect(await found.all({ n: 3 })).toEqual([{ id: 3 }]);
  });

  test('a model, a subquery and a common table expression', async () => {
    const some = select({ id: Offer.c.productId })
      .from(Offer)
      .where(Offer.c.price.lt(param('most')))
      .cte('some');
    const found = prepare(
      db.engine,
      select(Product).where(
        Product.c.id.in(select({ id: some.c.id }).from(some)),
        Product.c.active.eq(param('active')),
      ),
    );

    expect(await found.all({ most: 10, active: true })).toEqual([
      { id: 1, code: 'a', shop: 'north', price: 10, weight: 0.5, active: true },
    ]);
    expect(await found.all({ most: 10, active: false })).toEqual([]);
  });

  test('writes', async () => {
    const add = prepare(
      db.engine,
      insert(Product).values({
        code: param('code'),
        shop: 'x',
        price: param('price'),
        weight: param('weight'),
      } as never),
    );
    const change = prepare(
      db.engine,
      update(Product)
        .set({ price: param<number>('price') })
        .where(Product.c.code.eq(param('code')))
        .returning({ id: Product.c.id }),
    );
    const drop = prepare(db.engine, deleteFrom(Offer).where(Offer.c.id.eq(param('id'))));

    expect(await add.run({ code: 'y', price: 1, weight: null })).toBe(1);
    expect(await add.run({ code: 'z', price: 2, weight: 0.25 })).toBe(1);
    expect(await change.all({ code: 'z', price: 3 })).toEqual([{ id: 6 }]);
    expect(await drop.run({ id: 1 })).toBe(1);
    expect(await drop.run({ id: 1 })).toBe(0);
    expect(await db.rows(`select code, price, weight from products where shop = 'x' order by id`)).toEqual([
      ['y', 1, null],
      ['z', 3, 0.25],
    ]);
  });

  test('declared, with their types', async () => {
    const found = prepare(db.engine, { shop: text(), most: integer().nullable() }, ({ shop, most }) =>
      ids.where(Product.c.shop.eq(shop), Product.c.price.lt(coalesce(most, 25))),
    );
    const change = prepare(db.engine, { id: integer(), weight: double().nullable() }, ({ id, weight }) =>
      update(Product).set({ weight }).where(Product.c.id.eq(id)),
    );

    expect(await found.all({ shop: 'north', most: 15 })).toEqual([{ id: 1 }]);
    expect(await found.all({ shop: 'north', most: null })).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await change.run({ id: 1, weight: null })).toBe(1);
    const { error } = await db.failure(() => found.all({ shop: null as never, most: null }));
    expect(error).toMatchObject({ code: 'InvalidValueError' });
  });

  test('a type of its own where no column stands beside it', async () => {
    const one = prepare(
      db.engine,
      select({ n: typed(sql`${param('n', integer())} + 1`, integer()), t: sql<string>`${param('t', text())}` }),
    );

    expect(await one.all({ n: 41, t: `'` })).toEqual([{ n: 42, t: `'` }]);
    const { error, calls } = await db.failure(() => prepare(db.engine, select({ n: sql<number>`${param('n')} + 1` })));
    expect(error).toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringContaining(`param('n')`) as string,
    });
    expect(calls).toBe(0);
  });

  describe('refuses before any I/O', () => {
    const found = () => prepare(db.engine, ids.where(Product.c.id.eq(param('id')), Product.c.code.eq(param('code'))));
    const change = () =>
      prepare(
        db.engine,
        update(Product)
          .set({ price: param('price') as never })
          .where(Product.c.id.eq(1)),
      );

    test.for([
      ['a value that is missing', { id: 1 }, 'InvalidValueError'],
      ['undefined', { id: 1, code: undefined }, 'InvalidValueError'],
      ['a value of another type', { id: '1', code: 'a' }, 'InvalidValueError'],
      ['an object', { id: 1, code: { a: 1 } }, 'InvalidValueError'],
      ['null, which is equal to nothing', { id: null, code: 'a' }, 'InvalidValueError'],
      ['a name that is not there', { id: 1, code: 'a', more: 1 }, 'ConfigurationError'],
      ['a name of every object', { id: 1, code: 'a', toString: 1 }, 'ConfigurationError'],
      ['what is no object', [1, 'a'], 'ConfigurationError'],
      ['nothing', undefined, 'InvalidValueError'],
    ] as const)('%s', async ([, given, code]) => {
      const { error, calls } = await db.failure(() => found().all(given as never));

      expect(error).toMatchObject({ code });
      expect(calls).toBe(0);
    });

    test('null where the column takes none', async () => {
      const { error, calls } = await db.failure(() => change().run({ price: null }));

      expect(error).toMatchObject({ code: 'InvalidValueError' });
      expect(calls).toBe(0);
    });

    test('a param in a statement that is not prepared', async () => {
      for (const run of [
        () => db.engine.all(ids.where(Product.c.id.eq(param('id')))),
        () => db.session().all(ids.where(Product.c.id.eq(param('id')))),
        () => db.engine.run(deleteFrom(Product).where(Product.c.code.eq(param('code')))),
        () =>
          db
            .session()
            .query(Product)
            .where(Product.c.id.eq(param('id')))
            .all(),
      ]) {
        const { error, calls } = await db.failure(run);
        expect(error).toMatchObject({
          code: 'ConfigurationError',
          message: expect.stringContaining('prepare()') as string,
        });
        expect(calls).toBe(0);
      }
    });
  });

  test('a statement alike that is not prepared has its own values', async () => {
    const statement = (id: unknown) => ids.where(Product.c.id.eq(id as number));
    const found = prepare(db.engine, statement(param('id')));

    expect(await db.engine.all(statement(2))).toEqual([{ id: 2 }]);
    expect(await found.all({ id: 3 })).toEqual([{ id: 3 }]);
    expect(await db.engine.all(statement(4))).toEqual([{ id: 4 }]);
  });
}
