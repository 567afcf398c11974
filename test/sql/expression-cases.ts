import {
  and,
  avg,
  call,
  coalesce,
  type Condition,
  count,
  exists,
  integer,
  isCinnabarError,
  lag,
  literal,
  lower,
  max,
  min,
  not,
  or,
  rank,
  rowNumber,
  select,
  type Select,
  sql,
  sum,
  text,
  trim,
  typed,
  upper,
  when,
} from 'cinnabar';
import { beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';
import { givenItems, Item, Model, Shelf, Wide } from './models.ts';

const c = Item.c;

/** Every expression: the text it makes, and what a database makes of it. */
export function expressionCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenItems(db);
  });

  describe('conditions', () => {
    const list = '(select value from json_each(?1))';
    test.for([
      [c.qty.eq(5), '"items"."qty" = ?1', [1, 4]],
      [c.qty.ne(5), '"items"."qty" <> ?1', [3]],
      [c.qty.gt(5), '"items"."qty" > ?1', [3]],
      [c.qty.gte(5), '"items"."qty" >= ?1', [1, 3, 4]],
      [c.qty.lt(7), '"items"."qty" < ?1', [1, 4]],
      [c.qty.lte(7), '"items"."qty" <= ?1', [1, 3, 4]],
      [c.id.eq(c.qty), '"items"."id" = "items"."qty"', []],
      [c.qty.between(5, 6), '"items"."qty" between cast(?1 as integer) and cast(?2 as integer)', [1, 4]],
      [c.id.in([1, 3]), `"items"."id" in ${list}`, [1, 3]],
      [c.id.in([]), `"items"."id" in ${list}`, []],
      [not(c.id.in([])), `not ("items"."id" in ${list})`, [1, 2, 3, 4]],
      [not(c.qty.in([])), `not ("items"."qty" in ${list})`, [1, 2, 3, 4]],
      [c.rate.in([0.1, 0.3]), '"items"."rate" in (cast(?1 as real), cast(?2 as real))', [1, 3]],
      [not(c.rate.in([])), 'not ("items"."rate" in (select null where false))', [1, 2, 3, 4]],
      [c.big.in([9007199254740993n]), `"items"."big" in ${list}`, [1]],
      [c.at.in([new Date('2022-01-01')]), `"items"."at" in ${list}`, [3]],
      [c.flag.in([true]), `"items"."flag" in ${list}`, [1, 4]],
      [c.price.in(['2.50', '-0.05']), `"items"."price" in ${list}`, [2, 4]],
      [
        c.shelfId.in(select({ id: Shelf.c.id }).where(Shelf.c.label.eq('top'))),
        '"items"."shelf_id" in (select "shelves"."id" from "shelves" where "shelves"."label" = ?1)',
        [1, 2],
      ],
      [c.name.like('%a%'), '"items"."name" like ?1', [1, 3]],
      [c.qty.is(5), '"items"."qty" is not distinct from ?1', [1, 4]],
      [c.qty.is(null), '"items"."qty" is null', [2]],
      [c.qty.is(c.qty), '"items"."qty" is not distinct from "items"."qty"', [1, 2, 3, 4]],
      [c.qty.isNull(), '"items"."qty" is null', [2]],
      [not(c.qty.isNull()), 'not ("items"."qty" is null)', [1, 3, 4]],
      [not(c.qty.eq(5)), 'not ("items"."qty" = ?1)', [3]],
      [c.flag.eq(true), '"items"."flag" = ?1', [1, 4]],
      [c.price.gt('1.5'), '"items"."price" > ?1', [2, 3]],
      [c.big.gt(9n), '"items"."big" > ?1', [1, 3]],
      [c.at.lt(new Date('2021-06-01')), '"items"."at" < ?1', [1, 2]],
      [c.id.plus(1).eq(3), '("items"."id" + cast(?1 as integer)) = cast(?2 as integer)', [2]],
      [c.qty.isNull().eq(c.flag), '("items"."qty" is null) = "items"."flag"', [3]],
      [
        exists(select(Shelf).where(Shelf.c.id.eq(c.shelfId), Shelf.c.above.isNull())),
        'exists (select "shelves"."id", "shelves"."label", "shelves"."above" from "shelves" where "shelves"."id" = "items"."shelf_id" and "shelves"."above" is null)',
        [1, 2],
      ],
      [
        sql<boolean>`${c.qty} % ${2} = 1 or ${c.name} = ${'bee'}`,
        '"items"."qty" % cast(?1 as integer) = 1 or "items"."name" = ?2',
        [1, 2, 3, 4],
      ],
    ] as [Condition, string, number[]][])('$1', async ([condition, where, ids]) => {
      const { result, sql: sent } = await db.record(() =>
        db.engine.all(select({ id: c.id }).where(condition).orderBy(c.id)),
      );

      expect(sent).toEqual([`select "items"."id" from "items" where ${where} order by "items"."id"`]);
      expect(result.map(({ id }) => id)).toEqual(ids);
    });
  });

  describe('AND, OR and NOT', () => {
    const [yes, no, unknown] = [c.id.gt(0), c.id.lt(0), c.qty.eq(0)];
    test.for([
      [and(yes, or(no, yes)), '"items"."id" > ?1 and ("items"."id" < ?2 or "items"."id" > ?3)', true],
      [or(and(yes, no), yes), '("items"."id" > ?1 and "items"."id" < ?2) or "items"."id" > ?3', true],
      [or(yes, and(no, no)), '"items"."id" > ?1 or ("items"."id" < ?2 and "items"."id" < ?3)', true],
      [and(or(yes, no), no), '("items"."id" > ?1 or "items"."id" < ?2) and "items"."id" < ?3', false],
      [not(and(yes, no)), 'not ("items"."id" > ?1 and "items"."id" < ?2)', true],
      [and(not(no), yes), 'not ("items"."id" < ?1) and "items"."id" > ?2', true],
      [not(not(yes)), 'not (not ("items"."id" > ?1))', true],
      [and(yes), '"items"."id" > ?1', true],
      [or(unknown, yes), '"items"."qty" = ?1 or "items"."id" > ?2', true],
      [and(unknown, no), '"items"."qty" = ?1 and "items"."id" < ?2', false],
      [and(unknown, yes), '"items"."qty" = ?1 and "items"."id" > ?2', null],
      [not(unknown), 'not ("items"."qty" = ?1)', null],
    ] as [Condition, string, boolean | null][])('$1', async ([condition, text, value]) => {
      const { result, sql: sent } = await db.record(() =>
        db.engine.all(select({ value: condition }).from(Item).where(c.id.eq(2))),
      );

      expect(db.words(sent[0])).toContain(db.words(`select ${text} as "value"`));
      expect(result).toEqual([{ value }]);
    });

    test('several conditions of where() are one AND, each by itself', async () => {
      const { result, sql: sent } = await db.record(() =>
        db.engine.all(select({ id: c.id }).where(or(c.id.eq(1), c.id.eq(2)), sql<boolean>`${c.id} = 2 or 1 = 0`)),
      );

      expect(db.words(sent[0])).toContain(
        'where ("items"."id" = ?1 or "items"."id" = ?2) and ("items"."id" = 2 or 1 = 0)',
      );
      expect(result).toEqual([{ id: 2 }]);
    });

    test.for([20, 90, 200] as const)('a chain of %i terms is no deeper than a database takes', async (terms) => {
      const chain = or(...Array.from({ length: terms }, () => sql<boolean>`${c.id} = 3`));
      const all = and(...Array.from({ length: terms }, () => not(c.id.isNull())));

      expect(await db.engine.all(select({ id: c.id }).where(chain, all))).toEqual([{ id: 3 }]);
    });

    test('none is refused', () => {
      expect(() => and()).toThrow('and() without a condition: leave it out, or pass at least one');
      expect(() => or()).toThrow('or() without a condition: leave it out, or pass at least one');
    });
  });

  describe('values', () => {
    test.for([
      [lower(sql<string>`${'ÀB'}`), 'lower(?1)', 'Àb'],
      [upper(c.name), 'upper("items"."name")', 'ANT'],
      [trim(sql<string>`${' x '}`), 'trim(?1)', 'x'],
      [coalesce(c.shelfId, 9), 'coalesce("items"."shelf_id", cast(?1 as integer))', 1],
      [coalesce(c.qty, c.id), 'coalesce("items"."qty", "items"."id")', 5],
      [c.id.plus(c.qty.plus(1)), '"items"."id" + ("items"."qty" + cast(?1 as integer))', 7],
      [c.big.plus(1n), 'cast("items"."big" + cast(?1 as integer) as text)', 9007199254740994n],
      [call('length', integer(), c.name), 'length("items"."name")', 3],
      [call('replace', text(), c.name, 'a', 'b'), 'replace("items"."name", ?1, ?2)', 'bnt'],
      [when(c.qty.gt(5), 'many').else('few'), `case when "items"."qty" > ?1 then ?2 else ?3 end`, 'few'],
      [when(c.qty.gt(5), 'many'), 'case when "items"."qty" > ?1 then ?2 end', null],
      [
        when(c.qty.gt(5), 1).when(c.flag.eq(true), c.id).else(null),
        'case when "items"."qty" > ?1 then cast(?2 as integer) when "items"."flag" = ?3 then "items"."id" else null end',
        1,
      ],
      [when(c.id.eq(1), null).else(c.at), 'case when "items"."id" = ?1 then null else "items"."at" end', null],
      [c.at, '"items"."at"', new Date('2020-01-01')],
      [c.price, 'cast("items"."price" as text)', '1.50'],
      [c.flag, '"items"."flag"', true],
      [c.meta, '"items"."meta"', { a: 1 }],
      [c.qty.gt(1), '"items"."qty" > ?1', true],
      [typed(sql`${c.id.plus(1)} * ${3}`, integer()), '("items"."id" + cast(?1 as integer)) * cast(?2 as integer)', 6],
      [typed(sql`1 + ${sql`2 * ${c.id}`}`, integer()), '1 + 2 * "items"."id"', 3],
      [select({ n: max(Shelf.c.id) }).scalar(), '(select max("shelves"."id") as "n" from "shelves")', 2],
      [c.qty.as('five').plus(1), '"items"."qty" + cast(?1 as integer)', 6],
      [c.flag.eq(c.id.eq(1).as('same')), '"items"."flag" = ("items"."id" = ?1)', true],
    ] as [ReturnType<typeof sql>, string, unknown][])('$1', async ([expression, text, value]) => {
      const statement = select({ value: expression }).from(Item).where(c.id.eq(1));
      const { result, sql: sent } = await db.record(() => db.engine.all(statement));

      expect(db.words(sent[0])).toContain(db.words(`select ${text}`));
      expect(result).toEqual([{ value }]);
    });

    test.for([
      ['a\\b', 'a\\b', true],
      ['a\\%', 'a\\anything', true],
      ['a\\%', 'a%', false],
      ['a\\', 'a\\', true],
    ] as const)(
      'LIKE %j finds %j: %j, since a backslash is a character as any other',
      async ([pattern, value, found]) => {
        const subject = literal(value, text());
        expect(await db.engine.all(select({ is: subject.like(pattern), not: subject.notLike(pattern) }))).toEqual([
          { is: found, not: !found },
        ]);
      },
    );

    test('a function is called by a name, and its result has a type', async () => {
      expect(() => call('x(1); drop table items', integer())).toThrow(
        "call(): 'x(1); drop table items' is no name of a function",
      );
      expect(() => call('length', 5 as never)).toThrow("call('length'): its type is a column, like integer()");
    });

    test('an expression is evaluated once', async () => {
      const rows = await db.engine.all(
        select({ n: count() })
          .from(Item)
          .where(sql<number>`abs(random()) * 0`.between(0, 9)),
      );
      const { sql: sent } = await db.record(() =>
        db.engine.all(select({ x: sql<number>`abs(random()) * 0`.between(3, 5) }).from(Item)),
      );

      expect(rows).toEqual([{ n: 4 }]);
      expect(sent[0]!.match(/random/g)).toHaveLength(1);
    });
  });

  describe('aggregates and windows', () => {
    test('over all rows', async () => {
      const { result, sql: sent } = await db.record(() =>
        db.engine.all(
          select({
            rows: count(),
            some: count(c.qty),
            kinds: count(c.qty).distinct(),
            flagged: count().filter(c.flag.eq(true)),
            least: min(c.name),
            most: max(c.price),
            latest: max(c.at),
            total: sum(c.price),
            units: sum(c.qty).filter(c.id.gt(1)),
            huge: sum(c.big),
            mean: avg(c.qty),
          }).from(Item),
        ),
      );

      expect(sent[0]).toEqual(
        'select count(*) as "rows", count("items"."qty") as "some", count(distinct "items"."qty") as "kinds", count(*) filter (where "items"."flag" = ?1) as "flagged", ' +
          'min("items"."name") as "least", cast(max("items"."price") as text) as "most", max("items"."at") as "latest", cast(sum("items"."price") as text) as "total", ' +
          'sum("items"."qty") filter (where "items"."id" > ?2) as "units", cast(sum("items"."big") as text) as "huge", avg("items"."qty") as "mean" from "items"',
      );
      expect(result).toEqual([
        {
          rows: 4,
          some: 3,
          kinds: 2,
          flagged: 2,
          least: 'ant',
          most: '10.00',
          latest: new Date('2023-01-01'),
          total: '13.95',
          units: 12,
          huge: 9007199254741014n,
          mean: 17 / 3,
        },
      ]);
    });

    test('of no rows', async () => {
      const empty = select({ n: count(), most: max(c.qty), total: sum(c.price), mean: avg(c.rate), last: max(c.at) });

      expect(await db.engine.all(empty.from(Item).where(c.id.lt(0)))).toEqual([
        { n: 0, most: null, total: null, mean: null, last: null },
      ]);
    });

    test('over windows', async () => {
      const { result, sql: sent } = await db.record(() =>
        db.engine.all(
          select({
            id: c.id,
            number: rowNumber().over({ orderBy: [c.id.desc()] }),
            place: rank().over({ partitionBy: [c.flag], orderBy: [c.qty.asc().nullsLast(), c.name] }),
            before: lag(c.name).over({ orderBy: [c.id] }),
            running: sum(c.id).over({ orderBy: [c.id], frame: 'rows between unbounded preceding and current row' }),
            all: count().over(),
          })
            .from(Item)
            .orderBy(c.id),
        ),
      );

      expect(sent[0]).toEqual(
        'select "items"."id", row_number() over (order by "items"."id" desc) as "number", ' +
          'rank() over (partition by "items"."flag" order by "items"."qty" nulls last, "items"."name") as "place", ' +
          'lag("items"."name") over (order by "items"."id") as "before", ' +
          'sum("items"."id") over (order by "items"."id" rows between unbounded preceding and current row) as "running", ' +
          'count(*) over () as "all" from "items" order by "items"."id"',
      );
      expect(result.map(({ number, place, before, running, all }) => [number, place, before, running, all])).toEqual([
        [4, 1, null, 1, 4],
        [3, 2, 'ant', 3, 4],
        [2, 1, 'bee', 6, 4],
        [1, 2, 'cat', 10, 4],
      ]);
    });

    test('a frame is one of a few forms', () => {
      expect(() => count().over({ frame: 'rows 1 preceding); drop table items --' })).toThrow('is no frame');
      expect(() => count().over({ orderBy: ['id' as never] })).toThrow(
        'orderBy(): expected an expression, got a string',
      );
    });
  });

  describe('what is no expression', () => {
    test.for([
      ['a string', 'id = 1'],
      ['a forged node', { kind: 'fragment', pieces: ['1 = 1'], level: 0, type: {} }],
      ['one with a brand by name', JSON.parse('{"brand": "cinnabar.expression", "kind": "column"}') as unknown],
      ['one through a prototype', JSON.parse('{"__proto__": {"brand": "cinnabar.expression"}}') as unknown],
      ['a model', Item],
      ['nothing', undefined],
      ['null', null],
    ] as const)('%s as a condition, an order, a group, a column', async ([, forged]) => {
      const uses = [
        () => select({ id: c.id }).where(forged as never),
        () => select({ id: c.id }).orderBy(forged as never),
        () => select({ id: c.id }).groupBy(forged as never),
        () => select({ id: c.id }).having(forged as never),
        () => and(forged as never),
        () => not(forged as never),
        () => lower(forged as never),
        () => exists(forged as never),
        () => select(Item).where(forged as never),
      ];

      for (const use of uses) expect(use).toThrow(expect.objectContaining({ code: 'ConfigurationError' }));
    });

    test.for([
      ['an object', {}],
      ['an array', [1]],
      ['a forged expression', { brand: 'cinnabar.expression', kind: 'fragment', pieces: ['1'] }],
      ['undefined', undefined],
      ['null', null],
      ['text for a number', '1'],
      ['a fraction', 1.5],
      ['an unsafe integer', 2 ** 53],
      ['NaN', Number.NaN],
      ['a bigint', 1n],
      ['a function', () => 1],
      ['a symbol', Symbol('x')],
    ] as const)('%s as a value of an integer', ([, value]) => {
      for (const use of [
        () => c.qty.eq(value as never),
        () => c.qty.in([value as never]),
        () => c.qty.between(value as never, 1),
        () => c.qty.plus(value as never),
      ])
        expect(use).toThrow(expect.objectContaining({ code: 'InvalidValueError' }));
    });

    test('the tag takes no string', () => {
      expect(() => (sql as (text: unknown) => unknown)('1 = 1; drop table items')).toThrow(
        'sql`…` is a template tag: it takes no string, so that no value can become text',
      );
      expect(() => (sql as (text: unknown) => unknown)(['1 = 1'])).toThrow('takes no string');
      expect(() => sql`${{ raw: '1' }}`).toThrow('an object is no value of SQL');
    });
  });

  describe('decimals', () => {
    test('of two scales never meet', async () => {
      const price = c.price;
      const other = Wide.c.exact;
      for (const use of [
        () => price.eq(other),
        () => price.in(select({ exact: other })),
        () => coalesce(price, other),
        () => when(c.id.eq(1), price).else(other),
      ])
        expect(use).toThrow('numeric(10, 2) and numeric(20, 4) are stored in different forms');
    });

    test('above 18 digits have no order and no sums where they are text: refused before any I/O', async ({ skip }) => {
      skip(db.by({ sqlite: false, postgres: true }), 'the database has decimals of its own');
      const exact = Wide.c.exact;
      const refused: Select<unknown>[] = [
        select({ id: Wide.c.id }).where(exact.gt('1')),
        select({ id: Wide.c.id }).where(exact.between('1', '2')),
        select({ id: Wide.c.id }).orderBy(exact.desc()),
        select({ most: max(exact) }).from(Wide),
        select({ total: sum(exact) }).from(Wide),
      ];

      for (const statement of refused) {
        const { error, calls } = await db.failure(() => db.engine.all(statement));
        expect(isCinnabarError(error, 'CapabilityError') && error.message).toBe(
          'sqlite keeps numeric(20, 4) as text: it has no order and no sums there',
        );
        expect(calls).toBe(0);
      }
    });
  });
}
