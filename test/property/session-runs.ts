import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { TestDriver } from '../support/database.ts';
import { block, edit, program } from './session-program.ts';
import { openPrograms } from './session-world.ts';

// The same programs each time, so that a change is judged by itself; `npm run fuzz` takes others.
const given = process.env['SESSION_SEED'] ?? '20261120';
export const seed = given === 'random' ? (Math.random() * 2 ** 31) | 0 : Number(given);

/** How many programs; `SESSION_SEED` and `SESSION_PATH` replay what a failure printed. */
export const runsOf = (fallback: number): number => Number(process.env['SESSION_RUNS'] ?? fallback);

function parameters(numRuns: number) {
  const path = process.env['SESSION_PATH'];
  const endOnFailure = process.env['SESSION_NO_SHRINK'] !== undefined;
  return { numRuns, timeout: 60_000, seed, endOnFailure, ...(path !== undefined && { path }) };
}

/** Random programs of a session: what each leaves in the database and in memory is what the reference says. */
export async function runPrograms(driver: TestDriver, runs: number): Promise<void> {
  console.log(`session programs: SESSION_SEED=${seed} SESSION_RUNS=${runs}`);
  const programs = await openPrograms(driver);
  let steps = 0;
  const law = fc.asyncProperty(program, async (taken) => {
    const world = await programs.world();
    for (const step of taken) await world.take(step);
    await world.take({ do: 'commit' });
    steps += taken.length;
  });
  await fc.assert(law, parameters(runs));
  expect(steps).toBeGreaterThan(0);
  console.log(`session programs: ${steps} steps`);
}

/** Random transactions, with savepoints, after random programs. */
export async function runTransactions(driver: TestDriver, runs: number): Promise<void> {
  console.log(`session transactions: SESSION_SEED=${seed} SESSION_RUNS=${runs}`);
  const programs = await openPrograms(driver);
  const law = fc.asyncProperty(
    fc.array(edit, { maxLength: 12 }),
    fc.array(block, { minLength: 1, maxLength: 3 }),
    async (before, blocks) => {
      const world = await programs.world();
      for (const step of before) await world.take(step);
      await world.take({ do: 'commit' });
      for (const each of blocks) {
        await world.transaction(each);
        await world.take({ do: 'commit' });
      }
    },
  );
  await fc.assert(law, parameters(runs));
  expect(programs.db.engine.interactive).toBe(true);
}
