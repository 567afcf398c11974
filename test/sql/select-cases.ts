import {
  alias,
  call,
  count,
  integer,
  isCinnabarError,
  recursive,
  select,
  sql,
  text,
  typed,
  union,
  unionAll,
} from 'cinnabar';
import { beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';
import { givenItems, Item, Model, Shelf } from './models.ts';

/** SELECT: its clauses, sources and results. */
export function selectCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenItems(db);
  });
  const run = async <R>(work: () => Promise<R>): Promise<{ sql: string; rows: R }> => {
    const { result, sql: sent } = await db.record(work);
    return { sql: sent[0]!, rows: result };
  };

  describe('joins', () => {
    const shape = { item: Item.c.name, shelf: Shelf.c.label };
    const on = Shelf.c.id.eq(Item.c.shelfId);
    test.for([
      [
        'join',
        select(shape).from(Item).innerJoin(Shelf, on),
        [
          ['ant', 'top'],
          ['bee', 'top'],
          ['cat', 'low'],
        ],
      ],
      [
        'left join',
        select(shape).from(Item).leftJoin(Shelf, on),
        [
          ['ant', 'top'],
          ['bee', 'top'],
          ['cat', 'low'],
          ['dog', null],
        ],
      ],
      [
        'right join',
        select(shape).from(Shelf).rightJoin(Item, on),
        [
          ['ant', 'top'],
          ['bee', 'top'],
          ['cat', 'low'],
          ['dog', null],
        ],
      ],
      [
        'full join',
        select(shape)
          .from(Item)
          .fullJoin(Shelf, Shelf.c.id.eq(Item.c.shelfId.plus(1))),
        [
          ['ant', 'low'],
          ['bee', 'low'],
          ['cat', null],
          ['dog', null],
          [null, 'top'],
        ],
      ],
    ] as const)('%s', async ([kind, statement, expected]) => {
      const { sql: sent, rows } = await run(() => db.engine.all(statement));
      const byName = rows
        .map(({ item, shelf }) => [item, shelf])
        .toSorted((a, b) => ((a[0] ?? 'z') < (b[0] ?? 'z') ? -1 : 1));

      expect(sent).toContain(`${kind} `);
      expect(byName).toEqual(expected);
    });

    test('a table joined to itself under another name', async () => {
      const Above = alias(Shelf, 'above it');
      const { sql: sent, rows } = await run(() =>
        db.engine.all(
          select({ label: Shelf.c.label, above: Above.c.label })
            .from(Shelf)
            .leftJoin(Above, Above.c.id.eq(Shelf.c.above))
            .orderBy(Shelf.c.id),
        ),
      );

      expect(sent).toEqual(
        'select "shelves"."label", "above it"."label" as "label_2" from "shelves" left join "shelves" as "above it" on "above it"."id" = "shelves"."above" order by "shelves"."id"',
      );
      expect(rows).toEqual([
        { label: 'top', above: null },
        { label: 'low', above: 'top' },
      ]);
    });

    test('a model as a member of the row is its columns, or null', async () => {
      const rows = await db.engine.all(
        select({ id: Item.c.id, shelf: Shelf })
          .from(Item)
          .leftJoin(Shelf, on)
          .where(Item.c.id.gte(3))
          .orderBy(Item.c.id),
      );

      expect(rows).toEqual([
        { id: 3, shelf: { id: 2, label: 'low', above: 1 } },
        { id: 4, shelf: null },
      ]);
    });
  });

  describe('clauses', () => {
    test('GROUP BY and HAVING', async () => {
      const { sql: sent, rows } = await run(() =>
        db.engine.all(
          select({ shelf: Item.c.shelfId, n: count() })
            .from(Item)
            .groupBy(Item.c.shelfId, Item.c.shelfId.plus(0))
            .having(count().gt(1), count().lt(9)),
        ),
      );

      expect(sent).toEqual(
        'select "items"."shelf_id", count(*) as "n" from "items" group by "items"."shelf_id", "items"."shelf_id" + cast(?1 as integer) having count(*) > cast(?2 as integer) and count(*) < cast(?3 as integer)',
      );
      expect(rows).toEqual([{ shelf: 1, n: 2 }]);
    });

    test('DISTINCT, ORDER BY with nulls, LIMIT and OFFSET', async () => {
      const { sql: sent, rows } = await run(() =>
        db.engine.all(
          select({ qty: Item.c.qty }).distinct().orderBy(Item.c.qty.desc().nullsFirst()).limit(2).offset(1),
        ),
      );

      expect(sent).toEqual(
        'select distinct "items"."qty" from "items" order by "items"."qty" desc nulls first limit ?1 offset ?2',
      );
      expect(rows).toEqual([{ qty: 7 }, { qty: 5 }]);
    });

    test('LIMIT 0, OFFSET 0 and OFFSET alone', async () => {
      const ids = select({ id: Item.c.id }).orderBy(Item.c.id);

      expect(await db.engine.all(ids.limit(0))).toEqual([]);
      expect(await db.engine.all(ids.offset(0))).toHaveLength(4);
      const { sql: sent, rows } = await run(() => db.engine.all(ids.offset(3)));
      expect(db.words(sent)).toContain(db.by({ sqlite: 'limit -1 offset ?1', postgres: ' offset ?1' }));
      expect(rows).toEqual([{ id: 4 }]);
    });

    test.for([-1, 1.5, Number.NaN, 2 ** 53, '1', null, undefined])('LIMIT and OFFSET refuse %s', (rows) => {
      const statement = select({ id: Item.c.id });

      for (const cut of [() => statement.limit(rows as never), () => statement.offset(rows as never)])
        expect(cut).toThrow(expect.objectContaining({ code: 'InvalidValueError' }));
    });

    test('without a source', async () => {
      expect(
        await db.engine.all(select({ one: typed(sql`1`, integer()), two: typed(sql`${1} + ${1}`, integer()) })),
      ).toEqual([{ one: 1, two: 2 }]);
    });

    test('columns of several tables want a FROM', async () => {
      const { error, calls } = await db.failure(() => db.engine.all(select({ a: Item.c.id, b: Shelf.c.id })));

      expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
        'select(): its columns are of several tables; say which with from() and a join',
      );
      expect(calls).toBe(0);
    });

    test('the FROM that columns call for, in nested selects too', async () => {
      const shelves = select({ id: Shelf.c.id }).where(Shelf.c.label.eq('top'));
      const newest = select({ id: call('max', integer(), Item.c.id) });

      expect(
        await db.engine.all(select({ id: Item.c.id }).where(Item.c.shelfId.in(shelves)).orderBy(Item.c.id)),
      ).toEqual([{ id: 1 }, { id: 2 }]);
      expect(
        await db.engine.all(select({ id: newest.scalar(), label: Shelf.c.label }).orderBy(Shelf.c.id).limit(1)),
      ).toEqual([{ id: 4, label: 'top' }]);
    });
  });

  describe('subqueries and CTEs', () => {
    test('a subquery', async () => {
      const per = select({ shelf: Item.c.shelfId, total: call('sum', integer(), Item.c.qty) })
        .from(Item)
        .groupBy(Item.c.shelfId)
        .subquery('per');
      const { sql: sent, rows } = await run(() =>
        db.engine.all(
          select({ label: Shelf.c.label, total: per.c.total })
            .from(Shelf)
            .innerJoin(per, per.c.shelf.eq(Shelf.c.id))
            .orderBy(per.c.total),
        ),
      );

      expect(sent).toEqual(
        'select "shelves"."label", "per"."total" from "shelves" join (select "items"."shelf_id" as "shelf", sum("items"."qty") as "total" from "items" group by "items"."shelf_id") as "per" on "per"."shelf" = "shelves"."id" order by "per"."total"',
      );
      expect(rows).toEqual([
        { label: 'top', total: 5 },
        { label: 'low', total: 7 },
      ]);
    });

    test('types come through: bigints, decimals, dates, documents', async () => {
      const inner = select({
        big: Item.c.big,
        price: Item.c.price,
        at: Item.c.at,
        meta: Item.c.meta,
        flag: Item.c.flag,
      })
        .where(Item.c.id.eq(1))
        .subquery('inner one');

      expect(
        await db.engine.all(
          select({ big: inner.c.big, price: inner.c.price, at: inner.c.at, meta: inner.c.meta, flag: inner.c.flag }),
        ),
      ).toEqual([{ big: 9007199254740993n, price: '1.50', at: new Date('2020-01-01'), meta: { a: 1 }, flag: true }]);
    });

    test('a CTE that is read twice stands once', async () => {
      const dear = select({ id: Item.c.id, shelf: Item.c.shelfId }).where(Item.c.price.gt('2.00')).cte('dear');
      const other = select({ shelf: dear.c.shelf }).cte('other');
      const { sql: sent, rows } = await run(() =>
        db.engine.all(
          select({ id: dear.c.id })
            .from(dear)
            .where(dear.c.shelf.in(select({ shelf: other.c.shelf })), dear.c.id.gt(2)),
        ),
      );

      expect(sent).toEqual(
        'with "dear" as (select "items"."id", "items"."shelf_id" as "shelf" from "items" where "items"."price" > ?1), ' +
          '"other" as (select "dear"."shelf" from "dear") ' +
          'select "dear"."id" from "dear" where "dear"."shelf" in (select "other"."shelf" from "other") and "dear"."id" > cast(?2 as integer)',
      );
      expect(rows).toEqual([{ id: 3 }]);
    });

    test('a recursive CTE', async () => {
      const tree = recursive(
        'tree',
        select({ id: Shelf.c.id, depth: typed(sql`0`, integer()) })
          .from(Shelf)
          .where(Shelf.c.above.isNull()),
        (self) =>
          select({ id: Shelf.c.id, depth: typed(sql`${self.c.depth} + 1`, integer()) })
            .from(Shelf)
            .innerJoin(self, Shelf.c.above.eq(self.c.id)),
      );
      const { sql: sent, rows } = await run(() =>
        db.engine.all(select({ id: tree.c.id, depth: tree.c.depth }).from(tree).orderBy(tree.c.id)),
      );

      expect(sent).toEqual(
        'with recursive "tree" ("id", "depth") as (select "shelves"."id", 0 as "depth" from "shelves" where "shelves"."above" is null union all ' +
          'select "shelves"."id", "tree"."depth" + 1 as "depth" from "shelves" join "tree" on "shelves"."above" = "tree"."id") ' +
          'select "tree"."id", "tree"."depth" from "tree" order by "tree"."id"',
      );
      expect(rows).toEqual([
        { id: 1, depth: 0 },
        { id: 2, depth: 1 },
      ]);
    });

    test('299 CTEs, each over the one before', async () => {
      let last = select({ id: Item.c.id }).cte('c0');
      for (let at = 1; at < 299; at++)
        last = select({ id: last.c.id }).from(last).cte(`c${at}`) as unknown as typeof last;

      expect(await db.engine.all(select({ n: count() }).from(last))).toEqual([{ n: 4 }]);
    });

    test('two CTEs of one name are refused before any I/O', async () => {
      const one = select({ id: Item.c.id }).cte('same');
      const two = select({ id: Shelf.c.id }).cte('same');
      const { error, calls } = await db.failure(() =>
        db.engine.all(
          select({ id: one.c.id })
            .from(one)
            .where(one.c.id.in(select({ id: two.c.id }).from(two))),
        ),
      );

      expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
        "two common table expressions are named 'same'",
      );
      expect(calls).toBe(0);
    });

    test('a scalar of several columns is refused', () => {
      expect(() => select({ a: Item.c.id, b: Item.c.name }).scalar()).toThrow(
        'a select used as a value or a list has one column, not 2',
      );
      expect(() => Item.c.id.in(select({ a: Item.c.id, b: Item.c.qty }))).toThrow('has one column, not 2');
    });
  });

  describe('unions', () => {
    const names = (from: number, to: number) =>
      select({ name: Item.c.name, id: Item.c.id }).where(Item.c.id.between(from, to));

    test('each row once, or all of them', async () => {
      const once = await db.engine.all(union(names(1, 3), names(2, 4)));
      const { sql: sent, rows } = await run(() => db.engine.all(unionAll(names(1, 3), names(2, 4))));

      expect(once).toHaveLength(4);
      expect(rows).toHaveLength(6);
      expect(sent).toEqual(
        'select "items"."name", "items"."id" from "items" where "items"."id" between cast(?1 as integer) and cast(?2 as integer) union all ' +
          'select "items"."name", "items"."id" from "items" where "items"."id" between cast(?3 as integer) and cast(?4 as integer)',
      );
    });

    test('ordered and cut off', async () => {
      const rows = await db.engine.all(union(names(1, 2), names(3, 4)).orderBy(Item.c.id.desc()).limit(2).offset(1));

      expect(rows.map(({ name }) => name)).toEqual(['cat', 'bee']);
      const { error, calls } = await db.failure(() =>
        db.engine.all(union(names(1, 2), names(3, 4)).orderBy(Item.c.qty)),
      );
      expect([isCinnabarError(error, 'ConfigurationError'), calls]).toEqual([true, 0]);
    });

    test('of parts that are ordered, cut off or unions themselves', async () => {
      const one = names(1, 4).orderBy(Item.c.id.desc()).limit(1);

      expect(await db.engine.all(unionAll(one, union(names(1, 1), names(2, 2)), names(1, 1)))).toHaveLength(4);
    });

    test('ordered by what is stored, not by how it is read', async () => {
      const big = select({ big: Item.c.big, price: Item.c.price });
      const byBig = await db.engine.all(union(big, big).orderBy(Item.c.big));
      const byPrice = await db.engine.all(union(big, big).orderBy(Item.c.price.desc()).limit(3));

      expect(byBig.map((row) => row.big)).toEqual([2n, 9n, 10n, 9007199254740993n]);
      expect(byPrice.map((row) => row.price)).toEqual(['10.00', '2.50', '1.50']);
    });

    test('of more parts than a database takes in one', async () => {
      const parts = Array.from({ length: 12 }, (_, at) => names(at, at));

      expect(await db.engine.all(unionAll(...parts))).toHaveLength(4);
      expect(await db.engine.all(union(...parts, ...parts).orderBy(Item.c.id))).toHaveLength(4);
    });

    test('as a subquery, and in a condition', async () => {
      const both = union(names(1, 2), names(2, 3)).subquery('both');

      expect(await db.engine.all(select({ n: count() }).from(both))).toEqual([{ n: 3 }]);
      const ids = union(
        select({ id: Item.c.id }).where(Item.c.id.eq(1)),
        select({ id: Item.c.id }).where(Item.c.id.eq(3)),
      );
      expect(await db.engine.all(select({ n: count() }).from(Item).where(Item.c.id.in(ids)))).toEqual([{ n: 2 }]);
    });

    test('with values among the columns', async () => {
      const tagged = (tag: string) =>
        select({ tag: sql<string>`${tag}`, id: Item.c.id })
          .from(Item)
          .where(Item.c.id.eq(1));
      const { rows } = await run(() => db.engine.all(unionAll(tagged('a'), tagged('b'))));

      expect(rows).toEqual([
        { tag: 'a', id: 1 },
        { tag: 'b', id: 1 },
      ]);
    });

    test('one select, or columns that do not match, are refused', () => {
      expect(() => union(names(1, 1))).toThrow('union(): expected two selects or more');
      expect(() => union(names(1, 1), select({ name: Item.c.name }) as never)).toThrow(
        'the selects have different numbers of columns',
      );
    });
  });

  describe('results', () => {
    test('names that are one in the database', async () => {
      const row = { id: Item.c.id, shelf: Shelf.c.id, ID: Item.c.qty, id_2: Item.c.name };
      const { sql: sent, rows } = await run(() =>
        db.engine.batch([
          select(row).from(Item).innerJoin(Shelf, Shelf.c.id.eq(2)).where(Item.c.id.eq(1)),
          select({ id: Item.c.id }).limit(1),
        ]),
      );

      expect(sent).toContain('select "items"."id", "shelves"."id" as "id_2", "items"."qty", "items"."name"');
      expect(rows[0]).toEqual([{ id: 1, shelf: 2, ID: 5, id_2: 'ant' }]);
    });

    test('names that a program may not expect', async () => {
      const shape = {
        ['__proto__']: Item.c.id,
        'constructor': Item.c.name,
        'toString': Item.c.qty,
        1: Item.c.flag,
        'a "quoted" name': Item.c.at,
        'ünï': Item.c.rate,
        '': Item.c.big,
      };
      const statement = select(shape).from(Item).where(Item.c.id.eq(1));
      const [[row]] = (await db.engine.batch([statement, statement])) as unknown as [[object]];

      expect(Object.entries(row)).toEqual([
        ['1', true],
        ['__proto__', 1],
        ['constructor', 'ant'],
        ['toString', 5],
        ['a "quoted" name', new Date('2020-01-01')],
        ['ünï', 0.1],
        ['', 9007199254740993n],
      ]);
      expect(await db.engine.all(statement)).toEqual([row]);
    });

    test('a model on an engine is plain rows', async () => {
      const [row] = await db.engine.all(select(Shelf).where(Shelf.c.id.eq(1)));

      expect(row).toEqual({ id: 1, label: 'top', above: null });
      expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
      expect(await db.engine.all(select(Shelf).loadOnly('label').limit(1))).toEqual([{ id: 1, label: 'top' }]);
    });

    test('text of its own has no type: what the driver gives', async () => {
      expect(
        await db.engine.all(
          select({ x: sql`${Item.c.flag}`, y: call('upper', text(), Item.c.name) })
            .from(Item)
            .where(Item.c.id.eq(1)),
        ),
      ).toEqual([{ x: db.by<unknown>({ sqlite: 1, postgres: 't' }), y: 'ANT' }]);
    });
  });
}
