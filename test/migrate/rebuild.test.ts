import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { graph, tryGraph } from './rebuild-cases.ts';

const runs = Number(process.env['REBUILD_RUNS'] ?? 40);
const seed = Number(process.env['SEED'] ?? Math.trunc(Math.random() * 2 ** 31));

test(`no row of any table is lost or changed (SEED=${seed})`, { timeout: 60_000 + runs * 1000 }, async () => {
  const total = { rows: 0, rebuilt: 0, changed: 0 };
  await fc.assert(
    fc.asyncProperty(graph, async (given) => {
      const done = await tryGraph(nodeSqlite(new DatabaseSync(':memory:')), given);
      for (const key of ['rows', 'rebuilt', 'changed'] as const) total[key] += done[key];
    }),
    { numRuns: runs, seed, endOnFailure: process.env['SHRINK'] === undefined },
  );
  console.log(`rebuild: ${JSON.stringify({ seed, runs, ...total })}`);
  expect(total.rebuilt).toBeGreaterThan(runs);
});
