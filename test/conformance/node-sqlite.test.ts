import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Driver } from 'cinnabar';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { type ConformanceTotals, driverCases, runCase } from 'cinnabar/testing';
import { afterAll, describe, expect, test } from 'vitest';

const dir = mkdtempSync(join(tmpdir(), 'cinnabar-node-sqlite-'));
afterAll(() => rmSync(dir, { recursive: true }));

const paths = { 'a file': join(dir, 'conformance.db'), 'memory': ':memory:' };

describe.for(Object.entries(paths))('node:sqlite over %s', ([over, path]) => {
  const totals: Record<keyof ConformanceTotals, number> = { passed: 0, failed: 0, skipped: 0 };
  const database = new DatabaseSync(path);
  database.exec('pragma synchronous = off');
  const driver = (): Driver => nodeSqlite(database, { lockTimeout: 50 });
  afterAll(() => {
    database.close();
    console.log(`node:sqlite over ${over}: ${JSON.stringify(totals)}`);
  });

  test.for(driverCases)('$name', async (driverCase, { skip }) => {
    const { status, reason, error } = await runCase(driverCase, driver());
    totals[status] += 1;
    if (status === 'skipped') skip(reason);
    if (status === 'failed') throw error;
  });

  test('what is skipped is skipped for one reason', () => {
    const reasons = driverCases.map(({ requires }) => requires?.(driver())).filter((reason) => reason !== undefined);
    expect(reasons).toEqual(['the driver has no bookmarks']);
  });
});
