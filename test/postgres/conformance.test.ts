import { type ConformanceTotals, driverCases, runCase } from 'cinnabar/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresDatabase } from '../support/postgres.ts';
import { type Opened, ways } from '../support/postgres-ways.ts';

const url = postgresDatabase();

/** What the databases of the family lack, whichever way one takes to them; transactions only the way over HTTP lacks. */
const LACKS = [
  'INSERT of the database has no OR FAIL, OR ROLLBACK, OR REPLACE',
  'a column of the database has one type, to which values are converted or refused',
  'a sequence of the database knows nothing of keys that were given, and skips those of failed units',
  'how deep an expression may be is a setting of the server',
  'integers come as text, whatever their size',
  'the database compares text with regard to case',
  'the database has no EXPLAIN QUERY PLAN',
  'the database has no PRAGMA',
  'the database has no json_tree()',
  'the database has no last_insert_rowid(): its units draw keys from sequences',
  'the database makes no key a second time',
  'the database rounds a fraction that is put into a column of integers',
  'the driver has no bookmarks',
  'the driver has no limit',
];

describe.each(Object.entries(ways))('%s', (name, open) => {
  const totals: Record<keyof ConformanceTotals, number> = { passed: 0, failed: 0, skipped: 0 };
  let opened: Opened;
  beforeAll(async () => void (opened = await open(url(), url())));
  afterAll(async () => {
    await opened.close();
    console.log(`${name}: ${JSON.stringify(totals)}`);
  });

  test.for(driverCases)('$name', { timeout: 120_000 }, async (driverCase, { skip }) => {
    const { status, reason, error } = await runCase(driverCase, opened.driver);
    totals[status] += 1;
    if (status === 'skipped') skip(reason);
    if (status === 'failed') throw error;
  });

  test('what is skipped is skipped for what the database or the driver lacks', () => {
    const reasons = driverCases.map(({ requires }) => requires?.(opened.driver)).filter((one) => one !== undefined);
    const expected = [...LACKS, ...(opened.driver.interactive ? [] : ['the driver has no interactive transactions'])];
    expect([...new Set(reasons)].toSorted()).toEqual(expected.toSorted());
  });
});
