import {
  containsEager,
  countOf,
  countsOf,
  declarativeBase,
  integer,
  joinedLoad,
  jsonLoad,
  many,
  one,
  paginate,
  parts,
  rowFilter,
  select,
  selectInLoad,
  text,
  writeOnly,
} from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase({ columns: { tenant: text() } });
class Shop extends Model('shops', {
  id: integer().primaryKey(),
  name: text(),
  parentId: integer().nullable().references('shops.id'),
  get parent() {
    return one(Shop, { by: 'parentId' }).nullable();
  },
  get branches() {
    return many(Shop, { by: 'parentId' });
  },
  get goods() {
    return many(Good, { by: 'shopId' });
  },
  get sales() {
    return writeOnly(Good, { by: 'shopId' });
  },
}) {}
class Good extends Model('goods', {
  id: integer().primaryKey(),
  name: text(),
  shopId: integer().references('shops.id'),
  get shop() {
    return one(Shop, { by: 'shopId' });
  },
  get marks() {
    return many(Mark, { through: 'good_marks' });
  },
}) {}
class Mark extends Model('marks', { id: integer().primaryKey(), word: text() }) {}

const tenancy = rowFilter('tenancy of loads', { tenant: text() }).on(Model, (c, { tenant }) => c.tenant.eq(tenant));

/** Rows that a filter hides stay hidden, whichever way they are loaded. */
export function filteredCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await db.run(
      `insert into shops (tenant, id, name, parent_id) values ('a', 1, 'One', null), ('a', 2, 'Two', 1), ('b', 3, 'Other', 1), ('a', 4, 'Lost', 3)`,
      `insert into goods (tenant, id, name, shop_id) values ('a', 1, 'x', 1), ('b', 2, 'secret', 1), ('a', 3, 'y', 2)`,
      `insert into marks (tenant, id, word) values ('a', 1, 'm'), ('b', 2, 'hidden')`,
      `insert into good_marks (good_id, mark_id) values (1, 1), (1, 2), (3, 2)`,
    );
    await db.advanceKeys();
  });

  const ways = { batch: (asked: object | true) => asked, join: joinedLoad, json: jsonLoad, selectIn: selectInLoad };

  describe.for(Object.keys(ways) as (keyof typeof ways)[])('%s', (way) => {
    const by = ways[way] as <W>(asked: W) => W;

    test('at every level, to the same table, over a link table, and for what is not there', async () => {
      const session = db.session();
      tenancy.set(session, { tenant: 'a' });
      const shops = await session
        .query(Shop)
        .orderBy(Shop.c.id)
        .with({ goods: by({ marks: by(true as const) }), branches: by(true as const), parent: by(true as const) })
        .all();

      expect(
        shops.map((shop) => ({
          name: shop.name,
          goods: shop.goods.items.map((good) => [good.name, ...good.marks.items.map((mark) => mark.word)]),
          branches: shop.branches.items.map((branch) => branch.name),
          parent: shop.parent.value?.name,
        })),
      ).toEqual([
        { name: 'One', goods: [['x', 'm']], branches: ['Two'], parent: undefined },
        { name: 'Two', goods: [['y']], branches: [], parent: 'One' },
        { name: 'Lost', goods: [], branches: [], parent: undefined },
      ]);
    });

    test('of parents that are cut off, of parts, and lifted with the query', async () => {
      const session = db.session();
      tenancy.set(session, { tenant: 'a' });
      const query = session
        .query(Shop)
        .where(Shop.c.id.eq(1))
        .with({ goods: by(select(Good).orderBy(Good.c.id).limit(5)) })
        .limit(1);
      expect((await query.one()).goods.subset.map((good) => good.name)).toEqual(['x']);
      expect((await tenancy.lift(query).one()).goods.subset.map((good) => good.name)).toEqual(['x', 'secret']);
    });
  });

  test('in pages and their count, counts of relations, joins, parts and write-only collections', async () => {
    const session = db.session();
    tenancy.set(session, { tenant: 'a' });
    const query = session.query(Shop).orderBy(Shop.c.id);
    const page = await paginate(query, { size: 2, count: true });
    expect([page.count, page.items.length]).toEqual([3, 2]);
    expect((await paginate(query, { size: 2, after: page.next })).items.map((shop) => shop.name)).toEqual(['Lost']);
    expect((await paginate(tenancy.lift(query), { size: 9, count: true })).count).toBe(4);
    expect([...(await countsOf(session, page.items, Shop.c.goods)).values()]).toEqual([1, 1]);
    const rows = await session.all(
      select({ n: countOf(Shop.c.goods) })
        .from(Shop)
        .orderBy(Shop.c.id),
    );
    expect(rows).toEqual([{ n: 1 }, { n: 1 }, { n: 0 }]);
    const joined = await session.query(Shop).join(Shop.c.goods).with({ goods: containsEager() }).all();
    expect(joined.flatMap((shop) => shop.goods.subset.map((good) => good.name)).toSorted()).toEqual(['x', 'y']);
    const [first] = await query.with({ goods: parts({ all: select(Good) }) }).all();
    expect(first!.goods.parts.all.map((good) => good.name)).toEqual(['x']);
    expect((await session.all(first!.sales.select())).map((good) => good.name)).toEqual(['x']);
  });
}
