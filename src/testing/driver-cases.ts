import type { Driver } from '../driver/driver.ts';
import { callCases } from './cases/calls.ts';
import { errorCases } from './cases/errors.ts';
import { keyCases } from './cases/keys.ts';
import { limitCases } from './cases/limits.ts';
import { rowCases } from './cases/rows.ts';
import { transactionCases } from './cases/transactions.ts';
import { unitCases } from './cases/units.ts';
import { valueCases } from './cases/values.ts';
import { type ConformanceCase, type ConformanceResult, type ConformanceTotals, runCase } from './conformance.ts';

/** Everything that a driver must do, as data for any test runner. */
export const driverCases: readonly ConformanceCase[] = [
  ...rowCases,
  ...valueCases,
  ...unitCases,
  ...keyCases,
  ...errorCases,
  ...limitCases,
  ...callCases,
  ...transactionCases,
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
