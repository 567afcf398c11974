import {
  abs,
  bigint,
  bitAnd,
  bitNot,
  bitOr,
  bitXor,
  collate,
  concat,
  contains,
  endsWith,
  ilike,
  integer,
  length,
  like,
  literal,
  lower,
  ltrim,
  negate,
  position,
  replace,
  round,
  rtrim,
  select,
  shiftLeft,
  shiftRight,
  startsWith,
  substring,
  text,
  trim,
  upper,
} from 'cinnabar';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OpenDriver, TestDatabase } from '../support/database.ts';
import { givenSamples, refusedCases, s, Sample, samples, valueCases } from './samples.ts';

const list = '(select value from json_each(?1))';
const s0 = text();
const bigintColumn = bigint();

/** Operators and functions of numbers and text. */
export function operatorCases(open: OpenDriver): void {
  valueCases('operators', open, [
    [s.b.isNot(-2), '"b" is distinct from ?1', false],
    [s.b.isNot(null), '"b" is not null', true],
    [s.none.isNot(s.b), '"none" is distinct from "b"', true],
    [s.none.isNot(s.none), '"none" is distinct from "none"', false],
    [s.none.isNotNull(), '"none" is not null', false],
    [s.a.notIn([1, 2]), `"a" not in ${list}`, true],
    [s.a.notIn([7]), `"a" not in ${list}`, false],
    [s.none.notIn([7]), `"none" not in ${list}`, null],
    [s.none.notIn([]), `"none" not in ${list}`, true],
    [
      s.a.notIn(select({ a: Sample.c.a }).where(Sample.c.id.eq(2))),
      '"a" not in (select "a" from "samples" where "id" = ?1)',
      true,
    ],
    [s.a.notBetween(1, 6), '"a" not between cast(?1 as integer) and cast(?2 as integer)', true],
    [s.none.notBetween(1, 6), '"none" not between cast(?1 as integer) and cast(?2 as integer)', null],
    [s.name.notLike('B%'), '"name" not like ?1', true],
    [s.nick.notLike('B%'), '"nick" not like ?1', null],
  ]);

  valueCases('arithmetic', open, [
    [s.a.plus(1), '"a" + cast(?1 as integer)', 8],
    [s.a.minus(-1), '"a" - cast(?1 as integer)', 8],
    [s.a.minus(s.b), '"a" - "b"', 9],
    [s.a.times(s.b), '"a" * "b"', -14],
    [s.a.times(s.none), '"a" * "none"', null],
    [s.a.dividedBy(s.b), '"a" / "b"', -3],
    [s.b.dividedBy(3), '"b" / cast(?1 as integer)', 0],
    [s.a.dividedBy(0), '"a" / cast(?1 as integer)', null, { error: 'InvalidValueError' }],
    [s.a.modulo(s.b), '"a" % "b"', 1],
    [negate(s.a).modulo(2), '(-("a")) % cast(?1 as integer)', -1],
    [s.a.modulo(0), '"a" % cast(?1 as integer)', null, { error: 'InvalidValueError' }],
    [s.a.minus(s.b.minus(1)), '"a" - ("b" - cast(?1 as integer))', 10],
    [s.a.minus(s.b).minus(1), '("a" - "b") - cast(?1 as integer)', 8],
    [s.a.plus(s.b).times(2), '("a" + "b") * cast(?1 as integer)', 10],
    [s.rate.times(2), '"rate" * cast(?1 as real)', 5],
    [s.rate.dividedBy(2), '"rate" / cast(?1 as real)', 1.25],
    [s.a.times(s.rate), '"a" * "rate"', 17.5],
    [s.rate.plus(s.a), '"rate" + "a"', 9.5],
    [s.a.dividedBy(s.rate), '"a" / "rate"', 2.8],
    [s.big.plus(1n), 'cast("big" + cast(?1 as integer) as text)', 9007199254740994n],
    [s.big.minus(1n), 'cast("big" - cast(?1 as integer) as text)', 9007199254740992n],
    [s.big.times(3n), 'cast("big" * cast(?1 as integer) as text)', 27021597764222979n],
    [s.big.dividedBy(2n), 'cast("big" / cast(?1 as integer) as text)', 4503599627370496n],
    [s.big.modulo(10n), 'cast("big" % cast(?1 as integer) as text)', 3n],
    [negate(s.b), '-("b")', 2],
    [negate(negate(s.b)), '-(-("b"))', -2],
    [negate(s.big), 'cast(-("big") as text)', -9007199254740993n],
    [s.a.minus(negate(s.b)), '"a" - (-("b"))', 5],
    [abs(s.b), 'abs("b")', 2],
    [abs(s.big), 'cast(abs("big") as text)', 9007199254740993n],
    [round(s.rate), 'round("rate", cast(?1 as integer))', 3],
    [round(negate(s.rate)), 'round(-("rate"), cast(?1 as integer))', -3],
    [round(s.rate, 1), 'round("rate", cast(?1 as integer))', 2.5],
    [round(s.none), 'round("none", cast(?1 as integer))', null],
  ]);

  valueCases('bits', open, [
    [bitAnd(s.a, 5), '"a" & cast(?1 as integer)', 5],
    [bitOr(s.a, 8), '"a" | cast(?1 as integer)', 15],
    [bitXor(s.a, 5), '("a" | cast(?1 as integer)) - ("a" & cast(?2 as integer))', 2],
    [bitXor(s.b, s.a), '("b" | "a") - ("b" & "a")', -7],
    [bitNot(s.a), '~"a"', -8],
    [bitNot(s.a.plus(1)), '~("a" + cast(?1 as integer))', -9],
    [bitAnd(bitOr(s.a, 8), 12), '("a" | cast(?1 as integer)) & cast(?2 as integer)', 12],
    [bitAnd(s.big, 3n), 'cast("big" & cast(?1 as integer) as text)', 1n],
    [shiftLeft(s.a, 2), '"a" << cast(?1 as integer)', 28],
    [shiftRight(s.b, 1), '"b" >> cast(?1 as integer)', -1],
    [shiftLeft(s.none, 2), '"none" << cast(?1 as integer)', null],
  ]);

  valueCases('text', open, [
    [lower(s.name), 'lower("name")', 'ann lee'],
    [upper(s.name), 'upper("name")', 'ANN LEE'],
    [upper(s.role), 'upper("role")', 'ADMIN'],
    [trim(literal('  x ', s0)), 'trim(?1)', 'x'],
    [trim(literal('--x-', s0), '-'), 'trim(?1, ?2)', 'x'],
    [ltrim(literal('  x ', s0)), 'ltrim(?1)', 'x '],
    [ltrim(literal('--x-', s0), '-'), 'ltrim(?1, ?2)', 'x-'],
    [rtrim(literal('  x ', s0)), 'rtrim(?1)', '  x'],
    [rtrim(literal('--x-', s0), '-'), 'rtrim(?1, ?2)', '--x'],
    [length(s.name), 'length("name")', 7],
    [length(s.nick), 'length("nick")', null],
    [length(literal('é💥', s0)), 'length(?1)', 2],
    [substring(s.name, 5), 'substr("name", cast(?1 as integer))', 'Lee'],
    [substring(s.name, 1, 3), 'substr("name", cast(?1 as integer), cast(?2 as integer))', 'Ann'],
    [substring(s.name, s.a), 'substr("name", "a")', 'e'],
    [substring(s.name, 1, 0), 'substr("name", cast(?1 as integer), cast(?2 as integer))', ''],
    [replace(s.name, 'n', '%'), 'replace("name", ?1, ?2)', 'A%% Lee'],
    [replace(s.name, '', 'x'), 'replace("name", ?1, ?2)', 'Ann Lee'],
    [position(s.name, 'Lee'), 'instr("name", ?1)', 5],
    [position(s.name, 'lee'), 'instr("name", ?1)', 0],
    [position(s.nick, 'lee'), 'instr("nick", ?1)', null],
    [concat(s.name, '-', s.role), '"name" || ?1 || "role"', 'Ann Lee-admin'],
    [concat(s.name, s.nick), '"name" || "nick"', null],
    [concat('<', concat(s.name, '>')), '?1 || ("name" || ?2)', '<Ann Lee>'],
    [collate(s.name, 'nocase').eq('ANN LEE'), '("name" collate "nocase") = ?1', true, { error: 'DatabaseError' }],
    [collate(s.name, 'binary').eq('ANN LEE'), '("name" collate "binary") = ?1', false, { error: 'DatabaseError' }],
  ]);

  valueCases('matching', open, [
    [like(s.name, 'a%'), '"name" like ?1', true, { value: false }],
    [like(s.name, 'A%'), '"name" like ?1', true],
    [like(literal('a\\b', s0), 'a\\_'), '?1 like ?2', true],
    [like(s.name, 'A!%', { escape: '!' }), '"name" like ?1 escape ?2', false],
    [like(literal('100%', s0), '100!%', { escape: '!' }), '?1 like ?2 escape ?3', true],
    [ilike(s.name, 'ANN%'), '"name" like ?1', true],
    [ilike(s.name, 'ANN=_', { escape: '=' }), '"name" like ?1 escape ?2', false],
    [ilike(s.nick, 'x'), '"nick" like ?1', null],
    [contains(s.name, 'n L'), 'instr("name", ?1) > 0', true],
    [contains(s.name, 'n_L'), 'instr("name", ?1) > 0', false],
    [contains(s.nick, 'n_L'), 'instr("nick", ?1) > 0', null],
    [contains(s.name, s.name), 'instr("name", "name") > 0', true],
    [startsWith(s.name, 'Ann'), 'substr("name", 1, cast(?1 as integer)) = ?2', true],
    [startsWith(s.name, 'ann'), 'substr("name", 1, cast(?1 as integer)) = ?2', false],
    [startsWith(s.name, s.nick), 'substr("name", 1, length("nick")) = "nick"', null],
    [endsWith(s.name, 'Lee'), 'substr("name", length("name") - cast(?1 as integer) + 1) = ?2', true],
    [endsWith(s.name, ''), 'substr("name", length("name") - cast(?1 as integer) + 1) = ?2', true],
    [endsWith(s.name, 'Ann Lee!'), 'substr("name", length("name") - cast(?1 as integer) + 1) = ?2', false],
    [endsWith(s.name, concat('L', 'ee')), 'substr("name", length("name") - length(?1 || ?2) + 1) = (?3 || ?4)', true],
  ]);

  describe('what a text holds, as it is written', () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await givenSamples(open);
    });

    test.for(['%', '_', '!', '\\', '%_', "'", '"', '💥', 'é', '*', '?', '[a]', 'a'])('%s', async (part) => {
      const texts = [`${part}xy`, `xy${part}`, `x${part}y`, 'xyz', part, ''];
      for (const text of texts) {
        const value = literal(text, s0);
        const [row] = await db.engine.all(
          select({
            contains: contains(value, part),
            startsWith: startsWith(value, part),
            endsWith: endsWith(value, part),
            byColumn: contains(value, literal(part, s0)),
          }),
        );
        expect(row).toEqual({
          contains: text.includes(part),
          startsWith: text.startsWith(part),
          endsWith: text.endsWith(part),
          byColumn: text.includes(part),
        });
      }
    });

    test('a long part, which is longer than a database takes a pattern', async () => {
      const part = '%_'.repeat(500);
      const [row] = await db.engine.all(
        select({
          contains: contains(literal(`x${part}`, s0), part),
          endsWith: endsWith(literal(`x${part}`, s0), part),
        }),
      );

      expect(row).toEqual({ contains: true, endsWith: true });
    });

    test('a chain of operators in a condition', async () => {
      const condition = s.a.minus(s.b).times(2).gt(s.a.plus(1)).is(s.flag);
      const rows = await db.engine.all(select({ id: s.id }).where(condition).orderBy(s.id));

      const expected = samples.filter(({ a, b, flag }) => b !== null && (a - b) * 2 > a + 1 === flag);
      expect(rows.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    });

    test('a whole number beyond 64 bits, or beyond a safe integer, is an error and not another number', async () => {
      for (const expression of [
        s.big.times(9007199254740993n),
        negate(literal(-(2n ** 63n), bigintColumn)),
        s.a.times(Number.MAX_SAFE_INTEGER),
        bitNot(literal(Number.MAX_SAFE_INTEGER, integer())).minus(5),
      ]) {
        const statement = select({ value: expression as typeof s.a })
          .from(Sample)
          .where(s.id.eq(1));
        await expect(db.engine.all(statement)).rejects.toMatchObject({ code: 'InvalidValueError' });
      }
    });
  });

  refusedCases('operators', [
    ['null', () => s.a.isNot(undefined as never), 'InvalidValueError', 'samples.a: expected a value, got undefined'],
    ['null as a limit', () => s.b.notBetween(null as never, 1), 'InvalidValueError', 'null is equal to nothing'],
    ['a list with null', () => s.b.notIn([null as never]), 'InvalidValueError', 'samples.b.in(): expected a value'],
    [
      'a fraction beside a whole number',
      () => s.a.times(0.5),
      'InvalidValueError',
      'samples.a: expected a safe integer',
    ],
    [
      'NaN',
      () => s.rate.plus(Number.NaN),
      'InvalidValueError',
      'samples.rate: expected a finite number, got not finite',
    ],
    ['the rest of a fraction', () => s.rate.modulo(2), 'ConfigurationError', `samples.rate: '%' takes no double()`],
    [
      'decimals',
      () => (s.price as never as typeof s.a).times(2),
      'InvalidValueError',
      'samples.price: expected a decimal',
    ],
    [
      'decimals of one scale',
      () => (s.price as never as typeof s.a).times(s.price as never),
      'ConfigurationError',
      `samples.price: '*' takes no numeric(10, 2); use decimalAdd()`,
    ],
    [
      'a wrong label',
      () => s.role.eq('owner' as never),
      'InvalidValueError',
      'samples.role: expected one of admin, editor, got a string',
    ],
    [
      'a lone surrogate',
      () => s.name.eq('\ud800'),
      'InvalidValueError',
      'samples.name: expected well-formed text without NUL',
    ],
    ['an invalid date', () => s.at.eq(new Date(Number.NaN)), 'InvalidValueError', 'samples.at: expected a valid Date'],
    [
      'bits of a fraction',
      () => bitAnd(s.rate, 1),
      'ConfigurationError',
      'bitAnd(): expected a whole number, got double()',
    ],
    ['rounded decimals', () => round(s.price as never), 'ConfigurationError', 'use decimalRound()'],
    ['a start below 1', () => substring(s.name, 0), 'InvalidValueError', 'substring(): expected 1 or more'],
    ['a length below 0', () => substring(s.name, 1, -1), 'InvalidValueError', 'substring(): expected 0 or more'],
    [
      'an escape of two characters',
      () => like(s.name, 'x', { escape: '!!' }),
      'InvalidValueError',
      'like(): an escape is one character',
    ],
    [
      'an escape of none',
      () => ilike(s.name, 'x', { escape: '' }),
      'InvalidValueError',
      'ilike(): an escape is one character',
    ],
    ['a number as text', () => concat(s.name, 1 as never), 'InvalidValueError', 'concat(): expected well-formed text'],
    [
      'a collation that is no name',
      () => collate(s.name, undefined as never),
      'ConfigurationError',
      'collate(): expected a name of the database as text',
    ],
    [
      'a literal of another type',
      () => literal('x' as never, integer()),
      'InvalidValueError',
      'literal(): expected a safe integer, got a string',
    ],
    [
      'a literal null',
      () => literal(null as never, integer()),
      'InvalidValueError',
      'literal(): expected a safe integer, got null',
    ],
  ]);
}
