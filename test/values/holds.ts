import type { Driver } from 'cinnabar';
import { expect } from 'vitest';
import { type Options, roundTrips } from './round-trips.ts';

/** What vitest.config.ts says; workerd has it as bindings. */
export interface Settings {
  readonly VALUES_RUNS?: string | undefined;
  readonly SEED?: string | undefined;
}

/** How many values go through a database in the process, and through one that is asked over a network or a binding. */
export function valueCounts({ VALUES_RUNS }: Settings): readonly [local: number, remote: number] {
  const count = Number(VALUES_RUNS || 40_000);
  return [count, Math.max(count / 50, Math.min(count / 5, 8000))];
}

/** Sends as many values there and back and says so, with the seed. */
export async function holds(
  name: string,
  driver: Driver,
  { SEED, count, ...options }: Settings & Omit<Options, 'values' | 'seed'> & { readonly count: number },
): Promise<void> {
  const seed = Number(SEED || Math.floor(Math.random() * 2 ** 31));
  const started = performance.now();
  const report = await roundTrips(driver, { ...options, values: count, seed });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { values, reads } = report;
  console.log(`values: ${name}: ${values} there and back, ${reads} reads, 0 changed, ${seconds} s, SEED=${seed}`);
  expect(values).toBeGreaterThanOrEqual(count);
}
