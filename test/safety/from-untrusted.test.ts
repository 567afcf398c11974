import {
  alias,
  fromUntrusted,
  insert,
  isCinnabarError,
  select,
  sql,
  type UntrustedOperator,
  type UntrustedRules,
} from 'cinnabar';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Random, runs, tryAll } from './support/random.ts';
import { Account, openShop, untyped } from './support/shop.ts';
import { tokenize } from './support/sqlite-tokens.ts';
import { stranger } from './support/strangers.ts';
import { textOf } from './support/text-of.ts';

// Conditions from data that nobody has checked: what is listed, and nothing else.

const shop = await openShop();
beforeAll(() => shop.engine.run(insert(Account).values({ id: 4, name: '50%', age: 20, role: 'admin' })));

const rules: UntrustedRules = {
  fields: { name: Account.c.name, years: Account.c.age },
  operators: ['eq', 'in', 'gte', 'contains', 'isNull', 'and', 'or', 'not'],
};
const ids = async (input: unknown, given = rules): Promise<number[]> => {
  const rows = await shop.engine.all(
    select({ id: Account.c.id }).where(fromUntrusted(input, given)).orderBy(Account.c.id),
  );
  return rows.map(({ id }) => id);
};

test.for<[input: unknown, ids: number[]]>([
  [{ name: 'Ann' }, [1]],
  [{ years: { gte: 20 } }, [1, 2, 4]],
  [{ name: { in: ['Bob', 'Cy'] }, years: { isNull: false } }, [2]],
  [{ name: { in: [] } }, []],
  [{ name: { contains: '%' } }, [4]],
  [{ or: [{ name: 'Ann' }, { years: { isNull: true } }] }, [1, 3]],
  [{ not: { name: 'Ann' } }, [2, 3, 4]],
  [{ and: [{ years: 20 }, { not: { or: [{ name: 'Bob' }] } }] }, [4]],
])('%j', async ([input, expected]) => {
  expect(await ids(input)).toEqual(expected);
});

describe('what is refused', () => {
  const secret = 'a-secret-of-the-request';
  test.for<[string, unknown]>([
    ['nothing', {}],
    ['no object', 'name'],
    ['null', null],
    ['an array', [{ name: 'Ann' }]],
    ['a field that is there, and not listed', { role: 'admin' }],
    ['the name of the column', { age: 20 }],
    ['an operator that is not listed', { name: { startsWith: 'A' } }],
    ['an operator of another library', { name: { $ne: secret } }],
    ['no operator', { name: {} }],
    ['null', { name: null }],
    ['undefined', { name: undefined }],
    ['a value of another type', { years: secret }],
    ['an object in a list', { name: { in: [{ a: secret }] } }],
    ['a list where a value belongs', { name: { eq: [secret] } }],
    ['a value where a list belongs', { name: { in: secret } }],
    ['a list within a list', { name: { in: [[secret]] } }],
    ['isNull of a text', { name: { isNull: secret } }],
    ['and of nothing', { and: [] }],
    ['or of what is no array', { or: { name: secret } }],
    ['not of nothing', { not: {} }],
    ['nothing within or', { or: [{ name: 'x' }, {}] }],
    ['a key of every object', JSON.parse('{"__proto__":{"name":"x"},"name":"Ann"}')],
    ['another', { constructor: 'x' }],
    ['an operator of every object', JSON.parse('{"name":{"__proto__":"x"}}')],
    ['another operator', { name: { toString: 'x' } }],
    ['an expression', { name: sql`1` }],
    ['an expression in a list', { name: { in: [sql`1`] } }],
    ['a select', { name: { in: untyped(select({ id: Account.c.id })) } }],
    ['too deep', { not: { not: { not: { not: { name: 'x' } } } } }],
    ['too many', { or: Array.from({ length: 51 }, () => ({ name: 'x' })) }],
  ])('%s', async ([, input]) => {
    const error = await shop.refusal(() => ids(input));
    expect(error).toMatchObject({ code: 'InvalidValueError' });
    expect(String(error)).not.toContain(secret);
  });

  test('a hundred thousand levels', async () => {
    let input: unknown = { name: 'x' };
    for (let level = 0; level < 100_000; level++) input = { not: input };
    expect(await shop.refusal(() => ids(input))).toMatchObject({ code: 'InvalidValueError' });
  });

  test('rules that are none', async () => {
    for (const fields of [{ and: Account.c.name }, { name: untyped('name') }])
      expect(await shop.refusal(() => ids({ name: 'x' }, { ...rules, fields }))).toMatchObject({
        code: 'ConfigurationError',
      });
    const unknown = { ...rules, operators: ['concat' as UntrustedOperator] };
    expect(await shop.refusal(() => ids({ name: { concat: 'x' } }, unknown))).toMatchObject({
      code: 'InvalidValueError',
    });
  });
});

/** Data that follows the rules here and there. */
function data(random: Random, depth: number): unknown {
  if (random.chance(0.05)) return stranger(random);
  const value = (): unknown => (random.chance(0.3) ? stranger(random) : random.pick(['x', 1, null, true, ['x'], [1]]));
  const entries = random.list(1 + random.below(2), (): [string, unknown] => {
    const key = random.pick(['name', 'name', 'years', 'years', 'age', 'role', 'and', 'or', 'not', '__proto__']);
    if ((key === 'and' || key === 'or') && depth > 0)
      return [key, random.list(random.below(3), () => data(random, depth - 1))];
    if (key === 'not' && depth > 0) return [key, data(random, depth - 1)];
    const operator = random.pick(['eq', 'in', 'gte', 'ne', 'contains', 'isNull', 'like', '$gt', 'constructor']);
    return [key, random.chance(0.6) ? Object.fromEntries([[operator, value()]]) : value()];
  });
  return Object.fromEntries(entries);
}

test(
  'whatever the data is, a condition reads the fields that are listed, or there is none',
  { timeout: 600_000 },
  async () => {
    let taken = 0;
    const Other = alias(Account, 'other');
    const given = { ...rules, fields: { name: Other.c.name, years: Other.c.age } };
    await tryAll('data from outside', runs(5000, 200_000), (random) => {
      let condition;
      try {
        condition = fromUntrusted(data(random, 3), given);
      } catch (error) {
        if (isCinnabarError(error, 'InvalidValueError')) return;
        if (error instanceof Error && error.message === 'a trap') return;
        throw error;
      }
      const tokens = tokenize(textOf(select({ id: Other.c.id }).from(Other).where(condition)));
      const where = tokens.slice(tokens.findIndex(({ value }) => value === 'where'));
      const names = new Set(where.filter(({ kind }) => kind === 'name').map(({ value }) => value));
      expect(['other', 'name', 'age']).toEqual(expect.arrayContaining([...names]));
      const words = new Set(where.filter(({ kind }) => kind === 'word').map(({ value }) => value));
      expect([
        'where',
        'in',
        'select',
        'value',
        'from',
        'json_each',
        'instr',
        'is',
        'not',
        'null',
        'and',
        'or',
      ]).toEqual(expect.arrayContaining([...words]));
      taken++;
    });
    expect(taken).toBeGreaterThan(runs(5000, 200_000) / 50);
  },
);
