import type { PlannedStatement } from '../../compiler/dialect.ts';
import type { StatementResult } from '../../driver/driver.ts';
import type { EngineCore } from '../../engine/engine.ts';
import { collectWork } from '../unit-of-work/collect.ts';
import { planCommit } from '../unit-of-work/plan.ts';
import { Settler, sentLinks } from '../unit-of-work/settle.ts';
import { explainFailure } from './failure.ts';
import type { Holdings, Journal } from './journal.ts';

/** Sends the statements of a flush as one unit. */
export type Send = (statements: readonly PlannedStatement[]) => Promise<readonly StatementResult[]>;

/** Writes everything pending as one unit, and brings memory in step once it is done. Sends nothing when there is nothing. */
export async function flush(
  holdings: Holdings,
  engine: EngineCore,
  journal: Journal | undefined,
  send: Send,
): Promise<void> {
  const work = collectWork(holdings);
  const plan = planCommit(work, holdings);
  const { dialect, limits } = engine.driver;
  const statements = plan.operations.length > 0 ? dialect.plan(plan, limits) : [];
  const links = sentLinks(work, holdings);
  let results: readonly StatementResult[];
  try {
    results = await send(statements);
  } catch (error) {
    throw explainFailure(error, plan);
  }
  journal?.record([
    ...work.insertions.keys(),
    ...work.changes.map(({ state }) => state),
    ...work.deletions,
    ...work.swept,
  ]);
  new Settler(work, plan, holdings, holdings.context).settle(statements, results, links, holdings);
}
