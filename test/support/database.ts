import { createAll, createEngine, type Driver, type Engine, type MetaData, Session, type WireValue } from 'cinnabar';
import { recordingDriver, type RecordingDriver } from 'cinnabar/testing';

/** A database of one test: the empty tables of its models, a driver that records, and raw SQL beside it. */
export class TestDatabase {
  readonly driver: RecordingDriver;
  readonly engine: Engine;
  readonly #inner: Driver;
  #held: Promise<void> | undefined;

  constructor(inner: Driver) {
    this.#inner = inner;
    const execute: Driver['execute'] = async (unit, options) => {
      await this.#held;
      return inner.execute(unit, options);
    };
    this.driver = recordingDriver({ ...inner, execute });
    this.engine = createEngine(this.driver);
  }

  session(): Session {
    return new Session(this.engine);
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

/** Opens a database for one test: whatever another test left there is gone. */
export async function freshDatabase(inner: Driver, metadata: MetaData): Promise<TestDatabase> {
  const database = new TestDatabase(inner);
  const found = await database.rows(
    `select type, name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' and name not like '_cf_%'`,
  );
  await database.run(
    'pragma defer_foreign_keys = on',
    // Those made last first: a table cannot go while one that refers to it has lost another.
    ...found.toReversed().map(([type, name]) => `drop ${String(type)} "${String(name)}"`),
  );
  await createAll(database.engine, metadata);
  database.driver.clear();
  return database;
}

/** Opens the database that a module of test cases runs on. */
export type OpenDriver = () => Driver | Promise<Driver>;
