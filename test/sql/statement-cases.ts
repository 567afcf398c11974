import {
  alias,
  and,
  type Condition,
  deleteFrom,
  except,
  exists,
  insert,
  intersect,
  or,
  recursive,
  type Rows,
  type RowSelect,
  select,
  sql,
  sum,
  union,
  unionAll,
  update,
  integer,
  typed,
} from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';
import { givenProducts, Model, Offer, Product } from './stock.ts';

/** Statements of several parts: sets, common table expressions, upserts, updates that read others. */
export function statementCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenProducts(db);
  });
  const sent = async <R>(work: () => Promise<R>): Promise<{ text: string; result: R }> => {
    const { sql: texts, result } = await db.record(work);
    return { text: texts[0]!, result };
  };
  const refused = async (work: () => unknown): Promise<unknown> => {
    const { error, calls } = await db.failure(work);
    expect(calls).toBe(0);
    return error;
  };
  const ids = select({ id: Product.c.id }).from(Product);
  const upTo = (id: number) => ids.where(Product.c.id.lte(id));

  describe('sets', () => {
    test.for([
      ['union', union(upTo(2), upTo(3)), [1, 2, 3]],
      ['union all', unionAll(upTo(1), upTo(2)), [1, 1, 2]],
      ['intersect', intersect(upTo(2), upTo(3), upTo(4)), [1, 2]],
      ['except', except(ids, upTo(1), upTo(2)), [3, 4]],
    ] as const)('%s', async ([operator, statement, expected]) => {
      const { text, result } = await sent(() => db.engine.all(statement.orderBy(Product.c.id)));

      expect(text).toContain(` ${operator} select `);
      expect(result.map(({ id }) => id)).toEqual(expected);
    });

    test('within each other, each with its order and limit', async () => {
      const last = ids.orderBy(Product.c.id.desc()).limit(1);
      const whole = except(union(upTo(2), last), intersect(upTo(1), ids));
      const { text, result } = await sent(() => db.engine.all(whole.orderBy(Product.c.id).limit(5)));

      expect(text).toEqual(
        'select * from (select "products"."id" from "products" where "products"."id" <= ?1 union select * from (select "products"."id" from "products" order by "products"."id" desc limit ?2)) except select * from (select "products"."id" from "products" where "products"."id" <= ?3 intersect select "products"."id" from "products") order by 1 limit ?4',
      );
      expect(result).toEqual([{ id: 2 }, { id: 4 }]);
    });

    test.for([
      [unionAll, 24],
      [union, 4],
      [intersect, 0],
      [except, 2],
    ] as const)('of more selects than the database takes in one', async ([combine, length]) => {
      const given = Array.from({ length: 20 }, (_, at) => upTo((at % 2) + 1).where(Product.c.id.gt(at % 2)));

      expect(await db.engine.all(combine(ids, ...given))).toHaveLength(length);
    });

    test('of selects with different numbers of columns are refused', async () => {
      const two = select({ id: Product.c.id, price: Product.c.price });

      for (const combine of [union, unionAll, intersect, except])
        expect(await refused(() => combine(ids as never, two as never))).toMatchObject({ code: 'ConfigurationError' });
    });
  });

  describe('common table expressions', () => {
    test('several, one of which reads another', async () => {
      const cheap = select({ id: Product.c.id, price: Product.c.price }).where(Product.c.price.lt(35)).cte('cheap');
      const total = select({ all: sum(cheap.c.price) })
        .from(cheap)
        .cte('total', { materialized: true });
      const whole = select({ id: cheap.c.id, all: total.c.all })
        .from(cheap)
        .innerJoin(total, sql<boolean>`true`)
        .orderBy(cheap.c.id);
      const { text, result } = await sent(() => db.engine.all(whole));

      expect(text).toMatch(/^with "cheap" as \(select .*\), "total" as materialized \(select sum\("cheap"\."price"\)/);
      expect(result).toEqual([1, 2, 3].map((id) => ({ id, all: 60 })));
    });

    test('not materialized', async () => {
      const part = ids.cte('part', { materialized: false });
      const { text, result } = await sent(() => db.engine.all(select({ id: part.c.id }).from(part).orderBy(part.c.id)));

      expect(text).toContain('"part" as not materialized (select');
      expect(result).toHaveLength(4);
    });

    test('a recursive one that meets a row again ends with all: false', async () => {
      const start = select({ n: typed(sql`${1}`, integer()) });
      const loop = recursive(
        'loop',
        start,
        (self) => select({ n: typed(sql`${self.c.n} % 3 + 1`, integer()) }).from(self),
        {
          all: false,
        },
      );
      const { text, result } = await sent(() => db.engine.all(select({ n: loop.c.n }).from(loop).orderBy(loop.c.n)));

      expect(db.words(text)).toContain(
        db.words('with recursive "loop" ("n") as (select cast(?1 as integer) as "n" union select'),
      );
      expect(result).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    });

    test('read by a write', async () => {
      const dear = select({ id: Product.c.id }).where(Product.c.price.gte(30)).cte('dear');
      const written = await db.engine.run(
        update(Product)
          .set({ price: 1 })
          .where(Product.c.id.in(select({ id: dear.c.id }).from(dear))),
      );

      expect(written).toBe(2);
    });
  });

  describe('update from', () => {
    const set = update(Product).set({ price: Offer.c.price });

    test('a table', async () => {
      const { text, result } = await sent(() =>
        db.engine.run(set.from(Offer).where(Offer.c.productId.eq(Product.c.id), Offer.c.price.gt(10))),
      );

      expect(text).toEqual(
        'update "products" set "price" = "offers"."price" from "offers" where "offers"."product_id" = "products"."id" and "offers"."price" > ?1',
      );
      expect(result).toBe(1);
      expect(await db.values('select price from products order by id')).toEqual([10, 15, 30, 40]);
    });

    test('a subquery and a join, with RETURNING', async () => {
      const Other = alias(Product, 'other');
      const best = select({ of: Offer.c.productId, price: sum(Offer.c.price) })
        .from(Offer)
        .groupBy(Offer.c.productId)
        .subquery('best');
      const rows = await db.engine.all(
        update(Product)
          .set({ price: best.c.price })
          .from(best)
          .innerJoin(Other, Other.c.id.eq(best.c.of))
          .where(Other.c.id.eq(Product.c.id), Other.c.shop.eq('north'))
          .returning({ id: Product.c.id, double: Product.c.price.plus(Product.c.price) }),
      );

      expect(rows.toSorted((left, right) => left.id - right.id)).toEqual([
        { id: 1, double: 10 },
        { id: 2, double: 30 },
      ]);
    });

    test('needs its condition too', async () => {
      expect(await refused(() => db.engine.run(set.from(Offer) as never))).toMatchObject({
        code: 'ConfigurationError',
      });
      expect(await refused(() => set.from(Offer).where(...([] as never as [Condition])))).toMatchObject({
        code: 'ConfigurationError',
      });
    });
  });

  test('a subquery as a member of the row is its columns, or null', async () => {
    const offers = select({ of: Offer.c.productId, price: Offer.c.price }).from(Offer).subquery('offers_of');
    const whole = select({ code: Product.c.code, offer: offers })
      .from(Product)
      .leftJoin(offers, offers.c.of.eq(Product.c.id))
      .where(Product.c.id.gt(1))
      .orderBy(Product.c.id)
      .limit(2);

    expect(await db.engine.all(whole)).toEqual([
      { code: 'b', offer: { of: 2, price: 15 } },
      { code: 'c', offer: null },
    ]);
    expect(await db.session().all(whole)).toEqual(await db.engine.all(whole));
  });

  test('parts of statements put together by functions', async () => {
    const page = <R>(rows: Rows<R>, at: number): Rows<R> => rows.limit(1).offset(at);
    const active = <S, N extends string>(rows: RowSelect<S, N>): RowSelect<S, N> =>
      rows.where(Product.c.active.eq(true));
    const offered = <S, N extends string>(rows: RowSelect<S, N>) =>
      rows.leftJoin(Offer, Offer.c.productId.eq(Product.c.id)).orderBy(Product.c.id);
    const base = select({ code: Product.c.code, price: Offer.c.price }).from(Product);

    expect(await db.engine.all(page(offered(active(base)), 1))).toEqual([{ code: 'b', price: 15 }]);
    // What they were made of is as it was.
    expect(await db.engine.all(base.innerJoin(Offer, Offer.c.id.eq(Product.c.id)))).toHaveLength(2);
  });

  test('delete by a subquery', async () => {
    const offered = exists(select({ id: Offer.c.id }).from(Offer).where(Offer.c.productId.eq(Product.c.id)));

    await db.run('delete from offers where id = 2');
    expect(await db.engine.run(deleteFrom(Product).where(Product.c.id.gt(1), offered))).toBe(0);
    expect(await db.engine.run(deleteFrom(Offer).where(Offer.c.productId.in(upTo(1))))).toBe(1);
  });

  describe('upsert', () => {
    const row = { id: 9, code: 'a', shop: 'north', price: 99 };

    test('by several columns, where the new row says so', async () => {
      const upsert = (price: number) =>
        insert(Product)
          .values({ ...row, price })
          .onConflict('code', 'shop')
          .update((x) => ({ price: x.price }), { where: (x) => x.price.lt(Product.c.price) });
      const { text, result } = await sent(() => db.engine.run(upsert(7)));

      expect(text).toContain(
        ' on conflict ("code", "shop") do update set "price" = excluded."price" where excluded."price" < "products"."price"',
      );
      expect(result).toBe(1);
      expect(await db.engine.run(upsert(50))).toBe(0);
      expect(await db.values('select price from products where id = 1')).toEqual([7]);
    });

    test('by the columns of a partial index', async () => {
      const upsert = insert(Product)
        .values({ ...row, shop: 'west' })
        .onConflict('code')
        .update((x) => ({ price: x.price.plus(1) }));
      const { text, result } = await sent(() => db.engine.all(upsert.returning({ id: Product.c.id })));

      const active = db.by({ sqlite: '1', postgres: `'t'` });
      expect(text).toContain(` on conflict ("code") where "active" = ${active} do update set `);
      expect(result).toEqual([{ id: 1 }]);
    });

    test('by any, ignored', async () => {
      expect(await db.engine.run(insert(Product).values(row).onConflict().ignore())).toBe(0);
    });
  });

  describe('a column that the statement does not read there', () => {
    const other = alias(Product, 'other');
    const part = select({ id: Product.c.id }).subquery('part');
    test.for([
      ['of no source', () => ids.where(Offer.c.id.eq(1))],
      ['of an alias that is not joined', () => ids.where(other.c.id.eq(1))],
      ['in ORDER BY', () => ids.orderBy(Offer.c.price)],
      ['in GROUP BY', () => ids.groupBy(part.c.id)],
      [
        'of a source beside a subquery',
        () => {
          const beside = select({ id: Offer.c.id })
            .from(Offer)
            .where(Offer.c.productId.eq(Product.c.id))
            .subquery('beside');
          return select({ id: Product.c.id }).from(Product).innerJoin(beside, beside.c.id.eq(Product.c.id));
        },
      ],
      ['of the table under its own name, where only its alias is read', () => select({ id: Product.c.id }).from(other)],
      ['in an update', () => update(Product).set({ price: Offer.c.price }).where(Product.c.id.eq(1)).returning()],
      ['in a delete', () => deleteFrom(Offer).where(Product.c.id.eq(1)).returning()],
    ] as const)('%s', async ([, make]) => {
      expect(await refused(() => db.engine.all(make() as never))).toMatchObject({
        code: 'ConfigurationError',
        message: expect.stringMatching(
          /which the statement does not read there: add it by from\(\) or a join$/,
        ) as string,
      });
    });
  });

  describe('long chains', () => {
    const terms = (count: number) => Array.from({ length: count }, (_, at) => Product.c.id.gt(at % 3));

    test.for([
      ['and', (all: Condition[]) => and(...all), 2],
      ['or', (all: Condition[]) => or(...all), 4],
      ['one by one', (all: Condition[]) => all.reduce((whole, next) => and(whole, next)), 2],
      ['one by one, to the right', (all: Condition[]) => all.reduceRight((whole, next) => or(next, whole)), 4],
    ] as const)('of conditions: %s', async ([, chain, length]) => {
      // As many as the database takes parameters for; thousands of them take it seconds.
      const count = Math.min(db.driver.limits.parameters, 2000);

      expect(await db.engine.all(ids.where(chain(terms(count))))).toHaveLength(length);
    });

    test('of ten thousand conditions without values', async () => {
      const never = sql<boolean>`1=0`;
      const chain = Array.from({ length: 10_000 }, () => never as Condition).reduce((whole, next) => or(whole, next));
      const { text, result } = await sent(() => db.engine.all(ids.where(or(chain, Product.c.id.eq(2)))));

      expect(text.split(' or ')).toHaveLength(10_001);
      expect(result).toEqual([{ id: 2 }]);
    });
  });
}
