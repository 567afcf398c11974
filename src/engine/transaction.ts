import type { CallOptions, Driver, Unit, UnitResult } from '../driver/driver.ts';
import type { Memory, OpenTransaction, runTransaction } from '../driver/run-transaction.ts';
import { CapabilityError } from '../errors/errors.ts';
import { StatementRunner, type Statements } from './statements.ts';

/** An open transaction of an engine. Once it has ended, every call of it is refused. */
export interface EngineTransaction extends Statements {
  /** A savepoint around `work`: what it did is undone alone where it rejects. It takes no round trip of its own. */
  nested<R>(work: (tx: EngineTransaction) => Promise<R>): Promise<R>;
}

/**
 * What runs the transactions of a driver.
 *
 * @throws CapabilityError on a driver that has none.
 */
export function transactionsOf(driver: Driver): typeof runTransaction {
  if (driver.begin && driver.runTransaction) return driver.runTransaction;
  throw new CapabilityError(
    `the driver '${driver.name}' has no interactive transactions: collect the changes and commit() them as one atomic unit`,
  );
}

/** What runs statements in an open transaction, and nowhere else. */
export class TransactionStatements extends StatementRunner implements EngineTransaction {
  override readonly inTransaction = true;
  readonly #open: OpenTransaction<Memory>;

  constructor(driver: Driver, open: OpenTransaction<Memory>) {
    super(driver);
    this.#open = open;
  }

  execute(unit: Unit, options?: CallOptions): Promise<UnitResult> {
    return this.#open.execute(unit, options);
  }

  nested<R>(work: (tx: EngineTransaction) => Promise<R>): Promise<R> {
    return this.#open.nested(() => work(this));
  }
}
