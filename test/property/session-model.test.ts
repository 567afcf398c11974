import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { program } from './session-program.ts';
import { Model } from './session-schema.ts';
import { emptied, World } from './session-world.ts';

/** Runs; `SESSION_SEED` and `SESSION_PATH` replay what a failure printed. */
const runs = Number(process.env['SESSION_RUNS'] ?? 10_000);
// The same programs each time, so that a change is judged by itself; `npm run fuzz` takes others.
const given = process.env['SESSION_SEED'] ?? '20261120';
const seed = given === 'random' ? (Math.random() * 2 ** 31) | 0 : Number(given);
const path = process.env['SESSION_PATH'];

test(`a session is its model: ${runs} programs, seed ${seed}`, { timeout: 3_000_000 }, async () => {
  const db = await freshDatabase(libsql(createClient({ url: ':memory:' })), Model.metadata);
  let steps = 0;
  console.log(`session model: SESSION_SEED=${seed} SESSION_RUNS=${runs}`);
  await fc.assert(
    fc.asyncProperty(program, async (taken) => {
      await emptied(db);
      const world = new World(db);
      for (const step of taken) await world.take(step);
      await world.take({ do: 'commit' });
      steps += taken.length;
    }),
    {
      numRuns: runs,
      timeout: 60_000,
      seed,
      ...(path !== undefined && { path }),
      endOnFailure: process.env['SESSION_NO_SHRINK'] !== undefined,
    },
  );
  expect(steps).toBeGreaterThan(0);
  console.log(`session model: ${steps} steps`);
});
