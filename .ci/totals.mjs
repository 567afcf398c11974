// Prints the totals of vitest's JSON reports as one line, and fails where anything failed or nothing ran.
import { readFileSync } from 'node:fs';

const totals = { passed: 0, failed: 0, skipped: 0 };
const kinds = { passed: 'passed', failed: 'failed', pending: 'skipped', skipped: 'skipped', todo: 'skipped' };

for (const path of process.argv.slice(2)) {
  try {
    const before = totals.passed;
    for (const file of JSON.parse(readFileSync(path, 'utf8')).testResults) {
      const failedBefore = totals.failed;
      for (const test of file.assertionResults) totals[kinds[test.status] ?? 'failed'] += 1;
      // A file that breaks outside its tests (on import, in a hook) has failed, whatever its tests say.
      if (file.status !== 'passed' && totals.failed === failedBefore) totals.failed += 1;
    }
    if (totals.passed === before) throw new Error('no test passed');
  } catch (error) {
    console.error(`${path}: ${error.message}`);
    totals.failed += 1;
  }
}
if (totals.passed === 0 && totals.failed === 0) totals.failed = 1;

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 ? 1 : 0;
