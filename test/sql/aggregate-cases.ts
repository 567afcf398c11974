import {
  type AnyExpr,
  avg,
  boolAnd,
  boolOr,
  count,
  cumeDist,
  custom,
  deleteFrom,
  denseRank,
  firstValue,
  integer,
  jsonGroupArray,
  lag,
  lastValue,
  lead,
  literal,
  lower,
  max,
  nthValue,
  ntile,
  percentRank,
  rank,
  rowNumber,
  select,
  sql,
  stringAgg,
  sum,
  text,
  total,
  typed,
  unionAll,
} from 'cinnabar';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OpenDriver, TestDatabase } from '../support/database.ts';
import { givenSamples, refusedCases, s, Sample, samples } from './samples.ts';

/** Functions over rows, and their windows. */
export function aggregateCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await givenSamples(open);
  });
  const column = async (expression: AnyExpr, order = [s.id]): Promise<{ text: string; values: unknown[] }> => {
    const statement = select({ value: expression }).from(Sample);
    const { result, sql: sent } = await db.record(() =>
      db.engine.all(order.length > 0 ? statement.orderBy(...order) : statement),
    );
    const text = sent[0]!.replaceAll('"samples".', '').slice('select '.length).split(' as "value" from')[0]!;
    return { text, values: result.map((row) => row.value) };
  };
  /** The text is SQLite's, the values are those of every database. */
  const has = async (expression: AnyExpr, text: string, values: readonly unknown[], order = [s.id]): Promise<void> => {
    const found = await column(expression, order);
    expect(found).toEqual({ text: db.by({ sqlite: text, postgres: found.text }), values });
  };

  test.for([
    [total(s.a), 'total("a")', 10],
    [total(s.none), 'total("none")', 0],
    [total(s.a).filter(s.a.gt(5)), 'total("a") filter (where "a" > ?1)', 7],
    [boolAnd(s.flag), 'min("flag")', false],
    [boolOr(s.flag), 'max("flag")', true],
    [boolAnd(s.a.gte(0)), 'min("a" >= ?1)', true],
    [boolOr(s.none.eq(1)), 'max("none" = ?1)', null],
    [
      stringAgg(s.name, '; ', { orderBy: [s.id.desc()] }),
      'group_concat("name", ?1 order by "id" desc)',
      'Cy; Bob; Ann Lee',
    ],
    [
      stringAgg(s.role, undefined, { orderBy: [s.role] }),
      'group_concat("role" order by "role")',
      'admin,editor,editor',
    ],
    [
      stringAgg(s.role, undefined, { orderBy: [s.role] }).distinct(),
      'group_concat(distinct "role" order by "role")',
      'admin,editor',
    ],
    [stringAgg(s.nick), 'group_concat("nick")', 'bo,cy'],
    [stringAgg(s.name, '|').filter(s.id.lt(0)), 'group_concat("name", ?1) filter (where "id" < ?2)', null],
    [
      jsonGroupArray(s.name, { orderBy: [s.id] }),
      'json_group_array("name" order by "id")',
      samples.map(({ name }) => name),
    ],
    [jsonGroupArray(s.nick, { orderBy: [s.id] }), 'json_group_array("nick" order by "id")', [null, 'bo', 'cy']],
    [
      jsonGroupArray(s.big, { orderBy: [s.id] }),
      'json_group_array(cast("big" as text) order by "id")',
      samples.map(({ big }) => big),
    ],
    [jsonGroupArray(s.flag, { orderBy: [s.id] }), 'json_group_array("flag" order by "id")', [true, false, true]],
    [
      jsonGroupArray(s.at, { orderBy: [s.id.desc()] }),
      'json_group_array("at" order by "id" desc)',
      samples.map(({ at }) => at).toReversed(),
    ],
    [
      jsonGroupArray(s.local, { orderBy: [s.id] }),
      'json_group_array("local" order by "id")',
      ['2024-01-31T22:15:30.25', '2020-02-29T00:00:00', '1969-12-31T23:59:59.999'],
    ],
    [
      jsonGroupArray(s.doc, { orderBy: [s.id] }),
      'json_group_array(json("doc") order by "id")',
      samples.map(({ doc }) => doc),
    ],
    [
      jsonGroupArray(s.b, { orderBy: [s.b.asc().nullsLast()] }),
      'json_group_array("b" order by "b" nulls last)',
      [-2, 3, null],
    ],
    [
      jsonGroupArray(s.role).distinct().filter(s.id.gt(1)),
      'json_group_array(distinct "role") filter (where "id" > ?1)',
      ['editor'],
    ],
    [jsonGroupArray(s.a).filter(s.id.lt(0)), 'json_group_array("a") filter (where "id" < ?1)', []],
    [max(s.day), 'max("day")', '2024-01-31'],
    [sum(s.a.plus(1)), 'sum("a" + cast(?1 as integer))', 13],
    [avg(s.rate), 'avg("rate")', 1],
    [count(s.role).distinct().filter(s.flag.eq(true)), 'count(distinct "role") filter (where "flag" = ?1)', 2],
  ] as [AnyExpr, string, unknown][])('$1', async ([expression, text, value]) => {
    await has(expression, text, [value], []);
  });

  test('elements of a type of one’s own', async () => {
    const wrapped = custom(text(), { read: (value) => ({ value }), write: ({ value }) => value });
    const rows = await db.engine.all(
      select({ all: jsonGroupArray(literal({ value: 'x' }, wrapped)) })
        .from(Sample)
        .where(s.id.eq(1)),
    );
    expect(rows).toEqual([{ all: [{ value: 'x' }] }]);
  });

  const byId = { orderBy: [s.id] };
  const order = '(order by "id")';
  test.for([
    [rowNumber().over(byId), `row_number() over ${order}`, [1, 2, 3]],
    [rank().over({ orderBy: [s.role] }), 'rank() over (order by "role")', [1, 2, 2]],
    [denseRank().over({ orderBy: [s.flag] }), 'dense_rank() over (order by "flag")', [2, 1, 2]],
    [percentRank().over(byId), `percent_rank() over ${order}`, [0, 0.5, 1]],
    [cumeDist().over({ orderBy: [s.role] }), 'cume_dist() over (order by "role")', [1 / 3, 1, 1]],
    [ntile(2).over(byId), `ntile(cast(?1 as integer)) over ${order}`, [1, 1, 2]],
    [lag(s.name).over(byId), `lag("name") over ${order}`, [null, 'Ann Lee', 'Bob']],
    [lag(s.a, 2).over(byId), `lag("a", cast(?1 as integer)) over ${order}`, [null, null, 7]],
    [lag(s.a, 2, -1).over(byId), `lag("a", cast(?1 as integer), cast(?2 as integer)) over ${order}`, [-1, -1, 7]],
    [lag(s.a, undefined, s.b).over(byId), `lag("a", cast(?1 as integer), "b") over ${order}`, [-2, 7, 3]],
    [lead(s.at).over(byId), `lead("at") over ${order}`, [samples[1].at, samples[2].at, null]],
    [lead(s.a, 1, 0).over(byId), `lead("a", cast(?1 as integer), cast(?2 as integer)) over ${order}`, [3, 0, 0]],
    [firstValue(s.name).over(byId), `first_value("name") over ${order}`, ['Ann Lee', 'Ann Lee', 'Ann Lee']],
    [lastValue(s.name).over(byId), `last_value("name") over ${order}`, ['Ann Lee', 'Bob', 'Cy']],
    [
      lastValue(s.name).over({ ...byId, frame: 'rows between unbounded preceding and unbounded following' }),
      'last_value("name") over (order by "id" rows between unbounded preceding and unbounded following)',
      ['Cy', 'Cy', 'Cy'],
    ],
    [nthValue(s.name, 2).over(byId), `nth_value("name", cast(?1 as integer)) over ${order}`, [null, 'Bob', 'Bob']],
    [
      sum(s.a).over({ ...byId, frame: 'rows between 1 preceding and 1 following' }),
      'sum("a") over (order by "id" rows between 1 preceding and 1 following)',
      [10, 10, 3],
    ],
    [
      sum(s.a).over({ ...byId, frame: 'rows between 1 preceding and 1 following exclude current row' }),
      'sum("a") over (order by "id" rows between 1 preceding and 1 following exclude current row)',
      [3, 7, 3],
    ],
    [
      count().over({ orderBy: [s.a], frame: 'range between 3 preceding and current row' }),
      'count(*) over (order by "a" range between 3 preceding and current row)',
      [1, 2, 1],
    ],
    [
      count().over({ orderBy: [s.role], frame: 'groups current row' }),
      'count(*) over (order by "role" groups current row)',
      [1, 2, 2],
    ],
    [
      sum(s.a)
        .filter(s.flag.eq(true))
        .over({ partitionBy: [s.role], orderBy: [s.id] }),
      'sum("a") filter (where "flag" = ?1) over (partition by "role" order by "id")',
      [7, null, 0],
    ],
    [
      stringAgg(s.name, '-').over({ ...byId, frame: 'rows unbounded preceding' }),
      'group_concat("name", ?1) over (order by "id" rows unbounded preceding)',
      ['Ann Lee', 'Ann Lee-Bob', 'Ann Lee-Bob-Cy'],
    ],
    [sum(s.a).over().minus(s.a), 'sum("a") over () - "a"', [3, 7, 10]],
  ] as [AnyExpr, string, unknown[]][])('$1', async ([expression, text, values]) => {
    await has(expression, text, values);
  });

  describe('frames', () => {
    const frames = ['rows', 'RANGE', 'groups'].flatMap((mode) =>
      [
        'unbounded preceding',
        'current row',
        '2 preceding',
        'between 2 preceding and 1 preceding',
        'between current row and UNBOUNDED FOLLOWING',
        'between 1 following and 2 following',
        'between current row and current row',
        'current row exclude ties',
        'current row exclude no others',
      ].map((rest) => `${mode} ${rest}`),
    );
    test.for(frames)('%s is taken by the database', async (frame) => {
      const { values } = await column(count().over({ ...byId, frame }));
      expect(values).toHaveLength(3);
    });

    test.for([
      ['rows', 'is no frame'],
      ['rows unbounded', 'is no frame'],
      ['rows 1 preceding; drop table samples', 'is no frame'],
      ['rows between 1 preceding and current row)', 'is no frame'],
      ['rows -1 preceding', 'is no frame'],
      ['rows 1.5 preceding', 'is no frame'],
      ['rows  1 preceding', 'is no frame'],
      ['rows current preceding', 'is no frame'],
      ['rows 1 row', 'is no frame'],
      ['rows unbounded following', 'which begins where it ends or before'],
      ['rows 1 following', 'which begins where it ends or before'],
      ['rows between current row and 1 preceding', 'which begins where it ends or before'],
      ['rows between 2 following and 1 following', 'which begins where it ends or before'],
      ['rows between unbounded preceding and unbounded preceding', 'which begins where it ends or before'],
    ] as const)('%s is refused', ([frame, message]) => {
      expect(() => count().over({ ...byId, frame })).toThrow(
        expect.objectContaining({ code: 'ConfigurationError', message: expect.stringContaining(message) as string }),
      );
    });

    test.for([
      ['groups current row', [], `'groups' takes an orderBy`],
      ['range 1 preceding', [], `'range' takes an orderBy of one term`],
      ['range 1 preceding', [s.id, s.a], `'range' takes an orderBy of one term`],
    ] as const)('%s is refused without its order', ([frame, orderBy, message]) => {
      expect(() => count().over({ orderBy, frame })).toThrow(`count().over(): ${message}`);
    });
  });

  test('a function of a window stands over one, or nothing is sent', async () => {
    const { error, calls } = await db.failure(() => db.engine.all(select({ value: rowNumber() }).from(Sample)));

    expect(error).toMatchObject({
      code: 'ConfigurationError',
      message: 'rowNumber(): it takes a window: over()',
    });
    expect(calls).toBe(0);
  });

  test('a sum of decimals is compared with more digits than they have', async () => {
    const rows = await db.engine.all(
      select({ sum: sum(s.price) })
        .from(Sample)
        .having(sum(s.price).lt('9999999999999999.99')),
    );
    expect(rows).toEqual([{ sum: '15.45' }]);
  });

  describe('labels', () => {
    const place = s.a.modulo(4).as('place');

    test('group and order by the column of the result', async () => {
      const statement = select({ place, rows: count() }).from(Sample).groupBy(place).orderBy(place.desc());
      const { result, sql: sent } = await db.record(() => db.engine.all(statement));

      expect(sent).toEqual([
        `select "samples"."a" % ${db.by({ sqlite: 'cast(?1 as integer)', postgres: '$1::text::bigint' })} as "place", ` +
          'count(*) as "rows" from "samples" group by 1 order by 1 desc',
      ]);
      expect(result).toEqual([
        { place: 3, rows: 2 },
        { place: 0, rows: 1 },
      ]);
    });

    test('are one value, where each call of a function yields another', async () => {
      const drawn = typed(
        db.by({ sqlite: sql`random() % 1000000`, postgres: sql`floor(random() * 1000000)` }),
        integer(),
      ).as('drawn');
      await db.run(
        'with recursive n (id) as (select 100 union all select id + 1 from n where id < 140) ' +
          `insert into samples select n.id, name, nick, a, b, none, rate, big, price, fee, long, flag, at, later, local, day, time, doc, role, raw from samples, n where samples.id = 2`,
      );
      const rows = await db.engine.all(select({ drawn }).from(Sample).orderBy(drawn));
      await db.engine.run(deleteFrom(Sample).where(s.id.gte(100)));

      const values = rows.map((row) => row.drawn);
      expect(values).toEqual(values.toSorted((left, right) => left - right));
    });

    test('stand for their expression where the column is read in another form, is none, or is within one', async () => {
      const big = s.big.plus(1n).as('big');
      const { result, sql: sent } = await db.record(() =>
        db.engine.batch([
          select({ big }).from(Sample).orderBy(big),
          select({ id: s.id }).from(Sample).orderBy(place, s.id),
          select({ place }).from(Sample).where(place.gt(0)).orderBy(place.plus(1), s.id),
        ]),
      );

      expect(sent.map((text) => text.slice(text.indexOf(' from ')).replaceAll('"samples".', ''))).toEqual(
        db.by({
          sqlite: [
            ' from "samples" order by "big" + cast(?2 as integer)',
            ' from "samples" order by "a" % cast(?1 as integer), "id"',
            ' from "samples" where ("a" % cast(?2 as integer)) > cast(?3 as integer) order by ("a" % cast(?4 as integer)) + cast(?5 as integer), "id"',
          ],
          postgres: [
            ' from "samples" order by 1',
            ' from "samples" order by "a" % $1::text::bigint, "id"',
            ' from "samples" where ("a" % $2::text::bigint) > $3::text::bigint order by ("a" % $4::text::bigint) + $5::text::bigint, "id"',
          ],
        }),
      );
      expect(result).toEqual([
        [{ big: -3n }, { big: 13n }, { big: 9007199254740994n }],
        [{ id: 3 }, { id: 1 }, { id: 2 }],
        [{ place: 3 }, { place: 3 }],
      ]);
    });

    test('of a union are those of its first select', async () => {
      const name = lower(s.name).as('name');
      const part = (id: number) => select({ name }).from(Sample).where(s.id.eq(id));
      expect(await db.engine.all(unionAll(part(1), part(2)).orderBy(name.desc()))).toEqual([
        { name: 'bob' },
        { name: 'ann lee' },
      ]);
    });
  });

  refusedCases('functions over rows', [
    [
      'distinct() of all',
      () => count().distinct(),
      'ConfigurationError',
      'count().distinct(): only the values of one argument are distinct',
    ],
    [
      'distinct() with a separator',
      () => stringAgg(s.name, ';').distinct(),
      'ConfigurationError',
      'stringAgg().distinct(): only the values of one argument',
    ],
    [
      'a filter by text',
      () => count().filter('id = 1' as never),
      'ConfigurationError',
      'count().filter(): expected an expression, got a string',
    ],
    [
      'a partition by text',
      () => count().over({ partitionBy: ['id' as never] }),
      'ConfigurationError',
      'partitionBy: expected an expression',
    ],
    [
      'an order by text',
      () => stringAgg(s.name, ',', { orderBy: ['name' as never] }),
      'ConfigurationError',
      'orderBy(): expected an expression, got a string',
    ],
    [
      'a separator that is none',
      () => stringAgg(s.name, 1 as never),
      'InvalidValueError',
      'stringAgg(): expected well-formed text',
    ],
    ['a mean of decimals', () => avg(s.price as never), 'ConfigurationError', 'avg(): of decimals'],
    ['a total of decimals', () => total(s.price as never), 'ConfigurationError', 'total(): of decimals'],
    [
      'an array of fractions',
      () => jsonGroupArray(s.rate),
      'ConfigurationError',
      'jsonGroupArray(): samples.rate is double(); JSON does not carry it exactly',
    ],
    ['an array of decimals', () => jsonGroupArray(s.price), 'ConfigurationError', 'samples.price is numeric(10, 2)'],
    ['an array of bytes', () => jsonGroupArray(s.raw), 'ConfigurationError', 'samples.raw is bytes()'],
    [
      'an array of no known type',
      () => jsonGroupArray(sql`1`),
      'ConfigurationError',
      'of no known type: typed() gives it one',
    ],
    ['no bucket', () => ntile(0), 'InvalidValueError', 'ntile(): expected a whole number, 1 or more'],
    ['row 0', () => nthValue(s.a, 0), 'InvalidValueError', 'nthValue(): expected a whole number, 1 or more'],
    ['an offset below 0', () => lag(s.a, -1), 'InvalidValueError', 'lag(): expected a whole number, 0 or more'],
    [
      'an offset that is a fraction',
      () => lead(s.a, 0.5),
      'InvalidValueError',
      'lead(): expected a whole number, 0 or more; got a fraction',
    ],
    [
      'distinct() over a window',
      () => count(s.a).distinct().over(),
      'ConfigurationError',
      'count(): it takes no distinct() over a window',
    ],
    [
      'distinct() of a window',
      () => (sum(s.a).over() as ReturnType<typeof count>).distinct(),
      'ConfigurationError',
      'sum(): it takes no distinct() over a window',
    ],
    [
      'two orders',
      () => stringAgg(s.name, ',', { orderBy: [s.id] }).over(),
      'ConfigurationError',
      'stringAgg(): it takes its order in over()',
    ],
    [
      'a filter of ranks',
      () => rank().filter(s.flag),
      'ConfigurationError',
      'rank(): it takes no distinct() and no filter()',
    ],
    [
      'distinct ranks',
      () => firstValue(s.a).distinct(),
      'ConfigurationError',
      'firstValue(): it takes no distinct() and no filter()',
    ],
    [
      'a default of another type',
      () => lag(s.a, 1, 'x' as never),
      'InvalidValueError',
      'lag(): expected a safe integer, got a string',
    ],
  ]);
}
