import type {
  CallOptions,
  DriverTransaction,
  Limits,
  Statement,
  StatementResult,
  Unit,
  UnitResult,
} from '../../src/driver/driver.ts';
import { within } from '../../src/driver/call.ts';
import { TransactionGate } from '../../src/driver/transaction-gate.ts';
import type { Turns } from '../../src/driver/turns.ts';
import type { Connection } from './connection.ts';

/** A transaction that has the connection from its first statement to its end. */
export class NodeSqliteTransaction implements DriverTransaction {
  readonly #connection: Connection;
  readonly #turns: Turns;
  readonly #gate: TransactionGate;
  #begun = false;

  constructor(connection: Connection, turns: Turns, limits: Limits) {
    this.#connection = connection;
    this.#turns = turns;
    this.#gate = new TransactionGate(limits);
  }

  execute({ statements }: Unit, options: CallOptions = {}): Promise<UnitResult> {
    return this.#gate.inTurn(async () => {
      this.#gate.admit(statements);
      if (statements.length === 0) return { results: [], trips: 0 };
      await this.#begin(options);
      try {
        const results = this.#connection.run(statements);
        this.#gate.state = 'open';
        return { results, trips: 1 };
      } catch (error) {
        this.#gate.state = 'failed';
        throw error;
      }
    });
  }

  commit(statements: readonly Statement[], options: CallOptions = {}): Promise<UnitResult> {
    return this.#gate.inTurn(async () => {
      this.#gate.admitCommit(statements);
      if (!this.#begun && statements.length === 0) {
        this.#gate.state = 'ended';
        return { results: [], trips: 0 };
      }
      await this.#begin(options);
      return { results: this.#end(() => this.#connection.commit(statements)), trips: 1 };
    });
  }

  rollback(): Promise<UnitResult> {
    return this.#gate.inTurn(async () => {
      const begun = this.#begun;
      if (begun) this.#end(() => this.#connection.rollback());
      this.#gate.state = 'ended';
      return { results: [], trips: begun ? 1 : 0 };
    });
  }

  /** Waits for the connection, if it is not the transaction's already. */
  async #begin(options: CallOptions): Promise<void> {
    if (this.#begun) return within(options, 'not sent', async () => {});
    await this.#turns.wait(options);
    try {
      this.#connection.begin('begin immediate');
      this.#begun = true;
    } catch (error) {
      this.#turns.pass();
      throw error;
    }
  }

  #end<T extends void | StatementResult[]>(work: () => T): T {
    try {
      return work();
    } finally {
      this.#begun = false;
      this.#gate.state = 'ended';
      this.#turns.pass();
    }
  }
}
