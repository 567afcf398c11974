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
import type { Outcome } from '../../src/errors/base.ts';
import { lost, within } from '../../src/driver/call.ts';
import { TransactionGate } from '../../src/driver/transaction-gate.ts';
import { text, translate } from './errors.ts';
import { type ToWire, toUnitResult } from './wire.ts';

const commit: Statement = { sql: 'commit', params: [] };

/** After these the stream is gone, or nobody knows where it stands. */
const ENDS = new Set<string>(['CommitOutcomeUnknown', 'ConnectionLost', 'TimeoutError', 'TransactionExpired']);

/**
 * A transaction of the client, opened by its first statement. When the server has ended a transaction it still runs what
 * the client sends after that, outside of any (sqld 0.24, HTTP and WebSocket): the gate keeps such calls back.
 */
export class LibsqlTransaction implements DriverTransaction {
  readonly #client: Pick<Client, 'transaction'>;
  readonly #toWire: ToWire;
  readonly #executeAlone: Driver['execute'];
  readonly #gate: TransactionGate;
  #transaction: Transaction | undefined;

  constructor(client: Pick<Client, 'transaction'>, limits: Limits, toWire: ToWire, executeAlone: Driver['execute']) {
    this.#client = client;
    this.#toWire = toWire;
    this.#executeAlone = executeAlone;
    this.#gate = new TransactionGate(limits);
  }

  execute({ statements }: Unit, options: CallOptions = {}): Promise<UnitResult> {
    return this.#gate.inTurn(async () => {
      this.#gate.admit(statements);
      if (statements.length === 0) return { results: [], trips: 0 };
      const answer = await this.#send(statements, 'not committed', options);
      this.#gate.state = 'open';
      return answer;
    });
  }

  /** COMMIT is the last step of the batch, so that it runs only if every statement did. */
  commit(statements: readonly Statement[], options: CallOptions = {}): Promise<UnitResult> {
    return this.#gate.inTurn(async () => {
      this.#gate.admitCommit(statements);
      if (!this.#transaction) {
        this.#gate.state = 'ended';
        return this.#executeAlone({ statements, mode: 'write' }, options);
      }
      const { results, trips } = await this.#send([...statements, commit], 'unknown', options);
      this.#end('ended');
      return { results: results.slice(0, -1), trips };
    });
  }

  rollback(): Promise<UnitResult> {
    return this.#gate.inTurn(() => this.#rollback());
  }

  async #send(statements: readonly Statement[], fate: Outcome, options: CallOptions): Promise<UnitResult> {
    try {
      const sets = await within(options, fate, async () => (await this.#open()).batch(statements.map(this.#toWire)));
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
    this.#gate.state = 'failed';
    if (fate === 'unknown') await this.#rollback();
  }

  async #open(): Promise<Transaction> {
    this.#transaction ??= await this.#client.transaction('write');
    // The call was given up while the client was connecting.
    if (this.#gate.state === 'lost') this.#transaction.close();
    return this.#transaction;
  }

  async #rollback(): Promise<UnitResult> {
    const transaction = this.#gate.state === 'open' || this.#gate.state === 'failed' ? this.#transaction : undefined;
    this.#gate.state = 'ended';
    if (!transaction) return { results: [], trips: 0 };
    // A server that cannot be told rolls back by itself when the stream ends.
    await transaction.rollback().catch(() => transaction.close());
    return { results: [], trips: 1 };
  }

  #end(state: 'lost' | 'ended'): void {
    this.#gate.state = state;
    this.#transaction?.close();
  }
}
