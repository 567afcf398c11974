import type { PlannedStatement } from '../../compiler/dialect.ts';
import { compileUnit } from '../../compiler/unit/compile-unit.ts';
import { findGuard } from '../../compiler/write-plan.ts';
import type { StatementResult } from '../../driver/driver.ts';
import type { EngineCore } from '../../engine/engine.ts';
import type { Receipt } from '../../engine/receipt.ts';
import { collectWork } from '../unit-of-work/collect.ts';
import { planCommit, type CommitPlan } from '../unit-of-work/plan.ts';
import { Settler } from '../unit-of-work/settle.ts';
import { explainFailure } from './failure.ts';
import type { Holdings, Journal } from './journal.ts';
import { listening } from './listening.ts';

/** Sends the statements of a flush as one unit. */
export type Send = (statements: readonly PlannedStatement[]) => Promise<readonly StatementResult[]>;

/** Writes everything pending as one unit, and brings memory in step once it is done. Sends nothing when there is nothing. */
export async function flush(
  holdings: Holdings,
  engine: EngineCore,
  journal: Journal | undefined,
  send: Send,
  receipt?: Receipt,
): Promise<void> {
  const listeners = listening.current;
  const heard = listeners?.before(holdings);
  if (heard) await heard;
  const work = collectWork(holdings);
  const plan = planCommit(work, holdings);
  const settler = new Settler(work, plan, holdings, holdings.context);
  const settle: Settle = async (statements, results) => {
    journal?.record(
      [
        ...work.insertions.map(({ state }) => state),
        ...work.changes.map(({ state }) => state),
        // Also those whose key changes, or goes to NULL, with a parent.
        ...work.followers.map(({ child }) => child),
        ...work.deletions,
        ...work.swept,
        ...settler.orphaned,
      ],
      holdings,
    );
    settler.settle(statements, results, holdings);
    if (listeners) await listeners.after(holdings, work);
  };
  await sendPlan(plan, engine, journal !== undefined, send, settle, receipt);
}

/** Brings memory in step with what was written. */
type Settle = (statements: readonly PlannedStatement[], results: readonly StatementResult[]) => Promise<void>;

/** Sends the plan; once more, with its keys noted, where a guard found triggers that may make others. */
async function sendPlan(
  plan: CommitPlan,
  engine: EngineCore,
  inTransaction: boolean,
  send: Send,
  settle: Settle,
  receipt: Receipt | undefined,
): Promise<void> {
  const { dialect, limits } = engine.driver;
  // A transaction does not outlive the failure of a guard.
  const keepKeys = engine.keepsKeys || inTransaction;
  const isEmpty = plan.operations.length === 0 && !(receipt && inTransaction);
  const statements = isEmpty ? [] : compileUnit(plan, dialect, limits, keepKeys, receipt?.unit);
  let results;
  try {
    results = await send(statements);
  } catch (error) {
    receipt?.lost(error, { plan, statements, settle: (found) => settle(statements, found) });
    if (keepKeys || findGuard(error)?.kind !== 'triggers') throw explainFailure(error, plan, dialect.unit.keys);
    engine.keepsKeys = true;
    return sendPlan(plan, engine, inTransaction, send, settle, receipt);
  }
  await settle(statements, results);
}
