import type { Client, Transaction } from '@libsql/client';
import type {
  CallOptions,
  Driver,
  DriverTransaction,
  Limits,
  Statement,
  Unit,
  UnitResult,
} from '../../src/driver/driver.ts';
import type { CinnabarError, Outcome } from '../../src/errors/base.ts';
import { ConfigurationError, TransactionExpired } from '../../src/errors/errors.ts';
import { checkStatements, lost, within } from '../../src/driver/call.ts';
import { text, translate } from './errors.ts';
import { toUnitResult, toWire } from './wire.ts';

const commit: Statement = { sql: 'commit', params: [] };

/** After these the stream is gone, or nobody knows where it stands. */
const ENDS = new Set<string>(['CommitOutcomeUnknown', 'ConnectionLost', 'TimeoutError', 'TransactionExpired']);

/**
 * A transaction of the client, opened by its first statement. When the server has ended a transaction it still runs what
 * the client sends after that, outside of any (sqld 0.24, HTTP and WebSocket). So this lets one call through at a time,
 * and after a failed one nothing but a rollback, of everything or to a savepoint.
 */
export class LibsqlTransaction implements DriverTransaction {
  readonly #client: Pick<Client, 'transaction'>;
  readonly #limits: Limits;
  readonly #executeAlone: Driver['execute'];
  #transaction: Transaction | undefined;
  #state: 'open' | 'failed' | 'lost' | 'ended' = 'open';
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: Pick<Client, 'transaction'>, limits: Limits, executeAlone: Driver['execute']) {
    this.#client = client;
    this.#limits = limits;
    this.#executeAlone = executeAlone;
  }

  execute({ statements }: Unit, options: CallOptions = {}): Promise<UnitResult> {
    return this.#inTurn(async () => {
      this.#check(statements);
      if (statements.length === 0) return { results: [], trips: 0 };
      const answer = await this.#send(statements, 'not committed', options);
      this.#state = 'open';
      return answer;
    });
  }

  /** COMMIT is the last step of the batch, so that it runs only if every statement did. */
  commit(statements: readonly Statement[], options: CallOptions = {}): Promise<UnitResult> {
    return this.#inTurn(async () => {
      this.#check(statements);
      if (this.#state === 'failed') throw refusal('failed');
      if (!this.#transaction) {
        this.#state = 'ended';
        return this.#executeAlone({ statements, mode: 'write' }, options);
      }
      const { results, trips } = await this.#send([...statements, commit], 'unknown', options);
      this.#end('ended');
      return { results: results.slice(0, -1), trips };
    });
  }

  rollback(): Promise<UnitResult> {
    return this.#inTurn(() => this.#rollback());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #check(statements: readonly Statement[]): void {
    checkStatements(statements, this.#limits);
    const toSavepoint = /^\s*rollback\s+to\b/i.test(statements[0]?.sql ?? '');
    if (this.#state !== 'open' && !(this.#state === 'failed' && toSavepoint)) throw refusal(this.#state);
  }

  async #send(statements: readonly Statement[], fate: Outcome, options: CallOptions): Promise<UnitResult> {
    try {
      const sets = await within(options, fate, async () => (await this.#open()).batch(statements.map(toWire)));
      return toUnitResult(sets, statements.length, fate);
    } catch (error) {
      const outside = fate === 'unknown' && text(error, 'message').includes('no transaction is active');
      const failure = outside ? lost(fate, error) : translate(error, fate);
      const late = failure.code === 'TimeoutError' && failure.outcome === 'not sent';
      if (!late) await this.#fail(ENDS.has(failure.code), fate);
      throw failure;
    }
  }

  async #fail(gone: boolean, fate: Outcome): Promise<void> {
    if (gone || this.#transaction?.closed !== false) return this.#end('lost');
    this.#state = 'failed';
    if (fate === 'unknown') await this.#rollback();
  }

  async #open(): Promise<Transaction> {
    this.#transaction ??= await this.#client.transaction('write');
    // The call was given up while the client was connecting.
    if (this.#state === 'lost') this.#transaction.close();
    return this.#transaction;
  }

  async #rollback(): Promise<UnitResult> {
    const transaction = this.#state === 'open' || this.#state === 'failed' ? this.#transaction : undefined;
    this.#state = 'ended';
    if (!transaction) return { results: [], trips: 0 };
    // A server that cannot be told rolls back by itself when the stream ends.
    await transaction.rollback().catch(() => transaction.close());
    return { results: [], trips: 1 };
  }

  #end(state: 'lost' | 'ended'): void {
    this.#state = state;
    this.#transaction?.close();
  }
}

const REFUSALS = {
  failed: 'a statement of the transaction failed: roll it back, as a whole or to a savepoint',
  lost: 'the connection of the transaction is gone, and the transaction with it',
  ended: 'the transaction has ended',
};

function refusal(state: keyof typeof REFUSALS): CinnabarError {
  return new (state === 'lost' ? TransactionExpired : ConfigurationError)(REFUSALS[state]);
}
