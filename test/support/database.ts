import {
  createAll,
  createEngine,
  type Driver,
  type Engine,
  type EngineOptions,
  type MetaData,
  Session,
  type WireValue,
} from 'cinnabar';
import { recordingDriver, type RecordingDriver } from 'cinnabar/testing';
import { neutral } from './neutral-sql.ts';

/** A driver, and a way past it that reads as SQLite does where the database has another mind of its own. */
export interface TestDriver extends Driver {
  raw?(sql: string, params: readonly WireValue[]): Promise<readonly (readonly unknown[])[]>;
}

/** A database of one test: the empty tables of its models, a driver that records, and raw SQL beside it. */
export class TestDatabase {
  readonly driver: RecordingDriver;
  readonly engine: Engine;
  readonly #inner: TestDriver;
  #held: Promise<void> | undefined;
  #moreTrips: string | undefined;
  /** Of the last unit outside a transaction, how many rows each statement wrote; undefined where the driver is not sure. */
  changes: readonly number[] | undefined;

  constructor(inner: TestDriver, options?: EngineOptions) {
    this.#inner = inner;
    const execute: Driver['execute'] = async (unit, given) => {
      await this.#held;
      const answer = await inner.execute(unit, given);
      this.changes = inner.capabilities.exactChanges
        ? answer.results.map(({ changes, rows }) => changes || rows.length)
        : undefined;
      return answer;
    };
    this.driver = recordingDriver({ ...inner, execute });
    this.engine = createEngine(this.driver, options);
  }

  /** A session of which every commit is one round trip where the driver can, unless the test has said why not. */
  session(): Session {
    const session = new Session(this.engine);
    const commit = session.commit.bind(session);
    session.commit = async (options) => {
      const before = session.roundTrips;
      await commit(options);
      const trips = session.roundTrips - before;
      if (trips > 1 && this.driver.capabilities.oneTrip && this.#moreTrips === undefined)
        throw new Error(`a commit took ${trips} round trips: where that is right, say why by allowMoreTrips()`);
    };
    return session;
  }

  /** Commits of the test may take more than one round trip. */
  allowMoreTrips(why: string): void {
    this.#moreTrips = why;
  }

  /** What a test says in the words of one dialect or the other. */
  by<V>(words: Readonly<Record<'sqlite' | 'postgres', V>>): V {
    return words[this.#inner.dialect.name as 'sqlite'];
  }

  /** A text of SQL without what each dialect writes in its own way: for a look at a part of it. */
  words(sql: string | undefined): string {
    const text = sql ?? '';
    return this.by({ sqlite: text, postgres: neutral(text) });
  }

  /** A literal of bytes, from hexadecimal digits. */
  bytes(hex: string): string {
    return this.by({ sqlite: `x'${hex}'`, postgres: `'\\x${hex}'` });
  }

  /** An expression for the hexadecimal digits of bytes. */
  hex(column: string): string {
    return this.by({ sqlite: `hex(${column})`, postgres: `upper(encode(${column}, 'hex'))` });
  }

  /** Lets the keys that the database makes go on after those that raw SQL gave: sequences know nothing of them. */
  async advanceKeys(): Promise<void> {
    const texts = this.by({ sqlite: [], postgres: [ADVANCE] });
    if (texts.length > 0) await this.run(...texts);
  }

  /** Creates a trigger that runs one statement for each row that is inserted. */
  async afterInsert(table: string, name: string, statement: string, condition = 'true'): Promise<void> {
    const event = `create trigger ${name} after insert on ${table} for each row when (${condition})`;
    await this.run(
      ...this.by({
        sqlite: [`${event} begin ${statement}; end`],
        postgres: [
          `create function ${name}() returns trigger language plpgsql as $$ begin ${statement}; return new; end $$`,
          `${event} execute function ${name}()`,
        ],
      }),
    );
  }

  /** Creates a trigger that runs one statement, of a new row as `new`, for each row that is updated. */
  async afterUpdate(table: string, columns: string, name: string, statement: string): Promise<void> {
    const event = `create trigger ${name} after update of ${columns} on ${table} for each row`;
    await this.run(
      ...this.by({
        sqlite: [`${event} begin ${statement}; end`],
        postgres: [
          `create function ${name}() returns trigger language plpgsql as $$ begin ${statement}; return new; end $$`,
          `${event} execute function ${name}()`,
        ],
      }),
    );
  }

  /** Keeps calls of the engine from the database until the function that this returns is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return () => {
      this.#held = undefined;
      resolve();
    };
  }

  /** Rows as arrays, past the recording. */
  async rows(sql: string, ...params: WireValue[]): Promise<readonly (readonly unknown[])[]> {
    if (this.#inner.raw) return this.#inner.raw(sql, params);
    const { results } = await this.#inner.execute({ mode: 'write', statements: [{ sql, params }] });
    return results[0]!.rows;
  }

  /** The rows of several statements, in one call past the recording. */
  async read(texts: readonly string[]): Promise<(readonly (readonly unknown[])[])[]> {
    const statements = texts.map((sql) => ({ sql, params: [] }));
    const { results } = await this.#inner.execute({ mode: 'read', statements });
    return results.map(({ rows }) => rows);
  }

  /** The only column of each row. */
  async values(sql: string, ...params: WireValue[]): Promise<unknown[]> {
    return (await this.rows(sql, ...params)).map(([value]) => value);
  }

  /** Statements past the recording, one after the other. */
  async run(...texts: string[]): Promise<void> {
    await this.#inner.execute({ mode: 'write', statements: texts.map((sql) => ({ sql, params: [] })) });
  }

  /** What `work` sends: its round trips, failed calls too, and its statements. */
  async record<R>(
    work: () => Promise<R>,
  ): Promise<{ result: R; calls: number; trips: number; sql: readonly string[] }> {
    this.driver.clear();
    const result = await work();
    const { calls, trips, sql } = this.driver;
    return { result, calls: calls.length, trips, sql: [...sql] };
  }

  /** The error with which `work` fails, and how many calls reached the driver before. */
  async failure(work: () => unknown): Promise<{ error: unknown; calls: number }> {
    this.driver.clear();
    try {
      await work();
    } catch (error) {
      return { error, calls: this.driver.calls.length };
    }
    throw new Error('expected a failure, and there was none');
  }
}

/** Sets every sequence of a table to the highest key. */
const ADVANCE = `do $$ declare made record; begin
  for made in select table_name, column_name from information_schema.columns
    where table_schema = 'public' and is_identity = 'YES'
  loop
    execute format('select setval(pg_get_serial_sequence(%L, %L), coalesce(max(%I), 0) + 1, false) from %I',
      quote_ident(made.table_name), made.column_name, made.column_name, made.table_name);
  end loop;
end $$`;

/** Drops whatever another test left, by dialect. */
const wipes: Readonly<Record<string, (database: TestDatabase) => Promise<void>>> = {
  sqlite: async (database) => {
    const found = await database.rows(
      `select type, name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' and name not like '_cf_%'`,
    );
    await database.run(
      'pragma defer_foreign_keys = on',
      // Those made last first: a table cannot go while one that refers to it has lost another.
      ...found.toReversed().map(([type, name]) => `drop ${String(type)} "${String(name).replaceAll('"', '""')}"`),
    );
  },
  postgres: (database) => database.run('drop schema public cascade', 'create schema public'),
};

/** Opens a database for one test: whatever another test left there is gone. */
export async function freshDatabase(
  inner: TestDriver,
  metadata: MetaData,
  options?: EngineOptions,
): Promise<TestDatabase> {
  const database = new TestDatabase(inner, options);
  await wipes[inner.dialect.name]!(database);
  await createAll(database.engine, metadata);
  database.driver.clear();
  return database;
}

/** Opens the database that a module of test cases runs on. */
export type OpenDriver = () => TestDriver | Promise<TestDriver>;
