import { finderOf, isCinnabarError, setFinder, type CinnabarError } from '../errors/base.ts';
import { ConfigurationError, SessionBusyError } from '../errors/errors.ts';
import { within } from './call.ts';
import type { CallOptions, Driver, DriverTransaction, Statement, Unit, UnitResult } from './driver.ts';
import { checkTransactionOptions, type TransactionOptions } from './transaction-options.ts';

export type { TransactionOptions };

/** What a session knows of the writes of a transaction, or of a savepoint, so that it can undo them in memory. */
export interface Memory {
  /** A savepoint that is released hands what it knows to the level around it. */
  mergeInto(outer: this): void;
}

/** What a transaction needs of who runs it; what an engine has not, only a session does. */
export interface TransactionHost<M extends Memory> {
  readonly driver: Driver;
  /** Runs one call to the driver, counts its trips and logs it. */
  watch(unit: Pick<Unit, 'mode' | 'statements'>, send: () => Promise<UnitResult>): Promise<UnitResult>;
  memory?(): M;
  /** Whether something is pending that the function did not make. */
  isDirty?(): boolean;
  /** Puts the session into the transaction, and out of it again. */
  enter?(transaction: OpenTransaction<M> | undefined): void;
  /** Sends what is pending as the end of the transaction: from here on the session is the transaction's. */
  finish?(
    transaction: OpenTransaction<M>,
    commit: (statements: readonly Statement[]) => Promise<UnitResult>,
  ): Promise<void>;
  /** Sends what is pending. */
  flush?(): Promise<void>;
  /** Undoes in memory what was written, and what is pending. */
  restore?(memory: M): void;
  /** Keeps memory as it is until it is known what became of the commit, or the program gives up: then it calls `undo`. */
  keep?(undo: () => void): void;
  /** Commits by `send` what an engine has written. */
  seal?(send: (statements: readonly Statement[]) => Promise<UnitResult>): Promise<UnitResult>;
}

/** An interactive transaction of a session or an engine. */
export interface OpenTransaction<M extends Memory> {
  readonly memory: M;
  /** Whether a unit that writes was sent. */
  readonly wrote: boolean;
  execute(unit: Unit, options?: CallOptions): Promise<UnitResult>;
  /** Runs the work within a savepoint. */
  nested<R>(work: () => Promise<R>): Promise<R>;
}

/** The longest pause between two tries, in milliseconds. */
const LONGEST_PAUSE = 1000;

/**
 * Begins, runs the work, and commits together with the last flush; rolls back, in memory too, when anything fails. A driver
 * that has transactions brings it, so that no other program carries it.
 *
 * @param again runs the whole once more, on a session of its own.
 */
export async function runTransaction<R, M extends Memory>(
  host: TransactionHost<M>,
  work: (transaction: OpenTransaction<M>) => Promise<R>,
  again: () => Promise<R>,
  options: TransactionOptions,
): Promise<R> {
  checkTransactionOptions(host.driver, options);
  const { retries = 0, retryDelay = 10 } = options;
  if (retries > 0 && host.isDirty?.()) {
    throw new ConfigurationError(
      'transaction(): with retries everything is done anew on a fresh session, and this one has pending work: do it inside of the function, or commit() first',
    );
  }
  let attempt = (): Promise<R> => runOnce(host, work, options);
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isAgain(error) || retries === 0) throw error;
      if (tries > retries) throw exhausted(error, tries);
      const pause = Math.random() * Math.min(LONGEST_PAUSE, retryDelay * 2 ** (tries - 1));
      await within(options, 'not committed', () => new Promise<void>((resolve) => setTimeout(resolve, pause)));
    }
    attempt = again;
  }
}

/** Whether the same work, run again as a whole, may succeed, and cannot be done twice. */
function isAgain(error: unknown): error is CinnabarError {
  return isCinnabarError(error) && error.retryable && error.outcome !== 'unknown';
}

function exhausted(error: CinnabarError, attempts: number): CinnabarError {
  error.message += ` (tried ${attempts} times)`;
  return Object.assign(error, { attempts });
}

async function runOnce<R, M extends Memory>(
  host: TransactionHost<M>,
  work: (transaction: OpenTransaction<M>) => Promise<R>,
  options: TransactionOptions,
): Promise<R> {
  const transaction = new Transaction(host, await host.driver.begin!(options), options);
  host.enter?.(transaction);
  let left = false;
  try {
    const result = await work(transaction);
    left = true;
    const commit = (statements: readonly Statement[]): Promise<UnitResult> => transaction.commit(statements);
    if (host.finish) await host.finish(transaction, commit);
    else await (host.seal && transaction.wrote ? host.seal(commit) : commit([]));
    host.enter?.(undefined);
    return result;
  } catch (error) {
    host.enter?.(undefined);
    // The first error is the cause; that of the rollback would hide it.
    await transaction.rollback().catch(() => undefined);
    const undo = (): void => host.restore?.(transaction.memory);
    // Where it did not leave, the work has failed, perhaps for the sake of another write.
    if (left && isUnknown(error) && identify(error, transaction.id, host.driver)) {
      host.keep?.(undo);
      undoUnlessStored(error, undo);
    } else undo();
    throw error;
  }
}

function isUnknown(error: unknown): error is CinnabarError {
  return isCinnabarError(error) && error.outcome === 'unknown';
}

/** Whether it can be found out what became of the commit: by its receipt, else by the id of the transaction. */
function identify(error: CinnabarError, id: string | undefined, driver: Driver): boolean {
  if (id !== undefined && driver.resolve && !error.resolvable)
    setFinder(error, async (options) => ({ resolution: await driver.resolve!(id, options) }));
  return error.resolvable;
}

function undoUnlessStored(error: CinnabarError, undo: () => void): void {
  const find = finderOf(error)!;
  setFinder(error, async (options) => {
    const found = await find(options);
    return found.resolution === 'committed' ? found : { ...found, settle: undo };
  });
}

class Transaction<M extends Memory> implements OpenTransaction<M> {
  readonly #host: TransactionHost<M>;
  readonly #driver: DriverTransaction;
  readonly #options: CallOptions;
  /** One for the transaction, and one for each savepoint within it. */
  readonly #levels: M[];
  /** Savepoints to be made and released: they go before the next statement. */
  #ahead: string[] = [];
  wrote = false;

  constructor(host: TransactionHost<M>, driver: DriverTransaction, options: CallOptions) {
    this.#host = host;
    this.#driver = driver;
    this.#options = options;
    this.#levels = [host.memory?.() as M];
  }

  get memory(): M {
    return this.#levels.at(-1)!;
  }

  get id(): string | undefined {
    return this.#driver.id;
  }

  async execute(unit: Unit, options?: CallOptions): Promise<UnitResult> {
    this.wrote ||= unit.mode === 'write' && unit.statements.length > 0;
    const ahead = this.#ahead;
    if (unit.statements.length === 0 || ahead.length === 0) return this.#execute(unit, options);
    this.#ahead = [];
    try {
      const statements = [...statementsOf(ahead), ...unit.statements];
      const { results, trips } = await this.#execute({ ...unit, statements }, options);
      return { results: results.slice(ahead.length), trips };
    } catch (error) {
      if (isCinnabarError(error) && error.outcome === 'not sent') this.#ahead = [...ahead, ...this.#ahead];
      throw error;
    }
  }

  #execute(unit: Unit, options: CallOptions = {}): Promise<UnitResult> {
    return this.#host.watch(unit, () => this.#driver.execute(unit, both(this.#options, options)));
  }

  /** What is still to be released is by the commit. */
  async commit(statements: readonly Statement[]): Promise<UnitResult> {
    if (this.#levels.length > 1) throw new SessionBusyError('transaction() ended while nested() is running: await it');
    return this.#host.watch({ mode: 'write', statements }, () => this.#driver.commit(statements, this.#options));
  }

  rollback(): Promise<UnitResult> {
    return this.#host.watch({ mode: 'write', statements: [] }, () => this.#driver.rollback());
  }

  async nested<R>(work: () => Promise<R>): Promise<R> {
    const host = this.#host;
    await host.flush?.();
    const name = `cinnabar_${this.#levels.length}`;
    const savepoint = `savepoint ${name}`;
    const inner = host.memory?.() as M;
    const depth = this.#levels.push(inner);
    this.#ahead.push(savepoint);
    try {
      const result = await work();
      await host.flush?.();
      if (this.#levels.length > depth || this.memory !== inner)
        throw new SessionBusyError('nested() ended while another is running within it: await it');
      this.#levels.pop();
      if (!this.#takeBack(savepoint)) this.#ahead.push(`release ${name}`);
      inner?.mergeInto(this.memory);
      return result;
    } catch (error) {
      this.#levels.length = Math.min(depth - 1, this.#levels.length);
      if (!this.#takeBack(savepoint)) {
        // Those released within it go with it.
        this.#ahead = [];
        const statements = statementsOf([`rollback to ${name}`, `release ${name}`]);
        // The first error is the cause; that of the rollback would hide it. No signal keeps the rollback from being sent.
        await host
          .watch({ mode: 'write', statements }, () => this.#driver.execute({ mode: 'write', statements }))
          .catch(() => undefined);
      }
      host.restore?.(inner);
      throw error;
    }
  }

  /** Whether the savepoint has not left yet: then it never does, nor what would follow it. */
  #takeBack(savepoint: string): boolean {
    const at = this.#ahead.lastIndexOf(savepoint);
    if (at >= 0) this.#ahead.length = at;
    return at >= 0;
  }
}

function statementsOf(texts: readonly string[]): Statement[] {
  return texts.map((sql) => ({ sql, params: [] }));
}

/** Whichever comes first ends the call. */
function both(outer: CallOptions, inner: CallOptions): CallOptions {
  const signals = [outer.signal, inner.signal].flatMap((signal) => signal ?? []);
  const deadline = Math.min(outer.deadline ?? Infinity, inner.deadline ?? Infinity);
  return {
    ...(signals.length > 0 && { signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0]! }),
    ...(deadline < Infinity && { deadline }),
  };
}
