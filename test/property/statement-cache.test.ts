import {
  alias,
  and,
  bigint,
  call,
  coalesce,
  type Condition,
  count,
  deleteFrom,
  double,
  except,
  type Expr,
  exists,
  insert,
  integer,
  intersect,
  max,
  not,
  or,
  type Rows,
  select,
  sql,
  union,
  unionAll,
  update,
  values,
  when,
} from 'cinnabar';
import { expect, test } from 'vitest';
import { compileWith, type Text } from '../../src/compiler/compile.ts';
import { wireValues } from '../../src/compiler/wire-values.ts';
import { StatementCache } from '../../src/compiler/statement-cache.ts';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import type { Limits } from '../../src/driver/driver.ts';
import { statementOf } from '../../src/engine/statements.ts';
import { findWrite } from '../../src/sql/write.ts';
import { Item, Shelf } from '../sql/models.ts';

// Random statements, of so few parts that many are alike: what comes from the cache is what a compiler without one makes.

const RUNS = Number(process.env['STATEMENT_RUNS'] ?? 4000);
const SEED = Number(process.env['STATEMENT_SEED'] ?? 7);

/** A linear congruence: the same statements in every run. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Chance = (below: number) => number;
type Num = Expr<number | null, string>;

interface Scope {
  readonly nums: readonly Num[];
  readonly depth: number;
}

const pick = <T>(chance: Chance, ...of: readonly (() => T)[]): T => of[chance(of.length)]!();
const list = (chance: Chance): number[] => Array.from({ length: chance(7) }, () => chance(9));

function num(chance: Chance, scope: Scope): Num {
  const { nums, depth } = scope;
  const column = (): Num => nums[chance(nums.length)]!;
  if (depth <= 0) return column();
  const inner = { nums, depth: depth - 1 };
  return pick<Num>(
    chance,
    column,
    column,
    () => num(chance, inner).plus(chance(9)),
    () => num(chance, inner).plus(num(chance, inner)),
    () => coalesce(num(chance, inner), chance(5)),
    () => when(condition(chance, inner), chance(4)).else(chance(2) ? null : num(chance, inner)),
    () => sql<number>`abs(${num(chance, inner)}, ${chance(5)})`,
    () => scalar(chance, inner),
    // The same object in two places has one value; two objects there may have two.
    () => {
      const shared = sql<number>`${chance(9)}`;
      return chance(2) ? shared.plus(shared as never) : shared.plus(sql<number>`${chance(9)}` as never);
    },
  );
}

function condition(chance: Chance, scope: Scope): Condition {
  const inner = { ...scope, depth: scope.depth - 1 };
  const left = (): Num => num(chance, inner);
  const simple = [
    () => left().eq(chance(9)),
    () => left().lt(left()),
    () => left().isNull(),
    () => left().in(list(chance)),
    () => left().between(chance(4), left()),
    () => left().is(chance(2) ? null : chance(9)),
    () => sql<boolean>`${left()} in (1, ${chance(9)})`,
    () => Item.c.name.eq(`name ${chance(3)}`),
    () => Item.c.rate.in(list(chance)),
  ];
  if (scope.depth <= 0) return pick<Condition>(chance, ...simple);
  const many = (): Condition[] => Array.from({ length: 1 + chance(3) }, () => condition(chance, inner));
  return pick<Condition>(
    chance,
    ...simple,
    () => and(...many()),
    () => or(...many()),
    () => and(and(...many()), condition(chance, inner)),
    () => not(condition(chance, inner)),
    () => exists(rows(chance, scope.depth - 1, scope.nums)),
    () => left().in(single(chance, inner)),
  );
}

/** A select of one column, which may read the columns around it. */
function single(chance: Chance, { nums, depth }: Scope): Rows<{ id: number | null }> {
  const statement = select({ id: num(chance, { nums: [Shelf.c.id, Shelf.c.above, ...nums], depth: depth - 1 }) });
  const read = statement.from(Shelf);
  return chance(2) ? read : read.where(Shelf.c.id.eq(nums[0] as never));
}
const scalar = (chance: Chance, scope: Scope): Num => single(chance, scope).scalar();

/** A select of a few sources: some under their own name, some under one of two made anew, some derived. */
function rows(chance: Chance, depth: number, outer: readonly Num[] = []): Rows<{ id: number | null }> {
  const name = chance(2) ? 'one' : 'other';
  const other = pick<{ id: Num; source: never }>(
    chance,
    () => ({ id: Shelf.c.id, source: Shelf as never }),
    () => {
      const made = alias(Shelf, name);
      return { id: made.c.id, source: made as never };
    },
    () => {
      const made = alias(Item, name);
      return { id: made.c.qty, source: made as never };
    },
    () => {
      const inner = depth > 0 ? rows(chance, depth - 1) : select({ id: Shelf.c.id }).from(Shelf);
      const hints = [{}, { materialized: true }, { materialized: false }];
      const made = chance(2) ? inner.subquery(name) : inner.cte(name, hints[chance(3)]);
      return { id: made.c.id, source: made as never };
    },
  );
  const scope: Scope = { nums: [Item.c.id, Item.c.qty, other.id, ...outer], depth };
  const shape: { id: Num } = { id: num(chance, scope) };
  if (chance(3) === 0)
    Object.assign(shape, {
      more: pick<Expr<unknown, string>>(
        chance,
        () => Item.c.name as never,
        () => Item.c.big as never,
        () => num(chance, scope) as never,
      ),
    });
  let statement = select(shape).from(Item);
  const on = condition(chance, scope);
  statement = pick(
    chance,
    () => statement.innerJoin(other.source, on),
    () => statement.leftJoin(other.source, on),
  ) as never;
  if (chance(2)) statement = statement.where(condition(chance, scope));
  if (chance(3) === 0) statement = statement.where(condition(chance, scope), condition(chance, scope));
  if (chance(5) === 0) statement = statement.groupBy(Item.c.id, num(chance, scope)).having(count().gt(chance(3)));
  if (chance(6) === 0) statement = statement.distinct();
  return cut(chance, statement, () =>
    pick(
      chance,
      () => num(chance, scope),
      () => max(Item.c.qty) as Num,
    ),
  );
}

function cut(chance: Chance, given: Rows<{ id: number | null }>, by: () => Num): Rows<{ id: number | null }> {
  let statement = given;
  if (chance(3) === 0)
    statement = statement.orderBy(
      pick<never>(
        chance,
        () => by() as never,
        () => by().desc() as never,
      ),
    );
  if (chance(3) === 0) statement = statement.limit(chance(5));
  if (chance(5) === 0) statement = statement.offset(chance(5));
  return statement;
}

/** Rows of the program, which are one parameter or, with a double among them, many. */
function givenRows(chance: Chance) {
  const ids = list(chance);
  const whole = chance(2)
    ? values(
        { id: integer() },
        ids.map((id) => ({ id })),
      )
    : values(
        { id: integer(), rate: double() },
        ids.map((id) => ({ id, rate: id / 2 })),
      );
  return whole.subquery(chance(2) ? 'given' : 'other');
}

function write(chance: Chance): unknown {
  const scope: Scope = { nums: [Item.c.id, Item.c.qty], depth: 2 };
  const label = chance(2) ? 'a' : 'b';
  return pick<unknown>(
    chance,
    () =>
      update(Shelf)
        .set({ label, above: chance(2) ? null : chance(5) })
        .where(Shelf.c.id.eq(chance(9))),
    () =>
      update(Item)
        .set({ qty: chance(2) ? num(chance, scope) : null })
        .where(condition(chance, scope)),
    () => deleteFrom(Item).where(condition(chance, scope), condition(chance, scope)),
    () => deleteFrom(Shelf).allRows().returning({ id: Shelf.c.id }),
    () =>
      insert(Shelf).values(...Array.from({ length: 1 + chance(3) }, () => ({ label, above: chance(2) ? null : 1 }))),
    () =>
      insert(Shelf)
        .values({ id: 1, label })
        .onConflict('id')
        .update((x) => ({ label: chance(2) ? x.label : label })),
    () => insert(Shelf).values({ id: 1, label }).onConflict('id').ignore().returning(),
    () =>
      insert(Shelf)
        .values({ id: chance(9), label })
        .onConflict('id')
        .update((x) => ({ label: x.label }), chance(2) ? { where: (x) => x.id.gt(chance(9)) } : {}),
    () => {
      const given = givenRows(chance);
      const change = update(Item).set({ qty: given.c.id }).from(given);
      return (chance(2) ? change : change.innerJoin(Shelf, Shelf.c.id.eq(given.c.id))).where(condition(chance, scope));
    },
    () => {
      const rate = chance(2) ? { rate: 0.5 } : {};
      return insert(Item).values(...Array.from({ length: 1 + chance(40) }, (_, id) => ({ id, name: label, ...rate })));
    },
    () =>
      insert(Shelf).from(
        select({ id: Item.c.id, label: Item.c.name }).where(condition(chance, { ...scope, depth: 1 })),
      ),
  );
}

function statement(chance: Chance): unknown {
  return pick<unknown>(
    chance,
    () => rows(chance, 2),
    () => rows(chance, 1),
    () =>
      cut(
        chance,
        select({ id: Item.c.id }).where(condition(chance, { nums: [Item.c.id], depth: 1 })),
        () => Item.c.qty,
      ),
    () => select(Item).where(Item.c.id.eq(chance(5))),
    () => write(chance),
    // Of which all but the type, or a name that nothing else says, is alike.
    () => select({ n: chance(2) ? call('abs', integer(), Item.c.id) : call('abs', bigint(), Item.c.id) }).from(Item),
    () =>
      select({ id: Item.c.id })
        .from(Item)
        .innerJoin(alias(Shelf, chance(2) ? 'a' : 'b'), sql<boolean>`1`),
    () => {
      const scope: Scope = { nums: [Item.c.id], depth: 1 };
      const first = num(chance, scope);
      const parts = Array.from({ length: 1 + chance(7) }, () => select({ id: num(chance, scope) }).from(Item));
      const whole = [union, unionAll, intersect, except][chance(4)]!(select({ id: first }).from(Item), ...parts);
      return cut(chance, whole, () => first);
    },
  );
}

const limits: Limits = {
  parameters: Infinity,
  columns: Infinity,
  compoundTerms: 5,
  depth: 1000,
  statementBytes: Infinity,
  valueBytes: Infinity,
  statements: Infinity,
};

/** What the compiler makes of a statement, and how it reads an answer; or why it refuses it. */
function made(
  input: unknown,
  cache: StatementCache<Text>,
): { text: string; params: unknown; reads: unknown[] } | string {
  const node = findWrite(input) ?? statementOf(input);
  try {
    const { text, values } = compileWith(cache, node, sqliteDialect, limits);
    const reads = text.decoders.map((decode) => decode && String(decode));
    return { text: text.sql, params: wireValues(values, sqliteDialect), reads };
  } catch (error) {
    return (error as Error).message;
  }
}

test(`${RUNS} random statements, from the cache and without one`, () => {
  const chance = random(SEED);
  // So small that it often starts anew.
  const cache = new StatementCache<Text>(20_000);
  const texts = new Map<string, number>();
  for (let run = 0; run < RUNS; run++) {
    const built = statement(chance);
    const cached = made(built, cache);

    expect(cached).toEqual(made(built, new StatementCache(0)));
    if (typeof cached === 'object') texts.set(cached.text, (texts.get(cached.text) ?? 0) + 1);
  }
  const repeated = [...texts.values()].reduce((sum, times) => sum + times - 1, 0);

  // Both are tried: statements that others were alike, and new ones.
  expect(repeated).toBeGreaterThan(RUNS / 5);
  expect(texts.size).toBeGreaterThan(RUNS / 5);
});

test('a cache holds what was used of late, within its limit', () => {
  const cache = new StatementCache<number>(3000);
  let made = 0;
  const find = (...tokens: unknown[]): number => cache.find(tokens, () => made++);
  const names = Array.from({ length: 5000 }, (_, at) => `name ${at}`);
  const first = names.map((name) => find('select', name, 'from'));
  const again = names.toReversed().map((name) => find('select', name, 'from'));

  expect(first).toEqual(names.map((_, at) => at));
  // Two generations of a thousand lists of three tokens.
  const kept = again.filter((value) => value < 5000).length;
  expect(kept).toBeGreaterThanOrEqual(1000);
  expect(kept).toBeLessThanOrEqual(2000);
  expect(find('select', 'name 0')).not.toBe(find('select', 'name 0', 'from'));
});

test('lists that begin alike, or within each other, have values of their own', () => {
  const cache = new StatementCache<string>(10_000);
  const chance = random(SEED);
  const tokens = [undefined, 0, '0', null, false, 'a'];
  for (let run = 0; run < 3000; run++) {
    const list = Array.from({ length: chance(6) }, () => tokens[chance(tokens.length)]);
    const own = list.map((token) => tokens.indexOf(token)).join();

    expect(cache.find(list, () => own)).toBe(own);
  }
});
