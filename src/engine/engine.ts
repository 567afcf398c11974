import type { CallOptions, Driver, Statement, Unit, UnitResult } from '../driver/driver.ts';
import type { Memory, TransactionHost } from '../driver/run-transaction.ts';
import type { TransactionOptions } from '../driver/transaction-options.ts';
import { isCinnabarError } from '../errors/base.ts';
import { ConfigurationError, InternalError } from '../errors/errors.ts';
import type { Receipt, Receipts, WriteOptions } from './receipt.ts';
import { StatementRunner, type Statements } from './statements.ts';
import { TransactionStatements, transactionsOf, type EngineTransaction } from './transaction.ts';

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
  /** What `receipts()` makes: writes leave receipts, by which `resolve()` tells what became of one whose reply was lost. */
  readonly receipts?: Receipts;
}

/**
 * A database, through a driver. Holds no connection of its own and may be shared.
 *
 * @example
 * const engine = createEngine(libsql(createClient({ url: 'file:app.db' })))
 * await engine.all(select({ name: User.c.name }).from(User))
 */
export interface Engine<Interactive extends boolean = boolean> extends Statements {
  /**
   * Runs `work` in an interactive transaction, which its argument stands for. Committed when `work` resolves, rolled back
   * when it rejects. BEGIN rides with the first statement. Only on a driver with interactive transactions; a compile
   * error (and a CapabilityError) elsewhere.
   *
   * @example
   * await engine.transaction(async (tx) => {
   *   const [from] = await tx.all(select(Account).where(Account.c.id.eq(1)).forUpdate())
   *   await tx.run(update(Account).set({ balance: from!.balance - 5 }).where(Account.c.id.eq(1)))
   * }, { isolation: 'serializable', retries: 5 })
   * @throws CapabilityError for what the driver has not; SerializationFailure, DeadlockDetected, LockTimeout after the
   * last try; CommitOutcomeUnknown.
   */
  transaction<R>(
    this: Engine<true>,
    work: (tx: EngineTransaction) => Promise<R>,
    options?: TransactionOptions,
  ): Promise<R>;
  readonly roundTrips: number;
  /** How far the database was at the last answer, where the driver knows: a session of D1 goes on from there. */
  readonly bookmark: string | undefined;
  readonly interactive: Interactive;
  close(): Promise<void>;
}

/** The engine as sessions and `createAll` see it. */
export class EngineCore<Interactive extends boolean = boolean> extends StatementRunner implements Engine<Interactive> {
  declare readonly driver: Driver<Interactive>;
  readonly #log: ((event: LogEvent) => void) | undefined;
  /** Whether triggers of the database make it necessary to note keys as they are made. */
  keepsKeys = false;
  /** Texts of statements that are needed often, by what each is for. */
  readonly statements: WeakMap<object, Statement> = new WeakMap();
  readonly #receipts: Receipts | undefined;
  #roundTrips = 0;
  #closed = false;

  constructor(driver: Driver<Interactive>, options: EngineOptions) {
    super(driver);
    this.#log = options.log;
    this.#receipts = options.receipts;
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

  execute(unit: Unit, options?: CallOptions): Promise<UnitResult> {
    this.assertOpen();
    return this.watch(unit, () => this.driver.execute(unit, options));
  }

  protected override write(unit: Unit, options?: WriteOptions): Promise<UnitResult> {
    const receipt = this.receipt(options);
    const send = (statements: readonly Statement[]): Promise<UnitResult> =>
      this.execute({ ...unit, statements }, options);
    return receipt ? receipt.seal(unit.statements, send) : send(unit.statements);
  }

  /** The receipt for a write, where it is to leave one. */
  receipt({ receipt }: Pick<WriteOptions, 'receipt'> = {}): Receipt | undefined {
    const receipts = this.#receipts;
    if (receipt && !receipts) throw new ConfigurationError('{ receipt: true }: the engine was made without receipts()');
    return receipts && (receipt ?? receipts.always) ? receipts.issue(this) : undefined;
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

  async transaction<R>(
    this: EngineCore<true>,
    work: (tx: EngineTransaction) => Promise<R>,
    options: TransactionOptions = {},
  ): Promise<R> {
    this.assertOpen();
    const { driver } = this;
    const host: TransactionHost<Memory> = {
      driver,
      watch: (unit, send) => this.watch(unit, send),
      seal: (send) => {
        const receipt = options.readOnly ? undefined : this.receipt(options);
        return receipt ? receipt.seal([], send) : send([]);
      },
    };
    return transactionsOf(driver)(
      host,
      (open) => work(new TransactionStatements(driver, open)),
      () => this.transaction(work, { ...options, retries: 0 }),
      options,
    );
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

/** An engine on a driver: `createEngine(d1(env.DB))`. No I/O. */
export function createEngine<I extends boolean>(driver: Driver<I>, options: EngineOptions = {}): Engine<I> {
  if (typeof driver?.execute !== 'function') {
    throw new ConfigurationError('createEngine(): expected a driver, like libsql(createClient({ url })) or d1(env.DB)');
  }
  return new EngineCore(driver, options);
}

/** The engine behind the public interface, be it of this copy of the package or another. */
export function coreOf<I extends boolean>(engine: Engine<I>): EngineCore<I> {
  if (typeof (engine as EngineCore<I> | undefined)?.watch === 'function') return engine as EngineCore<I>;
  throw new ConfigurationError('expected an engine from createEngine()');
}
