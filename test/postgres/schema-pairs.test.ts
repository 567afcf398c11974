import * as fc from 'fast-check';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pg } from 'cinnabar/pg';
import { pair, tryPair } from '../migrate/pair-cases.ts';
import { tryRename } from '../migrate/rename-cases.ts';
import { postgresDatabase } from '../support/postgres.ts';

const runs = Number(process.env['PAIR_RUNS'] ?? 15);
const seed = Number(process.env['SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const url = postgresDatabase();
let pool: Pool;
beforeAll(() => void (pool = new Pool({ connectionString: url(), pipeline: true })));
afterAll(() => pool.end());

test(
  `one schema after the other, and nothing is left to do (SEED=${seed})`,
  { timeout: 120_000 + runs * 3000 },
  async () => {
    let operations = 0;
    await fc.assert(
      fc.asyncProperty(pair, async (given) => {
        operations += await tryPair(pg(pool), given);
      }),
      { numRuns: runs, seed, endOnFailure: process.env['SHRINK'] === undefined },
    );
    console.log(`pairs: ${JSON.stringify({ name: 'postgres', seed, runs, operations })}`);
    expect(operations).toBeGreaterThan(runs);
  },
);

test('a rename of tables and columns with data keeps it', () => tryRename(pg(pool)));
