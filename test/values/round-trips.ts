import {
  coalesce,
  createAll,
  createEngine,
  deleteFrom,
  dropAll,
  type Driver,
  type Engine,
  insert,
  max,
  min,
  select,
  Session,
  update,
  when,
} from 'cinnabar';
import { recordingDriver, type RecordingDriver } from 'cinnabar/testing';
import { type Kind, valueOf } from './kind.ts';
import { Bound, Carried, kindsOf, metadata } from './model.ts';
import { Random } from './random.ts';
import { isSame, shown } from './same.ts';

export interface Options {
  /** How many values go there and back; each is read by several ways. */
  readonly values: number;
  readonly seed: number;
  /** Rows in memory at a time. */
  readonly rows?: number;
  /** Kinds of which the database keeps no such value. */
  readonly without?: readonly string[];
  /** Kinds of which the database takes different values for one. */
  readonly unequal?: readonly string[];
  /** Kinds of which the database has no MIN and MAX. */
  readonly unordered?: readonly string[];
}

export interface Report {
  readonly values: number;
  /** Values that were read and compared: one that is read in five ways counts five times. */
  readonly reads: number;
  readonly seed: number;
}

type Row = Record<string, unknown>;
/** What both models have, for code that is about any column. */
type AnyModel = typeof Carried;
type AnyColumn = (typeof Carried)['c']['text'];

/**
 * Sends values there and back by every way that a value can go, and throws at the first that comes back as another: with
 * the seed, the way, the column and both values.
 */
export async function roundTrips(
  driver: Driver,
  { values, seed, rows = 120, without = [], unequal = [], unordered = [] }: Options,
): Promise<Report> {
  const recording = recordingDriver(driver);
  const engine = createEngine(recording);
  await dropAll(engine, metadata);
  await createAll(engine, metadata);
  const random = new Random(seed);
  const report = { values: 0, reads: 0, seed };
  for (let batch = 0; report.values < values; batch++) {
    const isBound = batch % 3 === 2;
    const model = (isBound ? Bound : Carried) as AnyModel;
    const trip = new Trip({
      engine,
      driver: recording,
      model,
      kinds: Object.fromEntries(
        Object.entries(isBound ? kindsOf.Bound : kindsOf.Carried).filter(([name]) => !without.includes(name)),
      ),
      random,
      unequal: new Set(unequal),
      unordered: new Set([...UNORDERED, ...unordered]),
    });
    const write = WAYS[Math.floor(batch / 3) % WAYS.length]!;
    try {
      await trip.run(write, rows);
    } catch (error) {
      throw new Error(`seed ${seed}, batch ${batch}, ${model.tableName} by ${write}: ${String(error)}`, {
        cause: error,
      });
    }
    report.values += trip.values;
    report.reads += trip.reads;
  }
  return report;
}

const WAYS = ['session', 'insert', 'update', 'changes', 'select'] as const;

/** A column of a model or a subquery, by a name that is found at run time. */
function columnOf({ c }: { readonly c: unknown }, name: string): AnyColumn {
  return (c as Readonly<Record<string, AnyColumn>>)[name]!;
}

class Trip {
  readonly #engine: Engine;
  readonly #driver: RecordingDriver;
  readonly #model: AnyModel;
  readonly #kinds: Readonly<Record<string, Kind>>;
  readonly #random: Random;
  readonly #unequal: ReadonlySet<string>;
  readonly #unordered: ReadonlySet<string>;
  #given: Row[] = [];
  #expected: Row[] = [];
  values = 0;
  reads = 0;

  constructor(world: {
    engine: Engine;
    driver: RecordingDriver;
    model: AnyModel;
    kinds: Readonly<Record<string, Kind>>;
    random: Random;
    unequal: ReadonlySet<string>;
    unordered: ReadonlySet<string>;
  }) {
    this.#engine = world.engine;
    this.#driver = world.driver;
    this.#model = world.model;
    this.#kinds = world.kinds;
    this.#random = world.random;
    this.#unequal = world.unequal;
    this.#unordered = world.unordered;
  }

  async run(way: (typeof WAYS)[number], rows: number): Promise<void> {
    const made = this.#random.list(rows, () => this.#row());
    this.#given = made.map(({ given }) => given);
    this.#expected = made.map(({ expected }, at) => ({ id: at + 1, ...expected }));
    this.values = rows * Object.keys(this.#kinds).length;
    await this[way]();
    await this.#readRows();
    await this.#readEntities();
    await this.#readExpressions();
    await this.#filter();
    await this.#engine.run(deleteFrom(this.#model).allRows());
    this.#driver.clear();
  }

  /** One value in fifty is NULL. */
  #row(): { given: Row; expected: Row } {
    const given: Row = {};
    const expected: Row = {};
    for (const [name, kind] of Object.entries(this.#kinds)) {
      const value = this.#random.chance(2) ? null : valueOf(kind, this.#random);
      given[name] = value;
      expected[name] = value === null || !kind.stored ? value : kind.stored(value as never);
    }
    return { given, expected };
  }

  #check(way: string, name: string, found: unknown, expected: unknown): void {
    this.reads += 1;
    if (!isSame(found, expected)) throw new Error(`${way}: ${name}: expected ${shown(expected)}, got ${shown(found)}`);
  }

  #checkRow(way: string, found: Row, expected: Row): void {
    for (const name of Object.keys(this.#kinds)) this.#check(way, name, found[name], expected[name]);
  }

  // ── writes

  /** Entities, many in a statement. */
  async session(): Promise<void> {
    const session = new Session(this.#engine);
    session.addAll(this.#given.map((given, at) => new this.#model({ id: at + 1, ...given })));
    await session.commit();
  }

  /** A parameter for each value, as many rows in a statement as there is room for; what RETURNING gives is checked. */
  async insert(): Promise<void> {
    const room = Math.min(this.#driver.limits.parameters, 1000);
    const size = Math.max(1, Math.floor(room / (Object.keys(this.#kinds).length + 1)));
    const statements = [];
    for (let at = 0; at < this.#given.length; at += size) {
      const rows = this.#given.slice(at, at + size).map((given, index) => ({ id: at + index + 1, ...given }));
      statements.push(
        insert(this.#model)
          .values(...(rows as never[]))
          .returning(),
      );
    }
    const results = await this.#engine.batch(statements);
    const rows = results.flat() as unknown as Row[];
    rows.sort((left, right) => Number(left['id']) - Number(right['id']));
    this.#expected.forEach((expected, at) => this.#checkRow('RETURNING of an insert', rows[at]!, expected));
  }

  /** Rows that are there already, one in a statement. */
  async update(): Promise<void> {
    const ids = this.#given.map((_, at) => ({ id: at + 1 }));
    await this.#engine.run(insert(this.#model).values(...(ids as never[])));
    const statements = this.#given.map((given, at) =>
      update(this.#model)
        .set(given as never)
        .where(this.#model.c.id.eq(at + 1))
        .returning(),
    );
    const results = await this.#engine.batch(statements);
    this.#expected.forEach((expected, at) =>
      this.#checkRow('RETURNING of an update', results[at]![0] as unknown as Row, expected),
    );
  }

  /** Entities that are there already, each changed in other columns. */
  async changes(): Promise<void> {
    const names = Object.keys(this.#kinds);
    const session = new Session(this.#engine);
    const entities = this.#given.map((given, at) => {
      const some = Object.fromEntries(
        names.filter((_, column) => (column + at) % 3 === 0).map((name) => [name, given[name]]),
      );
      return new this.#model({ id: at + 1, ...some });
    });
    session.addAll(entities);
    await session.commit();
    entities.forEach((entity, at) => Object.assign(entity, this.#given[at]));
    await session.commit();
  }

  /** From a select of other rows, through a subquery. */
  async select(): Promise<void> {
    const model = this.#model;
    const session = new Session(this.#engine);
    session.addAll(this.#given.map((given, at) => new model({ id: at + 1001, ...given })));
    await session.commit();
    const columns = Object.fromEntries(Object.keys(this.#kinds).map((name) => [name, this.#column(name)]));
    const inner = select({ id: model.c.id, ...columns })
      .from(model)
      .subquery('given');
    const read = Object.fromEntries(Object.keys(this.#kinds).map((name) => [name, columnOf(inner, name)]));
    const moved = select({ id: inner.c.id.plus(-1000), ...read }).from(inner);
    await this.#engine.run(insert(model).from(moved));
    await this.#engine.run(deleteFrom(model).where(model.c.id.gt(1000)));
  }

  // ── reads

  #column(name: string): AnyColumn {
    return columnOf(this.#model, name);
  }

  async #readRows(): Promise<void> {
    const rows = (await this.#engine.all(select(this.#model).orderBy(this.#model.c.id))) as unknown as Row[];
    if (rows.length !== this.#expected.length)
      throw new Error(`${rows.length} rows instead of ${this.#expected.length}`);
    this.#expected.forEach((expected, at) => this.#checkRow('select', rows[at]!, expected));
  }

  /** As entities, as the JSON of entities, and nothing of them looks changed. */
  async #readEntities(): Promise<void> {
    const session = new Session(this.#engine);
    const entities = (await session.query(this.#model).orderBy(this.#model.c.id).all()) as unknown as Row[];
    this.#expected.forEach((expected, at) => this.#checkRow('query', entities[at]!, expected));
    const texts = JSON.parse(JSON.stringify(entities)) as Row[];
    this.#expected.forEach((expected, at) => {
      for (const [name, kind] of Object.entries(this.#kinds)) {
        const value = expected[name];
        const json = value === null || !kind.json ? value : kind.json(value as never);
        this.#check(
          'toJSON',
          name,
          texts[at]![name],
          json === undefined ? undefined : JSON.parse(JSON.stringify(json)),
        );
      }
    });
    const before = this.#driver.calls.length;
    // What a program gives and what comes back are one value.
    entities.forEach((entity, at) => Object.assign(entity, this.#given[at]));
    await session.commit();
    if (this.#driver.calls.length !== before) throw new Error(`something looks changed: ${this.#driver.sql.at(-1)}`);
  }

  /** Through a CTE, COALESCE, CASE, and MIN and MAX where the type has an order. */
  async #readExpressions(): Promise<void> {
    const model = this.#model;
    const names = Object.keys(this.#kinds);
    const shape = (make: (column: AnyColumn, name: string) => unknown): Record<string, AnyColumn> =>
      Object.fromEntries(names.map((name) => [name, make(this.#column(name), name)])) as Record<string, AnyColumn>;
    const plain = shape((column) => column);
    const cte = select({ id: model.c.id, ...plain })
      .from(model)
      .cte('rows_of');
    const ofCte = Object.fromEntries(names.map((name) => [name, columnOf(cte, name)]));
    const ordered = names.filter((name) => !this.#unordered.has(name));
    const most = Object.fromEntries(ordered.map((name) => [name, max(this.#column(name))]));
    const least = Object.fromEntries(ordered.map((name) => [name, min(this.#column(name))]));
    const ways: Record<string, Row[]> = {};
    const read = await this.#engine.batch([
      select({ id: cte.c.id, ...ofCte })
        .from(cte)
        .orderBy(cte.c.id),
      select(shape((column) => coalesce(column, column)))
        .from(model)
        .orderBy(model.c.id),
      select(shape((column) => when(model.c.id.gt(0), column).else(null as never)))
        .from(model)
        .orderBy(model.c.id),
      select(most).from(model).groupBy(model.c.id).orderBy(model.c.id),
      select(least).from(model).groupBy(model.c.id).orderBy(model.c.id),
    ]);
    ['a CTE', 'coalesce()', 'CASE', 'max()', 'min()'].forEach((way, at) => (ways[way] = read[at] as unknown as Row[]));
    for (const [way, rows] of Object.entries(ways)) {
      const read = way.startsWith('m') ? ordered : names;
      this.#expected.forEach((expected, at) => {
        for (const name of read) this.#check(way, name, rows[at]![name], expected[name]);
      });
    }
  }

  /** A value finds the rows that hold it, and no other: alone, in a list, and bound where no column types it. */
  async #filter(): Promise<void> {
    const model = this.#model;
    const ids = (condition: never): unknown =>
      select({ id: model.c.id }).from(model).where(condition).orderBy(model.c.id);
    const names = Object.keys(this.#kinds).filter((name) => !this.#unequal.has(name));
    const cases = names.flatMap((name) => {
      const column = this.#column(name);
      const picked = this.#random
        .list(8, () => this.#random.below(this.#given.length))
        .filter((at) => this.#given[at]![name] !== null);
      if (picked.length === 0) return [];
      const one = picked[0]!;
      const { alike } = this.#kinds[name]!;
      const values = picked.map((at) => (alike ? alike(this.#given[at]![name] as never) : this.#expected[at]![name]));
      const [value] = values;
      return [
        { name, way: 'eq()', of: [one], statement: ids(column.eq(value as never) as never) },
        { name, way: 'in()', of: picked, statement: ids(column.in(values as never[]) as never) },
        {
          name,
          way: 'eq() of an expression',
          of: [one],
          statement: ids(coalesce(column, value as never).eq(value as never) as never),
        },
      ];
    });
    const results = (await this.#engine.batch(cases.map(({ statement }) => statement) as never)) as unknown as {
      id: number;
    }[][];
    cases.forEach(({ name, way, of }, at) => {
      const wanted = this.#expected.filter((row) => {
        const isNull = row[name] === null && way === 'eq() of an expression';
        return isNull || of.some((index) => row[name] !== null && isSame(row[name], this.#expected[index]![name]));
      });
      this.#check(
        way,
        name,
        results[at]!.map(({ id }) => id),
        wanted.map(({ id }) => id),
      );
    });
  }
}

/** Documents and long decimals as text, and durations, have no order that MIN and MAX could find. */
const UNORDERED: ReadonlySet<string> = new Set(['long', 'huge', 'interval']);
