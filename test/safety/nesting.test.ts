import {
  and,
  coalesce,
  type Condition,
  deleteFrom,
  type Expr,
  exists,
  not,
  or,
  select,
  sql,
  update,
  when,
} from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { isCinnabarError } from 'cinnabar';
import { Account, openShop } from './support/shop.ts';

// Depth and length: an exact answer, or LimitExceeded. Never an overflow of the stack, never an answer to less.

const shop = await openShop();
const DEPTH = 10_000;

function deep<T>(start: T, step: (inner: T, level: number) => T, depth = DEPTH): T {
  let whole = start;
  for (let level = 0; level < depth; level++) whole = step(whole, level);
  return whole;
}

/** The limit and no row touched, or, where chains may be told apart, the answer: Ann, as at the first level. */
async function limited(work: () => Promise<unknown>, exact?: unknown): Promise<void> {
  const answer: unknown = await work().catch((caught: unknown) => caught);
  if (!(exact !== undefined && !isCinnabarError(answer)))
    expect(isCinnabarError(answer, 'LimitExceeded'), String(answer)).toBe(true);
  else expect(answer).toEqual(exact);
  expect(await shop.engine.all(select(Account))).toHaveLength(3);
}

type Number = Expr<number | null, string>;
const start: Condition = Account.c.age.gt(30);

const conditions: [string, () => Condition][] = [
  ['not', () => deep(start, (inner) => not(inner))],
  // It has an answer, for which SQLite looks at each pair of terms.
  ['and', () => deep(start, (inner) => and(inner, Account.c.id.gt(0)), 1500)],
  ['or, to the right', () => deep(start, (inner) => or(Account.c.id.lt(0), inner))],
  ['and, or, not', () => deep(start, (inner, level) => [and, or, not][level % 3]!(inner, Account.c.id.gt(0)))],
  ['parentheses', () => deep(start, (inner) => sql`(${inner})` as Condition)],
  ['is', () => deep(start, (inner) => inner.is(true))],
  ['exists', () => deep(start, (inner) => exists(select({ id: Account.c.id }).where(inner)))],
  // Each level looks for a free name among those within it.
  ['relations', () => deep(start, (inner) => Account.c.team.some(inner), 1000)],
  ['case', () => deep(start, (inner) => when(inner, true).else(false) as Condition)],
  ['plus', () => deep<Number>(Account.c.age, (inner) => inner.plus(1)).gt(0)],
  ['coalesce', () => deep<Number>(Account.c.age, (inner) => coalesce(inner, 0) as Number).gt(0)],
  ['a value of a value', () => deep<Number>(Account.c.age, (inner) => select({ n: inner }).scalar()).gt(0)],
];

describe.for(conditions)('thousands of levels of %s', { timeout: 60_000 }, ([, make]) => {
  const condition = make();

  test('in a select', () =>
    limited(() => shop.engine.all(select({ id: Account.c.id }).from(Account).where(condition)), [{ id: 1 }]));
  test('in a query', () =>
    limited(async () => {
      const found = await shop.session().query(Account).where(condition).with({ team: true }).all();
      return found.map(({ id }) => id);
    }, [1]));
  test('in a delete', () =>
    limited(() => shop.engine.run(deleteFrom(Account).where(condition, Account.c.id.lt(0))), 0));
  test('in an update', () => limited(() => shop.engine.run(update(Account).set({ age: 40 }).where(condition)), 1));
});

test('10,000 subqueries of subqueries', async () => {
  for (const as of ['subquery', 'cte'] as const) {
    const whole = deep(select({ id: Account.c.id }), (inner, level) => {
      const part = inner[as](`s${level}`);
      return select({ id: part.c.id }).from(part);
    });
    await limited(() => shop.engine.all(whole));
  }
});

test('thousands of conditions side by side have the answer of one', { timeout: 120_000 }, async () => {
  const some = Array.from({ length: DEPTH }, (_, at) => Account.c.id.eq(at));
  expect(await shop.engine.all(select(Account).where(or(...some)))).toHaveLength(3);
  // SQLite looks at each pair of those that all have to hold.
  expect(await shop.engine.all(select(Account).where(and(...some.slice(0, 1000))))).toHaveLength(0);
});

test('a list of 500,000 values', { timeout: 120_000 }, async () => {
  const numbers = Array.from({ length: 500_000 }, (_, at) => at * 3);
  expect(await shop.engine.all(select({ id: Account.c.id }).where(Account.c.id.in(numbers)))).toEqual([{ id: 3 }]);
  expect(await shop.engine.all(select({ id: Account.c.id }).where(not(Account.c.id.in(numbers))))).toHaveLength(2);
  const names = numbers.map((at) => `n'${at}"`);
  names[400_000] = 'Bob';
  expect(await shop.engine.all(select({ id: Account.c.id }).where(Account.c.name.in(names)))).toEqual([{ id: 2 }]);
  await limited(() => shop.engine.all(select(Account).where(Account.c.rate.in(numbers.map((at) => at + 0.5)))));
});
