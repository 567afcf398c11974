import type { Driver } from '../driver/driver.ts';
import { atomicityCases } from './cases/atomicity.ts';
import { callCases } from './cases/calls.ts';
import { changeCases } from './cases/changes.ts';
import { concurrencyCases } from './cases/concurrency.ts';
import { constraintCases } from './cases/constraints.ts';
import { definitionCases } from './cases/definitions.ts';
import { errorCases } from './cases/errors.ts';
import { generatedKeyCases } from './cases/generated-keys.ts';
import { jsonCases } from './cases/json.ts';
import { keyCases } from './cases/keys.ts';
import { limitCases } from './cases/limits.ts';
import { mistakeCases } from './cases/mistakes.ts';
import { rowCases } from './cases/rows.ts';
import { savepointCases } from './cases/savepoints.ts';
import { selectCases } from './cases/selects.ts';
import { storedCases } from './cases/stored.ts';
import { transactionCases } from './cases/transactions.ts';
import { unitCases } from './cases/units.ts';
import { valueCases } from './cases/values.ts';
import { writeCases } from './cases/writes.ts';
import { type ConformanceCase, type ConformanceResult, type ConformanceTotals, runCase } from './conformance.ts';

/** Everything that a driver must do, as data for any test runner. */
export const driverCases: readonly ConformanceCase[] = [
  ...rowCases,
  ...valueCases,
  ...storedCases,
  ...selectCases,
  ...jsonCases,
  ...writeCases,
  ...changeCases,
  ...definitionCases,
  ...unitCases,
  ...atomicityCases,
  ...concurrencyCases,
  ...keyCases,
  ...generatedKeyCases,
  ...errorCases,
  ...constraintCases,
  ...mistakeCases,
  ...limitCases,
  ...callCases,
  ...transactionCases,
  ...savepointCases,
];

/**
 * Runs every case against a driver of its own, one after the other, and reports each as it ends.
 *
 * @example
 * const { failed } = await runConformance(() => d1(env.DB), ({ name, status }) => console.log(status, name))
 */
export async function runConformance(
  driverFactory: () => Driver | Promise<Driver>,
  report: (result: ConformanceResult) => void,
): Promise<ConformanceTotals> {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const test of driverCases) {
    const driver = await driverFactory();
    const result = await runCase(test, driver);
    await driver.close();
    totals[result.status] += 1;
    report(result);
  }
  return totals;
}
