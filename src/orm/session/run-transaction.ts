import type { PlannedStatement } from '../../compiler/dialect.ts';
import type { EngineCore } from '../../engine/engine.ts';
import { isCinnabarError } from '../../errors/base.ts';
import { flush, type Send } from './flush.ts';
import { restoreAll, type Holdings } from './journal.ts';
import { TransactionScope } from './transaction-scope.ts';

export interface TransactionOptions {
  isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** How many times the whole function may run again, with a fresh session, when the database could not serialize it. */
  retries?: number;
}

/** What a transaction needs of its session. */
export interface TransactionHost {
  readonly engine: EngineCore;
  readonly holdings: Holdings;
  /** Puts the session into the transaction, and out of it again. */
  enter(scope: TransactionScope | undefined): void;
  /** From here on the session is the transaction's. */
  finish(): void;
  readonly send: Send;
  count(trips: number): void;
}

/** Begins, runs the work, and commits together with the last flush; rolls back, in memory too, when anything fails. */
export async function runTransaction<R>(
  host: TransactionHost,
  work: () => Promise<R>,
  again: () => Promise<R>,
  options: TransactionOptions,
): Promise<R> {
  const { engine, holdings } = host;
  const scope = await TransactionScope.begin(engine);
  host.enter(scope);
  try {
    const result = await work();
    host.finish();
    await flush(holdings, engine, scope.journal, async (statements: readonly PlannedStatement[]) => {
      const { results, trips } = await scope.commit(statements);
      host.count(trips);
      return results;
    });
    host.enter(undefined);
    return result;
  } catch (error) {
    host.enter(undefined);
    // The first error is the cause; that of the rollback would hide it.
    await scope.rollback().catch(() => undefined);
    scope.journal.restore(holdings);
    restoreAll(holdings);
    if (isCinnabarError(error) && error.retryable && error.outcome !== 'unknown' && (options.retries ?? 0) > 0)
      return again();
    throw error;
  }
}

/** Runs the work within a savepoint. */
export async function runNested<R>(
  scope: TransactionScope,
  holdings: Holdings,
  flushNow: () => Promise<void>,
  work: () => Promise<R>,
): Promise<R> {
  await flushNow();
  await scope.savepoint();
  try {
    const result = await work();
    await flushNow();
    await scope.release();
    return result;
  } catch (error) {
    // The first error is the cause; that of the rollback would hide it.
    const journal = await scope.rollbackTo().catch(() => undefined);
    journal?.restore(holdings);
    restoreAll(holdings);
    throw error;
  }
}
