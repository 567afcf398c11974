import type { Limits, Statement } from './driver.ts';
import { ConfigurationError, TransactionExpired } from '../errors/errors.ts';
import type { CinnabarError } from '../errors/base.ts';
import { checkStatements } from './call.ts';

const REFUSALS = {
  failed: 'a statement of the transaction failed: roll it back, as a whole or to a savepoint',
  lost: 'the connection of the transaction is gone, and the transaction with it',
  ended: 'the transaction has ended',
};

/**
 * Lets through one call of a transaction at a time, and after a failed one nothing but a rollback, of everything or to a
 * savepoint.
 */
export class TransactionGate {
  readonly #limits: Limits;
  state: 'open' | keyof typeof REFUSALS = 'open';
  #last: Promise<unknown> = Promise.resolve();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Runs the work when the calls before it are over. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Refuses statements that may not be sent now. */
  admit(statements: readonly Statement[]): void {
    checkStatements(statements, this.#limits);
    const toSavepoint = /^\s*rollback\s+to\b/i.test(statements[0]?.sql ?? '');
    if (this.state !== 'open' && !(this.state === 'failed' && toSavepoint)) throw refusal(this.state);
  }

  /** Refuses statements with which the transaction may not be committed now. */
  admitCommit(statements: readonly Statement[]): void {
    this.admit(statements);
    if (this.state === 'failed') throw refusal('failed');
  }
}

function refusal(state: keyof typeof REFUSALS): CinnabarError {
  return new (state === 'lost' ? TransactionExpired : ConfigurationError)(REFUSALS[state]);
}
