import { test } from 'vitest';
import { sqliteEngines } from './engines.ts';
import { tryPairs } from './pair-cases.ts';

const runs = Number(process.env['PAIR_RUNS'] ?? 40);
const seed = Number(process.env['SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const endOnFailure = process.env['SHRINK'] === undefined;

test.for(sqliteEngines())(
  `%s: one schema after the other, and nothing is left to do (SEED=${seed})`,
  { timeout: 60_000 + runs * 3000 },
  ([name, open]) => tryPairs(name, open, { runs, seed, endOnFailure }),
);
