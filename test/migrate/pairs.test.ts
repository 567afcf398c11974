import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pair, tryPair } from './pair-cases.ts';

const runs = Number(process.env['PAIR_RUNS'] ?? 40);
const seed = Number(process.env['SEED'] ?? Math.trunc(Math.random() * 2 ** 31));

test(
  `one schema after the other, and nothing is left to do (SEED=${seed})`,
  { timeout: 60_000 + runs * 1000 },
  async () => {
    let operations = 0;
    await fc.assert(
      fc.asyncProperty(pair, async (given) => {
        operations += await tryPair(nodeSqlite(new DatabaseSync(':memory:')), given);
      }),
      { numRuns: runs, seed, endOnFailure: process.env['SHRINK'] === undefined },
    );
    console.log(`pairs: ${JSON.stringify({ seed, runs, operations })}`);
    expect(operations).toBeGreaterThan(runs);
  },
);
