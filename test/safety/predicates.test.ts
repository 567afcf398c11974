import { DatabaseSync } from 'node:sqlite';
import {
  and,
  type Condition,
  createAll,
  createEngine,
  declarativeBase,
  deleteFrom,
  insert,
  integer,
  isCinnabarError,
  many,
  not,
  one,
  or,
  select,
  Session,
  text,
  update,
} from 'cinnabar';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { recordingDriver } from 'cinnabar/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Random, runs, tryAll } from './support/random.ts';
import { untyped } from './support/shop.ts';

// Updates and deletes by random conditions, with undefined, null, NaN or nothing at any node: each writes the rows that
// the condition means by the logic of three values, or is refused and sends nothing.

const Model = declarativeBase();
class Row extends Model('rows', {
  id: integer().primaryKey(),
  a: integer().nullable(),
  b: integer().nullable(),
  s: text().nullable(),
  seen: integer().default(0),
  upId: integer().nullable().references('rows.id'),
  get up() {
    return one(Row, { by: 'upId' }).nullable();
  },
  get downs() {
    return many(Row, { by: 'upId' });
  },
}) {}

interface Cells {
  readonly id: number;
  readonly a: number | null;
  readonly b: number | null;
  readonly s: string | null;
  readonly upId: number | null;
}
const rows: readonly Cells[] = [
  { id: 1, a: 1, b: 1, s: 'x', upId: null },
  { id: 2, a: 1, b: null, s: 'y', upId: 1 },
  { id: 3, a: null, b: 2, s: null, upId: 1 },
  { id: 4, a: 0, b: 0, s: '', upId: 2 },
  { id: 5, a: 2, b: 1, s: 'null', upId: null },
  { id: 6, a: null, b: null, s: 'x', upId: 5 },
];

const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false });
const driver = recordingDriver(nodeSqlite(database));
const engine = createEngine(driver);
const fill = (): Promise<number> => engine.run(insert(Row).values(...rows));
beforeAll(async () => {
  await createAll(engine, Model.metadata);
  await fill();
});
afterAll(() => database.close());

type Truth = boolean | null;
/** A condition as the program would build it, and what it is for a row. Building it may be refused. */
interface Made {
  build(): Condition;
  truth(row: Cells): Truth;
}

const numbers = ['a', 'b', 'id'] as const;
/** What stands where a value should, now and then. */
const missing: readonly unknown[] = [undefined, null, Number.NaN, [], {}, '', 'x', Infinity];

function number(random: Random): unknown {
  return random.chance(0.12) ? random.pick(missing) : random.below(4) - 1;
}

const compare: Record<string, (left: number, right: number) => boolean> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  gt: (left, right) => left > right,
  gte: (left, right) => left >= right,
  lt: (left, right) => left < right,
  lte: (left, right) => left <= right,
};
const negated = (value: Truth): Truth => (value === null ? null : !value);
const every = (values: readonly Truth[]): Truth =>
  values.includes(false) ? false : values.includes(null) ? null : true;
const some = (values: readonly Truth[]): Truth => negated(every(values.map(negated)));
const test3 = (value: unknown, of: (value: number) => boolean): Truth => (value === null ? null : of(value as number));

function leaf(random: Random): Made {
  const name = random.pick(numbers);
  const column = untyped(Row.c[name]);
  const cell = (row: Cells): number | null => row[name];
  switch (random.below(9)) {
    case 0: {
      const value = number(random);
      return { build: () => column.is(value), truth: (row) => cell(row) === value };
    }
    case 1: {
      const value = number(random);
      return { build: () => column.isNot(value), truth: (row) => cell(row) !== value };
    }
    case 2: {
      const isNull = random.chance(0.5);
      return {
        build: () => (isNull ? column.isNull() : column.isNotNull()),
        truth: (row) => (cell(row) === null) === isNull,
      };
    }
    case 3: {
      const list = random.list(random.below(4), () => number(random));
      const isIn = random.chance(0.6);
      return {
        build: () => (isIn ? column.in(list) : column.notIn(list)),
        truth: (row) => {
          if (list.length === 0) return !isIn;
          return test3(cell(row), (value) => list.includes(value) === isIn);
        },
      };
    }
    case 4: {
      const [low, high] = [number(random), number(random)];
      const isWithin = random.chance(0.6);
      const within = (row: Cells): Truth =>
        test3(cell(row), (value) => value >= (low as number) && value <= (high as number));
      return {
        build: () => (isWithin ? column.between(low, high) : column.notBetween(low, high)),
        truth: (row) => (isWithin ? within(row) : negated(within(row))),
      };
    }
    case 5: {
      const value = random.chance(0.15)
        ? random.pick([undefined, null, Number.NaN, 1])
        : random.pick(['x', '', 'null', 'z']);
      return {
        build: () => Row.c.s.eq(untyped(value)),
        truth: (row) => (row.s === null ? null : row.s === value),
      };
    }
    case 6: {
      const other = random.pick(numbers);
      const operator = random.pick(Object.keys(compare));
      return {
        build: () => column[operator](Row.c[other]),
        truth: (row) =>
          test3(cell(row), (left) => test3(row[other], (right) => compare[operator]!(left, right)) as boolean),
      };
    }
    default: {
      const operator = random.pick(Object.keys(compare));
      const value = number(random);
      return {
        build: () => column[operator](value),
        truth: (row) => test3(cell(row), (left) => compare[operator]!(left, value as number)),
      };
    }
  }
}

/** What stands where a condition should, now and then. */
function hole(random: Random): Made {
  const value = random.pick([undefined, null, false, true, 0, '', {}, [], Number.NaN, 'a = a']);
  return { build: () => untyped(value), truth: () => null };
}

function tree(random: Random, depth: number): Made {
  if (random.chance(0.04)) return hole(random);
  if (depth === 0 || random.chance(0.3)) return leaf(random);
  switch (random.below(6)) {
    case 0: {
      const item = tree(random, depth - 1);
      return { build: () => not(item.build()), truth: (row) => negated(item.truth(row)) };
    }
    case 1:
    case 2:
    case 3:
    case 4: {
      const join = random.chance(0.5) ? and : or;
      const items = random.list(random.chance(0.05) ? 0 : 1 + random.below(3), () => tree(random, depth - 1));
      return {
        build: () => join(...items.map((item) => item.build())),
        truth: (row) => (join === and ? every : some)(items.map((item) => item.truth(row))),
      };
    }
    default: {
      const item = tree(random, depth - 1);
      const kind = random.pick(['some', 'none', 'every', 'has'] as const);
      const { up, downs } = Row.c;
      return {
        build: () => (kind === 'has' ? up.has(item.build()) : untyped(downs)[kind](item.build())),
        truth: (row) => {
          const related = rows.filter((other) => (kind === 'has' ? other.id === row.upId : other.upId === row.id));
          const met = related.filter((other) => item.truth(other) === true);
          return kind === 'none' ? met.length === 0 : kind === 'every' ? met.length === related.length : met.length > 0;
        },
      };
    }
  }
}

let refused = 0;
let written = 0;
let touched = 0;
afterAll(() => console.log(`filters: ${written} writes of ${touched} rows as meant, ${refused} refused, 0 wider`));

test('a write touches the rows that its condition means, or is refused', { timeout: 3_600_000 }, async () => {
  await tryAll('filters of writes', runs(2000, 100_000), async (random) => {
    const conditions = random.list(random.chance(0.03) ? 0 : 1 + random.below(2), () => tree(random, 3));
    const isDelete = random.chance(0.5);
    driver.clear();
    let found: number[];
    try {
      const all = conditions.map((item) => item.build()) as [Condition];
      const statement = isDelete
        ? deleteFrom(Row).where(...all)
        : update(Row)
            .set({ seen: 1 })
            .where(...all);
      found = (await engine.all(statement.returning({ id: Row.c.id }))).map(({ id }) => id).toSorted((x, y) => x - y);
    } catch (error) {
      if (!isCinnabarError(error) || error.outcome !== 'not sent' || driver.calls.length > 0) throw error;
      refused++;
      return;
    }
    const meant = rows.filter((row) => every(conditions.map((item) => item.truth(row))) === true).map(({ id }) => id);
    expect(found).toEqual(meant);
    written++;
    touched += found.length;
    if (isDelete && found.length > 0) {
      database.exec('delete from rows');
      await fill();
    }
  });
  expect(refused).toBeGreaterThan(runs(2000, 100_000) / 10);
  expect(written).toBeGreaterThan(runs(2000, 100_000) / 4);
});

describe('no condition', () => {
  const nothing: [string, () => unknown][] = [
    ['no where() of DELETE', () => engine.run(deleteFrom(Row) as never)],
    ['no where() of UPDATE', () => engine.run(update(Row).set({ a: 1 }) as never)],
    ['where() of nothing', () => engine.run(untyped(deleteFrom(Row)).where())],
    ['where(undefined)', () => engine.run(deleteFrom(Row).where(untyped(undefined)))],
    ['where(null)', () => engine.run(deleteFrom(Row).where(untyped(null)))],
    ['where(true)', () => engine.run(deleteFrom(Row).where(untyped(true)))],
    ['where({})', () => engine.run(deleteFrom(Row).where(untyped({})))],
    ['where([])', () => engine.run(deleteFrom(Row).where(untyped([])))],
    ['and() of nothing', () => engine.run(deleteFrom(Row).where(and()))],
    ['or() of nothing', () => engine.run(deleteFrom(Row).where(or()))],
    ['and(undefined)', () => engine.run(deleteFrom(Row).where(and(untyped(undefined))))],
    ['and(undefined, undefined)', () => engine.run(deleteFrom(Row).where(and(untyped(undefined), untyped(undefined))))],
    ['not(undefined)', () => engine.run(deleteFrom(Row).where(not(untyped(undefined))))],
    ['eq(undefined)', () => engine.run(deleteFrom(Row).where(Row.c.a.eq(untyped(undefined))))],
    ['eq(null)', () => engine.run(deleteFrom(Row).where(Row.c.a.eq(untyped(null))))],
    ['ne(null)', () => engine.run(deleteFrom(Row).where(Row.c.a.ne(untyped(null))))],
    ['in(undefined)', () => engine.run(deleteFrom(Row).where(Row.c.a.in(untyped(undefined))))],
    ['a list with null', () => engine.run(deleteFrom(Row).where(Row.c.a.notIn([1, untyped(null)])))],
    ['a relation to undefined', () => engine.run(deleteFrom(Row).where(Row.c.up.eq(untyped(undefined))))],
    ['some(undefined)', () => engine.run(deleteFrom(Row).where(Row.c.downs.some(undefined)))],
    ['none(undefined)', () => engine.run(deleteFrom(Row).where(Row.c.downs.none(undefined)))],
    ['has(undefined)', () => engine.run(deleteFrom(Row).where(Row.c.up.has(undefined)))],
    ['set() of nothing', () => engine.run(update(Row).set({}).allRows())],
    [
      'set() of undefined',
      () =>
        engine.run(
          update(Row)
            .set({ a: untyped(undefined) })
            .allRows(),
        ),
    ],
    ['get(undefined)', () => new Session(engine).get(Row, untyped(undefined))],
    ['get(null)', () => new Session(engine).get(Row, untyped(null))],
    ['get(NaN)', () => new Session(engine).get(Row, Number.NaN)],
    ['filterBy(undefined)', () => new Session(engine).query(Row).filterBy(untyped(undefined)).first()],
    [
      'filterBy() of undefined',
      () =>
        new Session(engine)
          .query(Row)
          .filterBy({ id: untyped(undefined) })
          .first(),
    ],
    [
      'an entity without a key',
      () =>
        new Session(engine)
          .query(Row)
          .filterBy({ up: new Row({ a: 1 }) })
          .all(),
    ],
  ];

  test.for(nothing)('%s', async ([, use]) => {
    driver.clear();
    await expect(Promise.resolve().then(use)).rejects.toSatisfy((error) => isCinnabarError(error));
    expect(driver.calls).toHaveLength(0);
    expect(await engine.all(select(Row))).toHaveLength(rows.length);
  });

  test('every row is meant by allRows() alone, and by a list of nothing that must not hold', async () => {
    expect(await engine.run(update(Row).set({ seen: 2 }).allRows())).toBe(rows.length);
    expect(await engine.run(update(Row).set({ seen: 2 }).where(Row.c.id.in([])))).toBe(0);
    expect(
      await engine.run(
        update(Row)
          .set({ seen: 2 })
          .where(not(Row.c.id.in([]))),
      ),
    ).toBe(rows.length);
  });

  test('what every() deletes is what it selects, rows without any related included', async () => {
    const condition = Row.c.downs.every(Row.c.a.eq(1));
    const selected = (await engine.all(select({ id: Row.c.id }).where(condition))).map(({ id }) => id);
    const updated = await engine.all(update(Row).set({ seen: 3 }).where(condition).returning({ id: Row.c.id }));
    expect(updated.map(({ id }) => id)).toEqual(selected);
    expect(selected).toEqual([3, 4, 6]);
  });
});
