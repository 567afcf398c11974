import {
  bigint,
  boolean,
  bytes,
  caseOf,
  cast,
  coalesce,
  decimalAdd,
  decimalMultiply,
  decimalRound,
  decimalSubtract,
  double,
  greatest,
  ifNull,
  integer,
  json,
  least,
  literal,
  negate,
  nullIf,
  numeric,
  select,
  sql,
  text,
  timestamp,
  tuple,
  typed,
  when,
} from 'cinnabar';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OpenDriver, TestDatabase } from '../support/database.ts';
import { givenSamples, refusedCases, s, Sample, valueCases } from './samples.ts';

const rows = '(select value ->> 0, value ->> 1 from json_each(?1))';
const tax = literal('1.15', numeric(4, 2));

/** CASE and its kin, casts, decimals, tuples and the parts of the tag. */
export function conditionalCases(open: OpenDriver): void {
  valueCases('conditional', open, [
    [caseOf(s.role).when('editor', 1).when('admin', 2), casing('"role" when ?1', 'when ?3'), 2],
    [
      caseOf(s.a).when(s.b, 'b').when(7, s.name).else(null),
      'case "a" when "b" then ?1 when cast(?2 as integer) then "name" else null end',
      'Ann Lee',
    ],
    [caseOf(s.a.plus(1)).when(1, 'x'), 'case ("a" + cast(?1 as integer)) when cast(?2 as integer) then ?3 end', null],
    [caseOf(s.none).when(1, 'x').else('y'), 'case "none" when cast(?1 as integer) then ?2 else ?3 end', 'y'],
    [when(s.flag, s.a).else(s.rate), 'case when "flag" then "a" else "rate" end', 7],
    [when(s.none.isNull(), s.rate).else(s.a), 'case when "none" is null then "rate" else "a" end', 2.5],
    [when(s.flag.eq(false), s.a).else(s.rate), 'case when "flag" = ?1 then "a" else "rate" end', 2.5],
    [coalesce(s.none, s.b, 9), 'coalesce("none", "b", cast(?1 as integer))', -2],
    [coalesce(s.none, s.none), 'coalesce("none", "none")', null],
    [coalesce(s.none, s.rate), 'coalesce("none", "rate")', 2.5],
    [coalesce(s.nick, s.nick, 'nobody'), 'coalesce("nick", "nick", ?1)', 'nobody'],
    [ifNull(s.nick, 'nobody'), 'coalesce("nick", ?1)', 'nobody'],
    [nullIf(s.name, 'Ann Lee'), 'nullif("name", ?1)', null],
    [nullIf(s.name, 'x'), 'nullif("name", ?1)', 'Ann Lee'],
    [greatest(s.a, s.b, 9), 'max("a", "b", cast(?1 as integer))', 9],
    [least(s.a, s.b), 'min("a", "b")', -2],
    [greatest(s.a, s.none), 'max("a", "none")', null],
    [greatest(s.at, s.later), 'max("at", "later")', new Date('2024-03-01')],
    [least(s.price, '3.00'), 'cast(min("price", cast(?1 as integer)) as text)', '3.00'],
  ]);

  valueCases('casts', open, [
    [cast(s.a, text()), 'cast("a" as text)', '7'],
    [cast(s.a, double()), 'cast("a" as real)', 7],
    [cast(s.a, bigint()), 'cast(cast("a" as integer) as text)', 7n],
    [cast(s.a, boolean()), '("a" <> 0)', true],
    [cast(s.flag, integer()), 'cast("flag" as integer)', 1],
    [cast(s.rate, integer()), 'cast("rate" as integer)', 2],
    [cast(s.big, text()), 'cast("big" as text)', '9007199254740993'],
    [cast(s.none, text()), 'cast("none" as text)', null],
    [cast(s.at, text()), 'cast("at" as text)', '2024-01-31T22:15:30.250Z'],
    [cast(literal('42x', text()), integer()), 'cast(?1 as integer)', 42, { error: 'InvalidValueError' }],
    [cast(literal('42', text()), integer()), 'cast(?1 as integer)', 42],
    [cast(negate(s.rate), integer()), 'cast(-("rate") as integer)', -2],
    [cast(s.flag, double()), 'cast("flag" as real)', 1],
    [cast(s.flag, boolean()), '("flag" <> 0)', true],
    [cast(s.local, text()), 'cast("local" as text)', '2024-01-31T22:15:30.250', { value: '2024-01-31T22:15:30.25' }],
    [cast(s.name, bytes()), 'cast("name" as blob)', new TextEncoder().encode('Ann Lee')],
    [cast(s.price, integer()), '"price" / 100', 12],
    [cast(s.price, bigint()), 'cast("price" / 100 as text)', 12n],
    [cast(s.price, double()), 'cast("price" as real) / 100', 12.5],
    [cast(s.price, numeric(12, 4)), 'cast("price" * 100 as text)', '12.5000'],
    [cast(s.a, numeric(10, 2)), 'cast("a" * 100 as text)', '7.00'],
    [cast(s.long, text()), '"long"', '12345678901234.5678'],
    [cast(sql`${s.a} + 1`, text()), 'cast("a" + 1 as text)', '8'],
    [typed(sql`${s.at}`, timestamp()), '"at"', new Date('2024-01-31T22:15:30.250Z')],
    [typed(sql`2 + ${s.a}`, integer()).times(2), '(2 + "a") * cast(?1 as integer)', 18],
    [literal({ k: 1 }, json()), '?1', { k: 1 }],
    [literal(null, integer().nullable()), 'cast(?1 as integer)', null],
  ]);

  valueCases('decimals', open, [
    [decimalAdd(s.price, s.price), 'cast("price" + "price" as text)', '25.00'],
    [decimalAdd(s.price, '0.05'), 'cast("price" + cast(?1 as integer) as text)', '12.55'],
    [decimalAdd(s.price, s.fee), 'cast(("price" * 10) + "fee" as text)', '12.625'],
    [decimalAdd(s.fee, s.price), 'cast("fee" + ("price" * 10) as text)', '12.625'],
    [decimalAdd(s.price, 1), 'cast("price" + (cast(?1 as integer) * 100) as text)', '13.50'],
    [decimalAdd(s.price, s.none), 'cast("price" + ("none" * 100) as text)', null],
    [decimalSubtract(s.price, s.a), 'cast("price" - ("a" * 100) as text)', '5.50'],
    [
      decimalSubtract(s.fee, decimalSubtract(s.price, 1)),
      'cast("fee" - (("price" - (cast(?1 as integer) * 100)) * 10) as text)',
      '-11.375',
    ],
    [decimalMultiply(s.price, s.b), 'cast("price" * "b" as text)', '-25.00'],
    [decimalMultiply(s.price, tax), 'cast("price" * cast(?1 as integer) as text)', '14.3750'],
    [decimalMultiply(s.price, s.fee), 'cast("price" * "fee" as text)', '1.56250'],
    [decimalRound(s.price, 2), 'cast("price" as text)', '12.50'],
    [decimalRound(s.price, 4), 'cast("price" * 100 as text)', '12.5000'],
    [decimalRound(s.price, 0), 'cast("price" / 50 - "price" / 50 / 2 as text)', '13'],
    [
      decimalRound(decimalMultiply(s.price, tax), 2),
      'cast(("price" * cast(?1 as integer)) / 50 - ("price" * cast(?2 as integer)) / 50 / 2 as text)',
      '14.38',
    ],
    [
      decimalAdd(s.price, s.fee).gt(literal('12.624', numeric(6, 3))),
      '(("price" * 10) + "fee") > cast(?1 as integer)',
      true,
    ],
  ]);

  valueCases('tuples', open, [
    [tuple(s.a, s.b).eq([7, -2]), '("a", "b") = (cast(?1 as integer), cast(?2 as integer))', true],
    [tuple(s.a, s.b).ne([7, s.none]), '("a", "b") <> (cast(?1 as integer), "none")', null],
    [tuple(s.a, s.b).gt([7, -3]), '("a", "b") > (cast(?1 as integer), cast(?2 as integer))', true],
    [tuple(s.a, s.b).gte([7, -2]), '("a", "b") >= (cast(?1 as integer), cast(?2 as integer))', true],
    [tuple(s.a, s.b).lt([7, -2]), '("a", "b") < (cast(?1 as integer), cast(?2 as integer))', false],
    [tuple(s.name, s.at).lte(['B', new Date(0)]), '("name", "at") <= (?1, ?2)', true],
    [
      tuple(s.a, s.name).in([
        [1, 'x'],
        [7, 'Ann Lee'],
      ]),
      `("a", "name") in ${rows}`,
      true,
    ],
    [tuple(s.a, s.name).in([]), `("a", "name") in ${rows}`, false],
    [tuple(s.a, s.name).notIn([[7, 'x']]), `("a", "name") not in ${rows}`, true],
    [
      tuple(s.a, s.b).in(select({ a: Sample.c.b, b: Sample.c.a })),
      '("a", "b") in (select "b" as "a", "a" as "b" from "samples")',
      false,
    ],
    [tuple(s.price, s.flag).eq(['12.5', true]), '("price", "flag") = (cast(?1 as integer), cast(?2 as integer))', true],
  ]);

  // What has no type is text on PostgreSQL.
  valueCases('parts of the tag', open, [
    [sql`${sql.identifier('samples', 'a')} + ${1}`, '"a" + cast(?1 as integer)', 8, { value: '8' }],
    [sql`${s.a} in (${sql.join([1, s.b, sql`3 + 4`])})`, '"a" in (cast(?1 as integer), "b", 3 + 4)', 1, { value: 't' }],
    [sql`${sql.join([s.flag, s.a.gt(1)], sql` and `)}`, '"flag" and ("a" > ?1)', 1, { value: 't' }],
    [sql`${s.a}${sql.empty} + 0`, '"a" + 0', 7, { value: '7' }],
    [sql`${s.a} + (${sql`1${sql.join([])}`})`, '"a" + (1)', 8, { value: '8' }],
    [
      sql`(select 1 as ${sql.identifier('a"; drop table samples --')})`,
      '(select 1 as "a""; drop table samples --")',
      1,
      { value: '1' },
    ],
  ]);

  describe('beyond one row', () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await givenSamples(open);
    });

    test('a decimal beyond 64 bits is an error and not another number, or exact', async () => {
      const most = literal('9999999999999999.99', numeric(18, 2));
      for (const [product, exact] of [
        [decimalMultiply(most, most), '99999999999999999800000000000000.0001'],
        [decimalAdd(decimalMultiply(most, 99), decimalMultiply(most, 99)), '1979999999999999998.02'],
      ] as const) {
        const rows = db.engine.all(select({ value: product }).from(Sample).limit(1));
        await db.by({
          sqlite: () => expect(rows).rejects.toMatchObject({ code: 'InvalidValueError' }),
          postgres: () => expect(rows).resolves.toEqual([{ value: exact }]),
        })();
      }
    });

    test('halves go away from zero, of the largest decimals too', async () => {
      for (const [given, rounded] of [
        ['0.49', '0'],
        ['0.50', '1'],
        ['-0.49', '0'],
        ['-0.50', '-1'],
        ['-1.50', '-2'],
        ['2.50', '3'],
        ['9999999999999998.50', '9999999999999999'],
        ['-9999999999999998.50', '-9999999999999999'],
      ] as const) {
        const value = decimalRound(literal(given, numeric(18, 2)), 0);
        expect([given, await db.engine.all(select({ value }))]).toEqual([given, [{ value: rounded }]]);
      }
    });

    test('tuples of long decimals have no order, where they are text', async () => {
      const statement = select({ id: s.id })
        .where(tuple(s.id, s.long).gt([1, '1']))
        .orderBy(s.id);
      if (db.by({ sqlite: false, postgres: true })) {
        expect(await db.engine.all(statement)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
        return;
      }
      const { error, calls } = await db.failure(() => db.engine.all(statement));

      expect(error).toMatchObject({ code: 'CapabilityError' });
      expect(calls).toBe(0);
      await expect(db.engine.all(select({ value: greatest(s.long, s.long) }))).rejects.toMatchObject({
        code: 'CapabilityError',
      });
    });

    test('a page by tuple goes on where the last one ended', async () => {
      const order = [s.flag.asc(), s.id.asc()] as const;
      const after = tuple(s.flag, s.id).gt([true, 1]);
      const page = await db.engine.all(
        select({ id: s.id })
          .where(after)
          .orderBy(...order),
      );

      expect(page).toEqual([{ id: 3 }]);
    });
  });

  refusedCases('these', [
    [
      'coalesce() of one',
      () => coalesce(s.a, ...([] as unknown as [number])),
      'ConfigurationError',
      'coalesce(): expected two operands or more',
    ],
    [
      'coalesce() of two types',
      () => coalesce(s.none, 'x'),
      'InvalidValueError',
      'coalesce(): expected a safe integer, got a string',
    ],
    [
      'greatest() of one',
      () => greatest(s.a, ...([] as unknown as [number])),
      'ConfigurationError',
      'greatest(): expected two operands or more',
    ],
    [
      'a case of another type',
      () => caseOf(s.role).when('owner' as never, 1),
      'InvalidValueError',
      'samples.role: expected one of admin, editor',
    ],
    [
      'a case of no expression',
      () => caseOf('role' as never),
      'ConfigurationError',
      'caseOf(): expected an expression, got a string',
    ],
    ['a condition that is none', () => when(true as never, 1), 'ConfigurationError', 'when(): expected an expression'],
    [
      'a cast to a name',
      () => cast(s.a, 'text' as never),
      'ConfigurationError',
      'cast(): its type is a column, like integer(), not a string',
    ],
    [
      'a cast to an instant',
      () => cast(s.name, timestamp()),
      'ConfigurationError',
      'cast(): samples.name is text(), which has no value as timestamp()',
    ],
    ['a cast of bytes', () => cast(s.raw, integer()), 'ConfigurationError', 'which has no value as integer()'],
    [
      'a decimal as text',
      () => cast(s.price, text()),
      'ConfigurationError',
      'samples.price is numeric(10, 2), which has no value as text()',
    ],
    [
      'text as a decimal',
      () => cast(s.name, numeric(4, 2)),
      'ConfigurationError',
      'which has no value as numeric(4, 2)',
    ],
    [
      'a decimal cut short',
      () => cast(s.fee, numeric(4, 2)),
      'ConfigurationError',
      'by decimalRound(), which says how',
    ],
    [
      'a long decimal as a number',
      () => cast(s.long, double()),
      'ConfigurationError',
      'which has no value as double()',
    ],
    [
      'a fragment as a decimal',
      () => cast(sql`1`, numeric(4, 2)),
      'ConfigurationError',
      'is a fragment, which has no value as',
    ],
    [
      'sums of long decimals',
      () => decimalAdd(s.long, s.long),
      'ConfigurationError',
      'decimalAdd(): samples.long is numeric(20, 4); it counts with',
    ],
    ['sums of text', () => decimalAdd(s.name, '1'), 'ConfigurationError', 'decimalAdd(): samples.name is text()'],
    [
      'sums with a fraction',
      () => decimalAdd(s.price, 0.5),
      'InvalidValueError',
      'decimalAdd(): expected a safe integer or a decimal as text',
    ],
    [
      'sums with too many digits',
      () => decimalAdd(s.price, '0.005'),
      'InvalidValueError',
      'decimalAdd(): expected a decimal as text',
    ],
    [
      'products with text',
      () => decimalMultiply(s.price, s.name),
      'ConfigurationError',
      'decimalMultiply(): samples.name is text()',
    ],
    [
      'a scale above 18',
      () => decimalMultiply(literal('1', numeric(18, 10)), literal('1', numeric(18, 10))),
      'ConfigurationError',
      'a scale of 20 is above 18',
    ],
    [
      'a scale that is none',
      () => decimalRound(s.price, 1.5),
      'ConfigurationError',
      'a scale is a whole number from 0 to 18',
    ],
    [
      'a tuple of one',
      () => tuple(...([s.a] as unknown as [typeof s.a, typeof s.a])),
      'ConfigurationError',
      'tuple(): expected two expressions or more',
    ],
    [
      'a tuple of values',
      () => tuple(s.a, 1 as never),
      'ConfigurationError',
      'tuple(): expected an expression, got a number',
    ],
    [
      'a shorter tuple',
      () => tuple(s.a, s.b).eq([1] as never),
      'InvalidValueError',
      'tuple(): expected an array of 2 values, got 1 values',
    ],
    [
      'null in a tuple',
      () => tuple(s.a, s.b).eq([1, null] as never),
      'InvalidValueError',
      'samples.b: expected a value, got null',
    ],
    [
      'null in a list of tuples',
      () => tuple(s.a, s.b).in([[1, null]] as never),
      'InvalidValueError',
      'samples.b: expected a value, got null',
    ],
    [
      'an expression in a list',
      () => tuple(s.a, s.b).in([[1, s.a]] as never),
      'ConfigurationError',
      'a list holds values; for expressions use or()',
    ],
    [
      'no list',
      () => tuple(s.a, s.b).in('x' as never),
      'InvalidValueError',
      'tuple().in(): expected an array or a select',
    ],
    [
      'a list of values',
      () => tuple(s.a, s.b).notIn([1] as never),
      'InvalidValueError',
      'tuple().notIn(): expected an array of 2 values, got a number',
    ],
    [
      'a select of one column',
      () => tuple(s.a, s.b).in(select({ a: s.a })),
      'ConfigurationError',
      'tuple().in(): expected 2 columns, got 1',
    ],
    [
      'decimals of two forms',
      () => tuple(s.price, s.a).eq([s.fee, 1]),
      'ConfigurationError',
      'are stored in different forms',
    ],
    [
      'no array to join',
      () => sql.join('1; drop table samples' as never),
      'ConfigurationError',
      'sql.join(): expected an array',
    ],
    [
      'a text between',
      () => sql.join([1], ';' as never),
      'ConfigurationError',
      'sql.join(): expected an expression, got a string',
    ],
    [
      'a name that is none',
      () => sql.identifier({ name: 'x' } as never),
      'ConfigurationError',
      'sql.identifier(): expected a name',
    ],
    ['no name', () => (sql.identifier as () => unknown)(), 'ConfigurationError', 'sql.identifier(): expected a name'],
  ]);

  test('a name that no database has is refused when it is rendered', async () => {
    const db = await givenSamples(open);
    for (const name of ['', '\0', '\ud800']) {
      const statement = select({ x: sql`${sql.identifier(name)}` });
      const { error, calls } = await db.failure(() => db.engine.all(statement));
      expect(error).toMatchObject({ code: 'ConfigurationError' });
      expect(calls).toBe(0);
    }
  });
}

function casing(first: string, second: string): string {
  return `case ${first} then cast(?2 as integer) ${second} then cast(?4 as integer) end`;
}
