import { and, count, integer, select, sql } from 'cinnabar';
import { Account } from './shop.ts';
import type { Random } from './random.ts';

/** Keys that mean an operator, a fragment or a connector to some library, or that every object has. */
const KEYS =
  '$gt $gte $lt $ne $eq $in $nin $or $and $not $like $regex $where $exists $raw $expr $col $literal eq ne gt lt not in is like contains startsWith OR AND NOT equals some every none has raw sql value type kind brand pieces node column table name source args params operator left right where limit select from id pw role note boss team then toJSON toString valueOf length constructor prototype __proto__ hasOwnProperty __defineGetter__ isPrototypeOf cinnabar.expression Symbol(cinnabar.expression) @@iterator'.split(
    ' ',
  );

class Custom {
  name = 'x';
  toString(): string {
    return "' or 1=1--";
  }
}

/** The error of a value's own code, which is passed on as it is. */
export class OwnError extends Error {}

/** Real objects of the library, to be copied: what JSON, a spread or a clone leaves of them is data. */
const models: readonly object[] = [
  Account.c.name,
  Account.c.age.eq(1),
  and(Account.c.age.eq(1), Account.c.name.eq('x')),
  sql`1 = 1`,
  count(),
  select(Account),
  select({ id: Account.c.id }),
  Account.c.name.asc(),
  integer(),
  Account.c.team,
];

function copyOf(model: object, random: Random): unknown {
  switch (random.below(4)) {
    case 0:
      return { ...model };
    case 1:
      return Object.assign(Object.create(null), model);
    case 2:
      // A brand as JSON would have to write it.
      return { ...model, brand: random.pick(['cinnabar.expression', 'Symbol(cinnabar.expression)', true, 1]) };
    default:
      return JSON.parse(withoutCycles(model));
  }
}

function withoutCycles(model: object): string {
  const seen = new Set<unknown>();
  return JSON.stringify(model, (_key, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return undefined;
    seen.add(value);
    return value;
  });
}

function object(random: Random, depth: number): Record<string, unknown> {
  const entries = random.list(1 + random.below(3), () => [random.pick(KEYS), inner(random, depth + 1)] as const);
  // As JSON makes it: `__proto__` is a key like any other.
  return Object.fromEntries(entries);
}

function inner(random: Random, depth: number): unknown {
  if (depth < 3 && random.chance(0.4)) return random.chance(0.7) ? object(random, depth) : [inner(random, depth + 1)];
  return random.pick(['', 'x', '%', "' or 1=1--", 'select', 'fragment', null, true, 0, 1, -1]);
}

const MADE: readonly ((random: Random) => unknown)[] = [
  (random) => object(random, 0),
  (random) => object(random, 0),
  (random) => object(random, 0),
  (random) => random.list(random.below(4), () => inner(random, 1)),
  (random) => [object(random, 1)],
  (random) => copyOf(random.pick(models), random),
  (random) => copyOf(random.pick(models), random),
  (random) => [copyOf(random.pick(models), random)],
  () => () => "' or 1=1--",
  () => Symbol('cinnabar.expression'),
  () => Symbol.for('cinnabar.expression'),
  () => Custom,
  () => new Custom(),
  () => Object(1) as unknown,
  () => Object('x') as unknown,
  () => Object(true) as unknown,
  () => Object(1n) as unknown,
  () => ({ toString: () => 'x', valueOf: () => 1, toJSON: () => 'x' }),
  () => ({ [Symbol.toPrimitive]: () => 1 }),
  () => Object.create(Date.prototype) as unknown,
  () => Object.create(Uint8Array.prototype) as unknown,
  () => new Date(Number.NaN),
  () => ({ getTime: () => 0, toISOString: () => "' or 1=1--", getUTCFullYear: () => 2020 }),
  () => new Map([['name', 'x']]),
  () => new Set(['x']),
  () => /./,
  () => new Error('x'),
  () => new ArrayBuffer(4),
  () => new DataView(new ArrayBuffer(4)),
  () => new Float64Array(1),
  () => Object.create(null) as unknown,
  () => new Proxy({}, { get: (_target, key) => (typeof key === 'symbol' || key === 'then' ? undefined : 'x') }),
  () => new Proxy([], {}),
  () => new Proxy(() => 1, {}),
  () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new OwnError('a trap');
        },
        ownKeys: () => {
          throw new OwnError('a trap');
        },
      },
    ),
  () => undefined,
  () => Number.NaN,
  () => Infinity,
  () => -Infinity,
];

/** What is no scalar of any type, made by chance: objects that mean something elsewhere, copies, things of the language. */
export function stranger(random: Random): unknown {
  return random.pick(MADE)(random);
}
