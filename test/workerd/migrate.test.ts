import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pair, tryPair } from '../migrate/pair-cases.ts';
import { graph, tryGraph } from '../migrate/rebuild-cases.ts';
import { tryRename } from '../migrate/rename-cases.ts';

const runs = Number(env.MIGRATE_RUNS || 15);
const seed = Number(env.SEED || Math.trunc(Math.random() * 2 ** 31));

test(`d1: no row of any table is lost or changed (SEED=${seed})`, { timeout: 60_000 + runs * 3000 }, async () => {
  const total = { rows: 0, rebuilt: 0, changed: 0 };
  await fc.assert(
    fc.asyncProperty(graph, async (given) => {
      const done = await tryGraph(d1(env.DB), given);
      for (const key of ['rows', 'rebuilt', 'changed'] as const) total[key] += done[key];
    }),
    { numRuns: runs, seed, endOnFailure: true },
  );
  console.log(`rebuild: ${JSON.stringify({ name: 'd1', seed, runs, ...total })}`);
  expect(total.rebuilt).toBeGreaterThan(runs);
});

test(`d1: one schema after the other (SEED=${seed})`, { timeout: 60_000 + runs * 3000 }, async () => {
  let operations = 0;
  await fc.assert(
    fc.asyncProperty(pair, async (given) => {
      operations += await tryPair(d1(env.DB), given);
    }),
    { numRuns: runs, seed, endOnFailure: true },
  );
  console.log(`pairs: ${JSON.stringify({ name: 'd1', seed, runs, operations })}`);
  expect(operations).toBeGreaterThan(runs);
});

test('d1: a rename of tables and columns with data keeps it', () => tryRename(d1(env.DB)));
