import { compile, type Compiled } from '../compiler/compile.ts';
import type { CallOptions, Driver, Unit, UnitResult } from '../driver/driver.ts';
import { isCinnabarError } from '../errors/base.ts';
import { ConfigurationError, InternalError } from '../errors/errors.ts';
import { selectOf, type ColumnNode } from '../sql/expression.ts';
import type { StatementNode } from '../sql/nodes.ts';
import type { Plain } from '../sql/plain.ts';
import type { Select } from '../sql/statement.ts';
import { findWrite, writeOf, type AnyWrite } from '../sql/write.ts';
import { rowReader } from './rows.ts';

/** What an engine tells of each unit that it sends. Parameters are counted, never shown. */
export interface LogEvent {
  readonly mode: 'read' | 'write';
  readonly statements: readonly { readonly sql: string; readonly parameters: number }[];
  readonly trips: number;
  readonly milliseconds: number;
  readonly error?: unknown;
}

export interface EngineOptions {
  /** Called after each unit, whether it succeeded or not. */
  readonly log?: (event: LogEvent) => void;
}

/**
 * A database, through a driver. Holds no connection of its own and may be shared.
 *
 * @example
 * const engine = createEngine(libsql(createClient({ url: 'file:app.db' })))
 * await engine.all(select({ name: User.c.name }).from(User))
 */
export interface Engine<Interactive extends boolean = boolean> {
  /** The rows, each model's columns as plain data. */
  all<R>(statement: Select<R>, options?: CallOptions): Promise<Plain<R>[]>;
  /** The number of rows written. */
  run(statement: AnyWrite, options?: CallOptions): Promise<number>;
  /** Several statements, one round trip. */
  batch<const S extends readonly Select<unknown>[]>(
    statements: S,
    options?: CallOptions,
  ): Promise<{ [I in keyof S]: S[I] extends Select<infer R> ? Plain<R>[] : never }>;
  readonly roundTrips: number;
  readonly interactive: Interactive;
  close(): Promise<void>;
}

/** The engine as sessions and `createAll` see it. */
export class EngineCore<Interactive extends boolean = boolean> implements Engine<Interactive> {
  readonly driver: Driver<Interactive>;
  readonly #log: ((event: LogEvent) => void) | undefined;
  /** Whether triggers of the database make it necessary to note keys as they are made. */
  keepsKeys = false;
  #roundTrips = 0;
  #closed = false;

  constructor(driver: Driver<Interactive>, options: EngineOptions) {
    this.driver = driver;
    this.#log = options.log;
  }

  get interactive(): Interactive {
    return this.driver.interactive;
  }
  get roundTrips(): number {
    return this.#roundTrips;
  }

  prepare(node: StatementNode): Compiled {
    return compile(node, this.driver.dialect, this.driver.limits);
  }

  async execute(unit: Unit, options?: CallOptions): Promise<UnitResult> {
    this.assertOpen();
    return this.watch(unit, () => this.driver.execute(unit, options));
  }

  /** Runs one call to the driver, counts its trips and logs it. */
  async watch(unit: Pick<Unit, 'mode' | 'statements'>, send: () => Promise<UnitResult>): Promise<UnitResult> {
    const started = performance.now();
    let trips = 1;
    let error: unknown;
    try {
      const result = await send();
      trips = result.trips;
      if (result.results.length < unit.statements.length)
        throw new InternalError('the driver answered fewer statements than it was sent');
      return result;
    } catch (caught) {
      if (isCinnabarError(caught) && caught.outcome === 'not sent') trips = 0;
      error = caught;
      throw caught;
    } finally {
      this.#roundTrips += trips;
      this.#log?.({
        mode: unit.mode,
        statements: unit.statements.map(({ sql, params }) => ({ sql, parameters: params.length })),
        trips,
        milliseconds: performance.now() - started,
        ...(error === undefined ? {} : { error }),
      });
    }
  }

  async all<R>(statement: Select<R>, options?: CallOptions): Promise<Plain<R>[]> {
    const [rows] = await this.#read([statement], options);
    return rows as Plain<R>[];
  }

  async batch<const S extends readonly Select<unknown>[]>(
    statements: S,
    options?: CallOptions,
  ): Promise<{ [I in keyof S]: S[I] extends Select<infer R> ? Plain<R>[] : never }> {
    return (await this.#read(statements, options)) as {
      [I in keyof S]: S[I] extends Select<infer R> ? Plain<R>[] : never;
    };
  }

  async #read(statements: readonly unknown[], options?: CallOptions): Promise<unknown[][]> {
    const nodes = statements.map((statement) => plain(statementOf(statement)));
    if (nodes.length === 0) return [];
    const prepared = nodes.map((node) => this.prepare(node));
    const mode = nodes.every((node) => node.kind === 'select') ? 'read' : 'write';
    const unit: Unit = { statements: prepared, mode, snapshot: nodes.length > 1 };
    const { results } = await this.execute(unit, options);
    return prepared.map((compiled, index) => {
      const read = rowReader(nodes[index]!, compiled);
      return results[index]!.rows.map(read);
    });
  }

  async run(statement: AnyWrite, options?: CallOptions): Promise<number> {
    const prepared = this.prepare(writeOf(statement, 'run()'));
    const { results } = await this.execute({ statements: [prepared], mode: 'write' }, options);
    return results[0]!.changes || results[0]!.rows.length;
  }

  assertOpen(): void {
    if (this.#closed) throw new ConfigurationError('the engine is closed; create another');
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.driver.close();
  }
}

/** The tree of a select, or of a write with RETURNING. */
export function statementOf(statement: unknown): StatementNode {
  const write = findWrite(statement);
  if (!write) return selectOf(statement, 'all()');
  if (write.returning.length > 0) return write;
  throw new ConfigurationError(`all(): ${write.kind} without returning() yields no rows; use run()`);
}

/** What rows of a model are without a session: the columns that `loadOnly()` names and the key, and no relations. */
function plain(node: StatementNode): StatementNode {
  if (node.kind !== 'select') return node;
  if (node.load)
    throw new ConfigurationError('with(): relations are loaded by a Session; the rows of an engine are plain');
  const entity = node.only && node.shape[0]?.entity;
  if (!entity) return node;
  const isRead = (attribute: string, { column }: ColumnNode): boolean =>
    node.only!.includes(attribute) || (column?.spec.key ?? false);
  const columns = new Map([...entity.columns].filter(([name, read]) => isRead(name, read as ColumnNode)));
  const outputs = [...columns].map(([name, expression]) => ({ name, expression }));
  const shape = [{ ...node.shape[0]!, entity: { ...entity, columns } }];
  return { ...node, outputs, shape };
}

/** An engine on a driver: `createEngine(d1(env.DB))`. No I/O. */
export function createEngine<I extends boolean>(driver: Driver<I>, options: EngineOptions = {}): Engine<I> {
  if (typeof driver?.execute !== 'function') {
    throw new ConfigurationError('createEngine(): expected a driver, like libsql(createClient({ url })) or d1(env.DB)');
  }
  return new EngineCore(driver, options);
}

/** The engine behind the public interface. */
export function coreOf<I extends boolean>(engine: Engine<I>): EngineCore<I> {
  if (engine instanceof EngineCore) return engine as EngineCore<I>;
  throw new ConfigurationError('expected an engine from createEngine()');
}
