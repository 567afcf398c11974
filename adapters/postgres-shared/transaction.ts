import type { CallOptions, DriverTransaction, Statement, Unit, UnitResult } from '../../src/driver/driver.ts';
import { TransactionGate } from '../../src/driver/transaction-gate.ts';
import type { BeginOptions } from '../../src/driver/transaction-options.ts';
import { beginStep } from './begin.ts';
import { postgresLimits, type Acquire } from './execute.ts';
import { ROLLBACK, send, type Call } from './send.ts';
import { toStep, type Connection, type Step } from './wire.ts';

/**
 * A transaction on one physical connection, which its first statement takes. When that breaks the transaction is over:
 * nothing of it is ever sent on another.
 */
export class PostgresTransaction implements DriverTransaction {
  readonly #acquire: Acquire;
  readonly #gate = new TransactionGate(postgresLimits);
  readonly #begin: Step;
  readonly #isIdentified: boolean;
  #id: string | undefined;
  #connection: Connection | undefined;

  constructor(acquire: Acquire, options: BeginOptions = {}) {
    this.#acquire = acquire;
    this.#begin = beginStep(options);
    this.#isIdentified = options.identify === true;
  }

  get id(): string | undefined {
    return this.#id;
  }

  execute({ statements }: Unit, options: CallOptions = {}): Promise<UnitResult> {
    return this.#gate.inTurn(async () => {
      this.#gate.admit(statements);
      if (statements.length === 0) return { results: [], trips: 0 };
      const result = await this.#send(statements, 'none', options);
      this.#gate.state = 'open';
      return result;
    });
  }

  /** COMMIT goes behind the statements: where one of them fails, the database rolls back instead. */
  commit(statements: readonly Statement[], options: CallOptions = {}): Promise<UnitResult> {
    return this.#gate.inTurn(async () => {
      this.#gate.admitCommit(statements);
      if (!this.#connection && statements.length === 0) {
        this.#gate.state = 'ended';
        return { results: [], trips: 0 };
      }
      const result = await this.#send(statements, 'commit', options);
      this.#end('ended', false);
      return result;
    });
  }

  rollback(): Promise<UnitResult> {
    return this.#gate.inTurn(async () => {
      const connection = this.#connection;
      if (connection) await this.#rollBack(connection);
      else if (this.#gate.state !== 'lost') this.#gate.state = 'ended';
      return { results: [], trips: connection ? 1 : 0 };
    });
  }

  async #send(statements: readonly Statement[], durable: Call['durable'], options: CallOptions): Promise<UnitResult> {
    const begin = this.#connection ? undefined : this.#begin;
    const connection = (this.#connection ??= await this.#acquire(options));
    const sent = await send(connection, { begin, statements: statements.map(toStep), durable }, options);
    if ('result' in sent) {
      if (begin && this.#isIdentified) this.#id = sent.begun!.rows[0]![0]!;
      return sent.result;
    }
    if (sent.connection === 'lost') this.#end('lost', true);
    else if (sent.connection === 'failed') await this.#fail(connection, durable, sent.whole);
    else if (begin) this.#giveBack(false);
    throw sent.failure;
  }

  async #fail(connection: Connection, durable: Call['durable'], whole: boolean): Promise<void> {
    if (durable === 'none') this.#gate.state = 'failed';
    else if (whole) this.#end('ended', false);
    else await this.#rollBack(connection);
  }

  async #rollBack(connection: Connection): Promise<void> {
    const done = await connection.query(ROLLBACK).then(
      () => true,
      () => false,
    );
    // A server that cannot be told rolls back by itself when the connection ends.
    this.#end('ended', !done);
  }

  #end(state: 'lost' | 'ended', broken: boolean): void {
    this.#gate.state = state;
    this.#giveBack(broken);
  }

  #giveBack(broken: boolean): void {
    this.#connection?.release(broken);
    this.#connection = undefined;
  }
}
