import {
  boolean,
  bytes,
  double,
  explain,
  insert,
  integer,
  json,
  numeric,
  select,
  sql,
  sum,
  text,
  timestamp,
  update,
  deleteFrom,
  values,
  bigint,
} from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';
import { givenProducts, Model, Offer, Product } from './stock.ts';

/** Many rows at once: as a source, inserted, in a batch. */
export function rowsCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenProducts(db);
  });
  const refused = async (work: () => unknown): Promise<unknown> => {
    const { error, calls } = await db.failure(work);
    expect(calls).toBe(0);
    return error;
  };

  describe('values()', () => {
    const columns = { id: integer(), price: integer().nullable() };
    const prices = values(columns, [
      { id: 1, price: 100 },
      { id: 3, price: null },
      { id: 3, price: null },
    ]);

    test('as a statement of its own: each row counts', async () => {
      const { result, sql: sent } = await db.record(() => db.engine.all(prices));

      const rows = db.by({
        sqlite: 'value ->> 0 as "id", value ->> 1 as "price" from json_each(?1)',
        postgres:
          '(value ->> 0)::bigint as "id", (value ->> 1)::bigint as "price" from json_array_elements($1::text::json) as rows(value)',
      });
      expect(sent).toEqual([`select "values"."id", "values"."price" from (select ${rows}) as "values"`]);
      expect(result).toEqual([
        { id: 1, price: 100 },
        { id: 3, price: null },
        { id: 3, price: null },
      ]);
    });

    test('joined, and read by an update and an insert', async () => {
      const given = prices.subquery('given');
      const read = select({ code: Product.c.code, price: given.c.price })
        .from(given)
        .innerJoin(Product, Product.c.id.eq(given.c.id))
        .distinct()
        .orderBy(Product.c.code);

      expect(await db.engine.all(read)).toEqual([
        { code: 'a', price: 100 },
        { code: 'c', price: null },
      ]);
      const dear = values({ id: integer(), price: integer() }, [{ id: 2, price: 7 }]).cte('dear');
      expect(
        await db.engine.run(update(Product).set({ price: dear.c.price }).from(dear).where(dear.c.id.eq(Product.c.id))),
      ).toBe(1);
      const rows = values({ productId: integer(), price: integer() }, [{ productId: 4, price: 8 }]);
      expect(await db.engine.run(insert(Offer).from(rows).onConflict().ignore())).toBe(1);
      expect(
        await db.values('select price from products where id = 2 union all select price from offers where id = 3'),
      ).toEqual([7, 8]);
    });

    test('of every type, exactly', async () => {
      const all = {
        big: bigint(),
        flag: boolean(),
        at: timestamp(),
        exact: numeric(10, 2),
        doc: json<unknown>(),
        data: bytes(),
        name: text(),
      };
      const row = {
        big: 2n ** 63n - 1n,
        flag: false,
        at: new Date(5),
        exact: '-12.30',
        doc: { a: [null, '"'] },
        data: new Uint8Array([0, 255]),
        name: `'"\\ é 😀`,
      };
      const real = { ...row, real: 0.1 + 0.2 };

      expect(await db.engine.all(values(all, [row, row]))).toEqual([row, row]);
      expect(await db.engine.all(values({ ...all, real: double() }, [real, real]))).toEqual([real, real]);
    });

    test.for([
      ['one', { id: integer() }],
      ['one that is bound by itself', { id: integer(), real: double() }],
    ] as const)('no rows: %s', async ([, shape]) => {
      expect(await db.engine.all(values(shape, []))).toEqual([]);
      const none = values(shape, []).subquery('none');
      expect(await db.engine.all(select({ n: sum(none.c.id) }).from(none))).toEqual([{ n: null }]);
    });

    test.for([
      ['a value of another type', [{ id: 'x', price: 1 }], 'InvalidValueError'],
      ['a value that is missing', [{ id: 1 }], 'InvalidValueError'],
      ['null where the column takes none', [{ id: null, price: 1 }], 'InvalidValueError'],
      ['a column that is not there', [{ id: 1, price: 1, more: 1 }], 'ConfigurationError'],
      ['an expression', [{ id: Product.c.id, price: 1 }], 'ConfigurationError'],
      ['no row', [null], 'InvalidValueError'],
      ['no list', { id: 1, price: 1 }, 'InvalidValueError'],
    ] as const)('refuses %s', async ([, rows, code]) => {
      expect(await refused(() => values(columns, rows as never))).toMatchObject({ code });
    });

    test('more values than parameters, where each is one, are refused', async ({ skip }) => {
      skip(db.by({ sqlite: false, postgres: true }), 'they are one parameter, whatever their type');
      const many = Array.from({ length: 40_000 }, (_, id) => ({ id, real: id }));
      const all = values({ id: integer(), real: double() }, many);

      expect(await refused(() => db.engine.all(all))).toMatchObject({
        code: 'LimitExceeded',
        message: expect.stringContaining('parameters') as string,
      });
    });
  });

  describe('insert of thousands of rows', () => {
    const offers = Array.from({ length: 3000 }, (_, at) => ({ productId: (at % 4) + 1, price: at }));

    test('is one statement with one parameter', async () => {
      const { result, calls } = await db.record(() => db.engine.run(insert(Offer).values(...offers)));
      const [sent] = db.driver.calls[0]!.statements;

      expect(calls).toBe(1);
      expect(sent!.sql).toContain(
        db.by({ sqlite: 'from json_each(?1)', postgres: 'from json_array_elements($1::text::json)' }),
      );
      expect(sent!.params).toHaveLength(1);
      expect(result).toBe(3000);
      expect(await db.rows('select count(*), sum(price), max(id) from offers')).toEqual([
        [3002, 20 + (2999 * 3000) / 2, 3002],
      ]);
    });

    test('yields what it returns, and leaves out what is there', async () => {
      const given = offers.map((offer, at) => ({ id: at + 1, ...offer }));
      const rows = await db.engine.all(
        insert(Offer)
          .values(...given)
          .onConflict('id')
          .ignore()
          .returning({ id: Offer.c.id }),
      );

      expect(rows.map(({ id }) => id)).toEqual(given.slice(2).map(({ id }) => id));
    });

    test('with doubles is several statements of one unit where one cannot hold them', async () => {
      const parameters = Math.min(db.driver.limits.parameters, 1000);
      const count = 300;
      const products = Array.from({ length: count }, (_, at) => ({
        code: `p${at}`,
        shop: 'new',
        price: at,
        weight: at / 7,
      }));
      const { result, calls, sql: sent } = await db.record(() => db.engine.run(insert(Product).values(...products)));

      expect(calls).toBe(1);
      expect(sent).toHaveLength(db.by({ sqlite: Math.ceil(count / Math.floor(parameters / 5)), postgres: 1 }));
      expect(result).toBe(count);
      expect(await db.values(`select weight from products where code = 'p${count - 1}'`)).toEqual([(count - 1) / 7]);
      // All or none: the last of them is there already.
      const again = [{ code: 'first', shop: 'other', price: 0, weight: 1 }, ...products].map((row) => ({
        ...row,
        active: false,
      }));
      await expect(db.engine.run(insert(Product).values(...again))).rejects.toMatchObject({ code: 'UniqueViolation' });
      expect(await db.values(`select count(*) from products where shop = 'other'`)).toEqual([0]);
    });

    test('of expressions among the values', async () => {
      const twice = (at: number) => ({ productId: 1, price: sql<number>`${at} * 2` });
      const rows = Array.from({ length: 60 }, (_, at) => twice(at));

      expect(await db.engine.run(insert(Offer).values(...(rows as never[])))).toBe(60);
      expect(await db.values('select max(price) from offers')).toEqual([118]);
    });
  });

  test('a batch of reads and writes: all or none, each with its answer', async () => {
    const count = select({ n: sum(Offer.c.price) }).from(Offer);
    const { result, calls } = await db.record(() =>
      db.engine.batch([
        count,
        insert(Offer).values({ productId: 1, price: 100 }, { productId: 2, price: 1 }),
        update(Offer).set({ price: 0 }).where(Offer.c.id.lte(2)).returning({ id: Offer.c.id }),
        count,
        deleteFrom(Offer).allRows(),
      ]),
    );

    expect(calls).toBe(1);
    expect(result).toEqual([[{ n: 20 }], 2, [{ id: 1 }, { id: 2 }], [{ n: 101 }], 4]);
    await expect(
      db.engine.batch([
        insert(Offer).values({ productId: 1, price: 1 }),
        insert(Product).values({ id: 1, code: 'x', shop: 'x', price: 1 }),
      ]),
    ).rejects.toMatchObject({ code: 'UniqueViolation' });
    expect(await db.engine.all(count)).toEqual([{ n: null }]);
  });

  test('explain() tells the plan and runs nothing', async () => {
    const byKey = select({ id: Product.c.id }).where(Product.c.id.eq(1));
    if (!db.driver.capabilities.explain) {
      await expect(explain(db.engine, byKey)).rejects.toMatchObject({ code: 'CapabilityError' });
      return;
    }
    const nested = await explain(db.engine, select({ n: select({ id: Offer.c.id }).limit(1).scalar() }).from(Product));

    const said = db.by({
      sqlite: { byKey: /^SEARCH products USING /, nested: /^  SCAN offers/, all: /^SCAN products/ },
      postgres: {
        byKey: /Scan using pk_products on products/,
        nested: /^ +-> .* on offers/,
        all: /Seq Scan on products/,
      },
    });
    const somewhere = (text: RegExp): unknown => expect.arrayContaining([expect.stringMatching(text)]);
    expect(await explain(db.engine, byKey)).toEqual(somewhere(said.byKey));
    expect(nested).toEqual(somewhere(said.nested));
    expect(await explain(db.engine, deleteFrom(Product).allRows())).toEqual(somewhere(said.all));
    expect(await db.values('select count(*) from products')).toEqual([4]);
  });
}
