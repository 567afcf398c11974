import { isCinnabarError } from '../errors/base.ts';
import type { CallOptions, DriverTransaction, Statement, Unit, UnitResult } from './driver.ts';

export interface TransactionOptions {
  isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** How many times the whole function may run again, with a fresh session, when the database could not serialize it. */
  retries?: number;
}

/** What a session knows of the writes of a transaction, or of a savepoint, so that it can undo them in memory. */
export interface Memory {
  /** A savepoint that is released hands what it knows to the level around it. */
  mergeInto(outer: this): void;
}

/** What a transaction needs of its session. */
export interface TransactionHost<M extends Memory> {
  begin(): Promise<DriverTransaction>;
  /** Runs one call to the driver, counts its trips and logs it. */
  watch(unit: Pick<Unit, 'mode' | 'statements'>, send: () => Promise<UnitResult>): Promise<UnitResult>;
  memory(): M;
  /** Puts the session into the transaction, and out of it again. */
  enter(transaction: OpenTransaction<M> | undefined): void;
  /** Sends what is pending as the end of the transaction: from here on the session is the transaction's. */
  finish(memory: M, commit: (statements: readonly Statement[]) => Promise<UnitResult>): Promise<void>;
  /** Sends what is pending. */
  flush(): Promise<void>;
  /** Undoes in memory what was written, and what is pending. */
  restore(memory: M): void;
}

/** An interactive transaction of a session. */
export interface OpenTransaction<M extends Memory> {
  readonly memory: M;
  execute(unit: Unit, options?: CallOptions): Promise<UnitResult>;
  /** Runs the work within a savepoint. */
  nested<R>(work: () => Promise<R>): Promise<R>;
}

/**
 * Begins, runs the work, and commits together with the last flush; rolls back, in memory too, when anything fails. A driver
 * that has transactions brings it, so that no other program carries it.
 *
 * @param again runs the whole anew, on a session of its own.
 */
export async function runTransaction<R, M extends Memory>(
  host: TransactionHost<M>,
  work: () => Promise<R>,
  again: () => Promise<R>,
  retries = 0,
): Promise<R> {
  const transaction = new Transaction(host, await host.begin());
  host.enter(transaction);
  try {
    const result = await work();
    await host.finish(transaction.memory, (statements) => transaction.commit(statements));
    host.enter(undefined);
    return result;
  } catch (error) {
    host.enter(undefined);
    // The first error is the cause; that of the rollback would hide it.
    await transaction.rollback().catch(() => undefined);
    host.restore(transaction.memory);
    if (isCinnabarError(error) && error.retryable && error.outcome !== 'unknown' && retries > 0) return again();
    throw error;
  }
}

class Transaction<M extends Memory> implements OpenTransaction<M> {
  readonly #host: TransactionHost<M>;
  readonly #driver: DriverTransaction;
  /** One for the transaction, and one for each savepoint within it. */
  readonly #levels: M[];

  constructor(host: TransactionHost<M>, driver: DriverTransaction) {
    this.#host = host;
    this.#driver = driver;
    this.#levels = [host.memory()];
  }

  get memory(): M {
    return this.#levels.at(-1)!;
  }

  execute(unit: Unit, options?: CallOptions): Promise<UnitResult> {
    return this.#host.watch(unit, () => this.#driver.execute(unit, options));
  }

  commit(statements: readonly Statement[]): Promise<UnitResult> {
    return this.#host.watch({ mode: 'write', statements }, () => this.#driver.commit(statements));
  }

  rollback(): Promise<UnitResult> {
    return this.#host.watch({ mode: 'write', statements: [] }, () => this.#driver.rollback());
  }

  async nested<R>(work: () => Promise<R>): Promise<R> {
    const host = this.#host;
    await host.flush();
    const savepoint = `savepoint cinnabar_${this.#levels.length}`;
    await this.#run(savepoint);
    const inner = host.memory();
    this.#levels.push(inner);
    try {
      const result = await work();
      await host.flush();
      await this.#run(`release ${savepoint}`);
      this.#levels.pop();
      inner.mergeInto(this.memory);
      return result;
    } catch (error) {
      this.#levels.pop();
      // The first error is the cause; that of the rollback would hide it.
      await this.#run(`rollback to ${savepoint}`, `release ${savepoint}`).catch(() => undefined);
      host.restore(inner);
      throw error;
    }
  }

  #run(...texts: readonly string[]): Promise<UnitResult> {
    return this.execute({ mode: 'write', statements: texts.map((sql) => ({ sql, params: [] })) });
  }
}
