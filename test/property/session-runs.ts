import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { TestDriver } from '../support/database.ts';
import { block, edit, program } from './session-program.ts';
import { openPrograms } from './session-world.ts';

type Settings = Readonly<Record<string, string | undefined>>;

/** Not every runtime of the tests has a process: a Worker has bindings. */
const { process } = globalThis as { readonly process?: { readonly env: Settings } };

/** Which programs there are, and how many; `SESSION_SEED` and `SESSION_PATH` replay what a failure printed. */
export interface Runs {
  readonly runs: number;
  readonly seed: number;
  readonly path: string | undefined;
  readonly endOnFailure: boolean;
}

/** @param fallback how many programs, where the settings say nothing. */
export function runsOf(fallback: number, settings: Settings = process?.env ?? {}): Runs {
  // The same programs each time, so that a change is judged by itself; `npm run fuzz` takes others.
  const seed = settings['SESSION_SEED'] || '20261120';
  return {
    runs: Number(settings['SESSION_RUNS'] || fallback),
    seed: seed === 'random' ? (Math.random() * 2 ** 31) | 0 : Number(seed),
    path: settings['SESSION_PATH'] || undefined,
    endOnFailure: settings['SESSION_NO_SHRINK'] !== undefined,
  };
}

/** Of a title. */
export const named = ({ runs, seed }: Runs): string => `${runs} programs, seed ${seed}`;

function parameters({ runs, seed, path, endOnFailure }: Runs) {
  return { numRuns: runs, timeout: 60_000, seed, endOnFailure, ...(path !== undefined && { path }) };
}

/** Random programs of a session: what each leaves in the database and in memory is what the reference says. */
export async function runPrograms(driver: TestDriver, runs: Runs): Promise<void> {
  console.log(`session programs: SESSION_SEED=${runs.seed} SESSION_RUNS=${runs.runs}`);
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
export async function runTransactions(driver: TestDriver, runs: Runs): Promise<void> {
  console.log(`session transactions: SESSION_SEED=${runs.seed} SESSION_RUNS=${runs.runs}`);
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
