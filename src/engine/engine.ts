import { compile, type Compiled } from '../compiler/compile.ts';
import type { CallOptions, Driver, Statement, Unit, UnitResult } from '../driver/driver.ts';
import { isCinnabarError } from '../errors/base.ts';
import { ConfigurationError, InternalError } from '../errors/errors.ts';
import { selectOf, type SelectHolder } from '../sql/expression.ts';
import type { Rewriting, StatementNode } from '../sql/nodes.ts';
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

/** What a statement of a batch answers. */
export type Answer<S> = S extends Select<infer R> ? Plain<R>[] : number;

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
  /** Several statements, one round trip: the rows of each, or the number of rows it wrote. With a write among them, all or none. */
  batch<const S extends readonly (Select<unknown> | AnyWrite)[]>(
    statements: S,
    options?: CallOptions,
  ): Promise<{ [I in keyof S]: Answer<S[I]> }>;
  readonly roundTrips: number;
  /** How far the database was at the last answer, where the driver knows: a session of D1 goes on from there. */
  readonly bookmark: string | undefined;
  readonly interactive: Interactive;
  close(): Promise<void>;
}

/** The engine as sessions and `createAll` see it. */
export class EngineCore<Interactive extends boolean = boolean> implements Engine<Interactive> {
  readonly driver: Driver<Interactive>;
  readonly #log: ((event: LogEvent) => void) | undefined;
  /** Whether triggers of the database make it necessary to note keys as they are made. */
  keepsKeys = false;
  /** Texts of statements that are needed often, by what each is for. */
  readonly statements: WeakMap<object, Statement> = new WeakMap();
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
  get bookmark(): string | undefined {
    return this.driver.bookmark;
  }

  prepare(node: StatementNode, rewriting?: Rewriting): Compiled {
    return compile(node, this.driver.dialect, this.driver.limits, rewriting);
  }

  execute(unit: Unit, options?: CallOptions): Promise<UnitResult> {
    this.assertOpen();
    return this.watch(unit, () => this.driver.execute(unit, options));
  }

  /** Runs one call to the driver, counts its trips and logs it. */
  async watch(unit: Pick<Unit, 'mode' | 'statements'>, send: () => Promise<UnitResult>): Promise<UnitResult> {
    const started = this.#log ? performance.now() : 0;
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
    const [rows] = await this.#run([plainOf(statement)], options);
    return rows as Plain<R>[];
  }

  async batch<const S extends readonly (Select<unknown> | AnyWrite)[]>(
    statements: S,
    options?: CallOptions,
  ): Promise<{ [I in keyof S]: Answer<S[I]> }> {
    const nodes = statements.map((statement) => findWrite(statement) ?? plainOf(statement));
    return (nodes.length > 0 ? await this.#run(nodes, options) : []) as { [I in keyof S]: Answer<S[I]> };
  }

  async run(statement: AnyWrite, options?: CallOptions): Promise<number> {
    const [written] = await this.#run([{ ...writeOf(statement, 'run()'), returning: [], shape: [] }], options);
    return written as number;
  }

  /** The rows that each statement yields, or the number of those it wrote. */
  async #run(nodes: readonly StatementNode[], options?: CallOptions): Promise<unknown[]> {
    const { dialect, limits } = this.driver;
    // Those of one statement have one place.
    const parts = nodes.map((node) =>
      (node.kind === 'insert' && node.many ? node.many.split(node, dialect, limits) : [node]).map((part) =>
        this.prepare(part),
      ),
    );
    const statements = parts.flat();
    const mode = nodes.every((node) => node.kind === 'select') ? 'read' : 'write';
    const { results } = await this.execute({ statements, mode, snapshot: statements.length > 1 }, options);
    let at = 0;
    return nodes.map((node, index) => {
      const own = parts[index]!;
      const answers = results.slice(at, (at += own.length));
      if (node.kind !== 'select' && node.returning.length === 0)
        return answers.reduce((sum, { changes }) => sum + changes, 0);
      const read = rowReader(node, own[0]!.decoders);
      return own.length === 1 ? answers[0]!.rows.map(read) : answers.flatMap(({ rows }) => rows.map(read));
    });
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

/** The tree of a statement whose rows are plain. */
export function plainOf(statement: unknown): StatementNode {
  const node = statementOf(statement);
  return (statement as Partial<SelectHolder>).plain ?? node;
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
