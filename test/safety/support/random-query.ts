import {
  bitAnd,
  abs,
  bitOr,
  caseOf,
  cast,
  except,
  intersect,
  lag,
  position,
  rank,
  rowNumber,
  union,
  unionAll,
  alias,
  and,
  coalesce,
  type Condition,
  concat,
  contains,
  count,
  createAll,
  declarativeBase,
  double,
  endsWith,
  type Engine,
  exists,
  type Expr,
  greatest,
  ifNull,
  insert,
  integer,
  jsonExists,
  jsonGet,
  json,
  least,
  length,
  like,
  lower,
  max,
  min,
  negate,
  not,
  nullIf,
  or,
  replace,
  round,
  select,
  startsWith,
  substring,
  sum,
  text,
  trim,
  tuple,
  upper,
  when,
} from 'cinnabar';
import type { Random } from './random.ts';
import { untyped } from './shop.ts';

const Model = declarativeBase();
class Left extends Model('lefts', {
  id: integer().primaryKey(),
  n: integer().nullable(),
  m: integer(),
  r: double().nullable(),
  s: text().nullable(),
  t: text(),
  doc: json<unknown>().nullable(),
}) {}
class Right extends Model('rights', {
  id: integer().primaryKey(),
  n: integer().nullable(),
  s: text().nullable(),
  leftId: integer().nullable(),
}) {}
class Pair extends Model('pairs', {
  a: integer().primaryKey({ generated: false }),
  b: text().primaryKey(),
  n: integer().nullable(),
}) {}

const texts = ['', 'a', 'A', 'ab', 'b%', '_', "'", 'ä', 'x y', '%', '\\', '10'];
const docs = [null, {}, { a: 1 }, { a: null }, { a: [1, 'x'] }, { 'a.b': 2, '"': 3 }, [1, 2], 'a', 5];

const orNull = <T>(random: Random, value: T): T | null => (random.chance(0.25) ? null : value);

/** The same rows, made by chance, in every database. */
export async function fill(engines: readonly Engine[], random: Random, afresh: boolean): Promise<void> {
  const lefts = random.list(random.chance(0.05) ? 0 : 3 + random.below(7), (at) => ({
    id: at + 1,
    n: orNull(random, random.below(6) - 2),
    m: random.below(4),
    r: orNull(random, (random.below(12) - 4) / 4),
    s: orNull(random, random.pick(texts)),
    t: random.pick(texts),
    doc: random.pick(docs) as unknown,
  }));
  const rights = random.list(random.chance(0.05) ? 0 : 2 + random.below(6), (at) => ({
    id: at + 1,
    n: orNull(random, random.below(6) - 2),
    s: orNull(random, random.pick(texts)),
    leftId: orNull(random, random.below(6)),
  }));
  const pairs = random.list(random.below(5), (at) => ({ a: at, b: random.pick(texts), n: orNull(random, at) }));
  for (const engine of engines) {
    if (afresh) await createAll(engine, Model.metadata);
    for (const model of [Left, Right, Pair])
      await engine.run(
        untyped(await import('cinnabar'))
          .deleteFrom(model)
          .allRows(),
      );
    if (lefts.length > 0) await engine.run(insert(Left).values(...lefts));
    if (rights.length > 0) await engine.run(insert(Right).values(...rights));
    if (pairs.length > 0) await engine.run(insert(Pair).values(...pairs));
  }
}

type Any = Expr<never, string>;
/** What the conditions and values of a query may read. */
interface Scope {
  readonly numbers: readonly Any[];
  readonly reals: readonly Any[];
  readonly texts: readonly Any[];
  readonly documents: readonly Any[];
  readonly ids: readonly Any[];
}

const scopeOf = (c: Record<string, Any>): Scope => ({
  numbers: ['id', 'n', 'm', 'leftId', 'a'].flatMap((name) => c[name] ?? []),
  reals: ['r'].flatMap((name) => c[name] ?? []),
  texts: ['s', 't', 'b'].flatMap((name) => c[name] ?? []),
  documents: ['doc'].flatMap((name) => c[name] ?? []),
  ids: ['id', 'a'].flatMap((name) => c[name] ?? []),
});
const joined = (left: Scope, right: Scope): Scope => ({
  numbers: [...left.numbers, ...right.numbers],
  reals: [...left.reals, ...right.reals],
  texts: [...left.texts, ...right.texts],
  documents: [...left.documents, ...right.documents],
  ids: [...left.ids, ...right.ids],
});

/** Conditions and values by chance, over what a scope may read. */
class Maker {
  readonly #random: Random;
  #aliases = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  number(scope: Scope, depth: number): any {
    const random = this.#random;
    const column = untyped(random.pick(scope.numbers));
    if (depth <= 0) return column;
    const inner = (): any => this.number(scope, depth - 1);
    const value = (): any => (random.chance(0.5) ? random.below(6) - 2 : inner());
    switch (random.below(22)) {
      case 0:
        return inner().plus(value());
      case 1:
        return inner().minus(value());
      case 2:
        return inner().times(random.below(4) - 1);
      case 3:
        return inner().dividedBy(value());
      case 4:
        return inner().modulo(value());
      case 5:
        return negate(inner());
      case 6:
        return abs(inner());
      case 7:
        return coalesce(inner(), value());
      case 8:
        return ifNull(inner(), value());
      case 9:
        return nullIf(inner(), value());
      case 10:
        return untyped(greatest)(inner(), inner());
      case 11:
        return untyped(least)(inner(), inner());
      case 12:
        return when(this.condition(scope, depth - 1), inner()).else(value());
      case 13:
        return length(this.text(scope, depth - 1));
      case 14: {
        const { source, own } = this.other();
        const aggregate = random.pick([count, max, min, sum, () => count()]);
        return select({ v: untyped(aggregate)(this.number(own, 0)) })
          .from(source)
          .where(this.condition(joined(own, scope), depth - 2))
          .scalar();
      }
      case 15:
        return bitAnd(inner(), random.below(8));
      case 16:
        return bitOr(inner(), random.below(8));
      case 17:
        return caseOf(inner()).when(random.below(3), inner()).when(random.below(3), 7).else(value());
      case 18:
        return position(this.text(scope, depth - 1), random.pick(texts));
      case 19:
        return length(cast(inner(), text()));
      default:
        return column;
    }
  }

  text(scope: Scope, depth: number): any {
    const random = this.#random;
    const column = untyped(random.pick(scope.texts));
    if (depth <= 0) return column;
    const inner = (): any => this.text(scope, depth - 1);
    switch (random.below(9)) {
      case 0:
        return lower(inner());
      case 1:
        return upper(inner());
      case 2:
        return trim(inner());
      case 3:
        return concat(inner(), random.chance(0.5) ? random.pick(texts) : inner());
      case 4:
        return replace(inner(), random.pick(texts.slice(1)), random.pick(texts));
      case 5:
        return substring(inner(), 1 + random.below(3), random.below(3));
      case 6:
        return coalesce(inner(), random.pick(texts));
      case 7:
        return when(this.condition(scope, depth - 1), inner()).else(random.pick(texts));
      default:
        return column;
    }
  }

  /** Another source with its own name: a table, an alias, a part. */
  other(): { source: any; own: Scope } {
    const random = this.#random;
    const name = `x${this.#aliases++}`;
    const model = random.pick([Left, Right, Pair]);
    if (random.chance(0.6)) {
      const source = untyped(alias(model, name));
      return { source, own: scopeOf(source.c) };
    }
    const inner = untyped(alias(model, `${name}_in`));
    const part = untyped(select(inner.c)).from(inner);
    const limited = random.chance(0.5) ? untyped(part).where(this.condition(scopeOf(inner.c), 1)) : untyped(part);
    const source = random.chance(0.5) ? limited.subquery(name) : limited.cte(name);
    return { source, own: scopeOf(source.c) };
  }

  condition(scope: Scope, depth: number): Condition {
    const random = this.#random;
    const number = (): any => this.number(scope, depth - 1);
    const text = (): any => this.text(scope, depth - 1);
    const inner = (): Condition => this.condition(scope, depth - 1);
    const operator = random.pick(['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'is', 'isNot'] as const);
    if (depth > 0) {
      switch (random.below(7)) {
        case 0:
          return not(inner());
        case 1:
          return and(...(random.list(1 + random.below(3), inner) as [Condition]));
        case 2:
          return or(...(random.list(1 + random.below(3), inner) as [Condition]));
        case 3: {
          const { source, own } = this.other();
          const part = select({ v: this.number(own, 0) })
            .from(source)
            .where(this.condition(joined(own, scope), depth - 2));
          return random.pick([() => exists(part), () => number().in(part), () => number().notIn(part)])();
        }
        case 4:
          return untyped(inner())[random.pick(['eq', 'is', 'isNot'] as const)](inner());
        default:
      }
    }
    switch (random.below(13)) {
      case 0:
        return number()[operator](number());
      case 1:
        return number()[operator](random.below(6) - 2);
      case 2:
        return number()[random.pick(['in', 'notIn'] as const)](random.list(random.below(4), () => random.below(6) - 2));
      case 3:
        return number()[random.pick(['between', 'notBetween'] as const)](random.below(3) - 2, random.below(4));
      case 4:
        return text()[operator](random.chance(0.5) ? random.pick(texts) : text());
      case 5:
        return text()[random.pick(['in', 'notIn'] as const)](random.list(random.below(3), () => random.pick(texts)));
      case 6:
        return random.pick([contains, startsWith, endsWith])(text(), random.pick(texts));
      case 7:
        return random.chance(0.5)
          ? text()[random.pick(['like', 'notLike'] as const)](random.pick(['%', 'a%', '_', '%b', 'x_y']))
          : like(text(), `${random.pick(['%', '', '!_'])}!%`, { escape: '!' });
      case 8:
        return random.pick([number, text])()[random.pick(['isNull', 'isNotNull'] as const)]();
      case 9: {
        const real = untyped(random.pick(scope.reals.length > 0 ? scope.reals : scope.numbers));
        const item = scope.reals.length > 0 && random.chance(0.3) ? round(real, 1) : real;
        return scope.reals.length > 0
          ? random.pick([() => item[operator]((random.below(12) - 4) / 4), () => item.in([0.5, 0.25, -1])])()
          : item.isNull();
      }
      case 10: {
        if (scope.documents.length === 0) return number().isNull();
        const doc = untyped(random.pick(scope.documents));
        const path = random.pick([['a'], ['a.b'], ['"'], [0], ['a', 0], ['$'], []] as const);
        if (path.length === 0) return jsonExists(doc, ['a']);
        return random.chance(0.5) ? jsonExists(doc, path) : untyped(jsonGet(doc, path, json())).isNull();
      }
      case 11:
        return untyped(tuple)(number(), text())[random.pick(['eq', 'ne'] as const)]([
          random.below(4),
          random.pick(texts),
        ]);
      default:
        return when(this.condition(scope, 0), random.chance(0.5)).else(random.chance(0.5)) as Condition;
    }
  }
}

/** A query by chance: its rows as they are, and by a condition that is true, false and unknown. */
export interface RandomQuery {
  /** All rows; those for which the condition holds; does not hold; is neither. */
  readonly parts: readonly unknown[];
  /** Sums and counts over all rows, and over each part. */
  readonly aggregates: readonly unknown[];
  /** In an order that is total, a part of the rows; and whatever else must be the same everywhere. */
  readonly others: readonly unknown[];
}

export function randomQuery(random: Random): RandomQuery {
  const maker = new Maker(random);
  const first = random.chance(0.7) ? { source: untyped(Left), own: scopeOf(untyped(Left.c)) } : maker.other();
  let scope = first.own;
  const joins: ((query: any) => any)[] = [];
  for (let at = random.below(3); at > 0; at--) {
    const { source, own } = maker.other();
    const both = joined(scope, own);
    const on = maker.condition(both, 1);
    const type = random.pick(['innerJoin', 'leftJoin'] as const);
    joins.push((query) => query[type](source, on));
    scope = both;
  }
  const outputs = Object.fromEntries([
    ...scope.ids.map((id, at) => [`id${at}`, id] as const),
    ['v', maker.number(scope, 2)],
    ['t', maker.text(scope, 2)],
  ]);
  const limited = random.chance(0.3) ? maker.condition(scope, 1) : undefined;
  const from = (shape: object, condition?: Condition): any => {
    let query = untyped(select(shape as never)).from(first.source);
    for (const join of joins) query = join(query);
    if (limited) query = query.where(limited);
    return condition ? query.where(condition) : query;
  };
  const condition = maker.condition(scope, 3);
  const sides = [undefined, condition, not(condition), untyped(condition).isNull()];
  const value = maker.number(scope, 1);
  const totals = { rows: count(), n: count(value), sum: sum(value), max: max(value), min: min(value) };
  const order = [untyped(outputs['v']).desc(), ...scope.ids.map((id) => untyped(id).asc().nullsLast())];
  return {
    parts: sides.map((side) => from(outputs, side)),
    aggregates: sides.map((side) => from(totals, side)),
    others: [
      from(outputs, condition)
        .orderBy(...order)
        .limit(1 + random.below(4))
        .offset(random.below(3)),
      from({ g: value, rows: count(), most: max(untyped(scope.ids[0])) })
        .groupBy(value)
        .having(maker.condition(scope, 0) && count().gt(random.below(2))),
      from({ flag: condition, ...outputs }),
      unionAll(from(outputs, condition), from(outputs, not(condition)), from(outputs, untyped(condition).isNull())),
      union(from({ v: value }, condition), from({ v: value })),
      random.pick([intersect, except])(from({ v: value }), from({ v: value }, condition)),
      from({ v: value }, condition).distinct(),
      from({
        ...outputs,
        place: rowNumber().over({ orderBy: order }),
        rank: rank().over({ orderBy: [value] }),
        before: lag(value).over({ orderBy: order }),
        running: sum(value).over({
          partitionBy: [outputs['t']],
          orderBy: order,
          frame: 'rows between 1 preceding and current row',
        }),
        some: count(value)
          .filter(condition)
          .over({ partitionBy: [outputs['v']] }),
      }),
    ],
  };
}
