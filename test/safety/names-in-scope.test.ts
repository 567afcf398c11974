import { alias, type Condition, deleteFrom, exists, recursive, type Select, select, union, update } from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { Account, openShop } from './support/shop.ts';

// A name that means two things where it stands would read another column than the program says: it is refused.

const shop = await openShop();
const refused = { code: 'ConfigurationError' };

describe('two columns of one name in a subquery', () => {
  test.for([
    ['that differ in case', () => select({ a: Account.c.name, A: Account.c.note })],
    ['a model and a column', () => select({ 'a.id': Account.c.age, 'a': Account })],
  ] as const)('%s', async ([, make]) => {
    const whole = make() as Select<object>;
    for (const use of [
      () => make().subquery('s'),
      () => make().cte('s'),
      () => recursive('s', whole, () => whole),
      () => union(whole, whole).subquery('s'),
    ])
      expect(await shop.refusal(use)).toMatchObject(refused);
  });

  test('are two in a result', async () => {
    const statement = select({ a: Account.c.name, A: Account.c.age }).where(Account.c.id.eq(1));
    expect(await shop.engine.all(statement)).toEqual([{ a: 'Ann', A: 40 }]);
  });
});

describe('a source that hides another of its name', () => {
  const Outer = alias(Account, 'x');
  const Inner = alias(Account, 'X');
  const older = select({ id: Inner.c.id }).from(Inner).where(Inner.c.age.gt(Outer.c.age));
  const part = select({ id: Account.c.id, age: Account.c.age }).subquery('x');

  test.for([
    ['in EXISTS', () => select({ id: Outer.c.id }).from(Outer).where(exists(older))],
    ['in a list', () => select({ id: Outer.c.id }).from(Outer).where(Outer.c.id.in(older))],
    ['as a value', () => select({ id: Outer.c.id, older: older.scalar() }).from(Outer)],
    [
      'as a subquery',
      () =>
        select({ id: Outer.c.id })
          .from(Outer)
          .where(exists(select({ id: part.c.id }).from(part).where(part.c.age.gt(Outer.c.age)))),
    ],
    [
      'two selects further in',
      () =>
        select({ id: Outer.c.id })
          .from(Outer)
          .where(exists(select({ id: Account.c.id }).where(exists(older)))),
    ],
  ] as const)('%s', async ([, make]) => {
    expect(await shop.refusal(() => shop.engine.all(make() as Select<object>))).toMatchObject(refused);
  });

  test('in a write', async () => {
    const Named = alias(Account, 'accounts');
    const above = exists(select({ id: Named.c.id }).from(Named).where(Named.c.id.lt(Account.c.id)));
    for (const use of [
      () => shop.engine.run(deleteFrom(Account).where(above)),
      () => shop.engine.run(update(Account).set({ age: 1 }).where(above)),
    ])
      expect(await shop.refusal(use)).toMatchObject(refused);
  });

  test('does no harm where the hidden one is not read, nor where both are one', async () => {
    const alone = select({ id: Inner.c.id }).from(Inner).where(Inner.c.age.gt(30));
    const ids = async (condition: ReturnType<typeof exists>): Promise<number> =>
      (await shop.engine.all(select({ id: Outer.c.id }).from(Outer).where(condition))).length;
    expect(await ids(exists(alone))).toBe(3);
    const self = select({ id: Account.c.id }).where(Account.c.age.gt(30));
    expect(await shop.engine.all(select(Account).where(exists(self)))).toHaveLength(3);
  });
});

test('relations within relations of one table, beside an alias that a generated name could meet', async () => {
  const ids = async (condition: Condition): Promise<number[]> => {
    const rows = await shop.engine.all(
      select({ id: Account.c.id }).from(Account).where(condition).orderBy(Account.c.id),
    );
    return rows.map(({ id }) => id);
  };
  const { team, boss } = Account.c;
  // Ann is over Bob and Cy, who are over nobody.
  expect(await ids(team.some(team.none()))).toEqual([1]);
  expect(await ids(team.none(team.none()))).toEqual([2, 3]);
  expect(await ids(boss.has(boss.has()))).toEqual([]);
  expect(await ids(boss.has(team.some(team.none())))).toEqual([2, 3]);
  expect(await ids(boss.has(team.some(boss.has(team.none()))))).toEqual([]);
  const Named = alias(Account, 'accounts_1');
  const younger = select({ id: Named.c.id })
    .from(Named)
    .where(exists(select({ id: Account.c.id }).where(team.some(Account.c.age.lt(Named.c.age)))));
  expect(await shop.engine.all(younger)).toEqual([{ id: 1 }]);
});

test('a common table expression named like a table', async () => {
  const old = select({ id: Account.c.id }).where(Account.c.age.gt(30)).cte('Accounts');
  const Other = alias(Account, 'other');
  for (const use of [
    () => shop.engine.all(select({ id: old.c.id }).from(old)),
    () => shop.engine.all(select({ id: old.c.id }).from(old).innerJoin(Other, Other.c.id.eq(old.c.id))),
  ])
    expect(await shop.refusal(use)).toMatchObject(refused);
});

test('a write by what is no condition', async () => {
  for (const use of [
    () => shop.engine.run(deleteFrom(Account).where(Account.c.id as never)),
    () =>
      shop.engine.run(
        update(Account)
          .set({ age: 1 })
          .where(Account.c.name as never),
      ),
    () => shop.engine.run(deleteFrom(Account).where(Account.c.id.eq(1), Account.c.id.plus(1) as never)),
  ])
    expect(await shop.refusal(use)).toMatchObject(refused);
  expect(await shop.engine.all(select(Account))).toHaveLength(3);
});
