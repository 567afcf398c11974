import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../cpu/measure.ts';
import { bundleWorker } from './bundle.ts';
import { RunningWorker } from './run-worker.ts';

/** What a Worker costs: KiB of its bundle, and processor time. */
export interface EdgeCost {
  readonly name: string;
  readonly gzip: number;
  /** Milliseconds above a Worker that does nothing. */
  readonly evaluation: number;
  readonly first: number;
  /** Microseconds, when it is warm. */
  readonly request: number;
}

const TIMES = 2000;

/** Starts each Worker anew in every round, and takes away what an empty one costs in the same round. */
export async function measureWorkers(names: readonly string[], rounds: number): Promise<EdgeCost[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cinnabar-edge-'));
  const bundles = await Promise.all(['empty', ...names].map((name) => bundleWorker(name)));
  const told = new Set(bundles.slice(1).map((bundle) => bundle.told));
  if (told.size > 1) throw new Error(`the Workers tell different things: ${[...told].join(' ')}`);
  const costs = bundles.map((): Omit<EdgeCost, 'name' | 'gzip'>[] => []);
  try {
    for (let round = -1; round < rounds; round++) {
      const all = [];
      for (const { code } of bundles) {
        await using worker = await RunningWorker.start(folder, code);
        await worker.ask(0);
        const started = worker.cpu();
        await worker.ask(1);
        const first = worker.cpu() - started;
        await worker.ask(TIMES);
        const warm = worker.cpu();
        await worker.ask(TIMES);
        all.push({ evaluation: started, first, request: ((worker.cpu() - warm) / TIMES) * 1000 });
      }
      const [empty] = all;
      // The first round is for the disk.
      if (round < 0) continue;
      all.forEach((each, at) =>
        costs[at]!.push({
          evaluation: each.evaluation - empty!.evaluation,
          first: each.first - empty!.first,
          request: each.request,
        }),
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return names.map((name, at) => {
    const own = costs[at + 1]!;
    return {
      name,
      gzip: bundles[at + 1]!.gzip / 1024,
      evaluation: median(own.map((each) => each.evaluation)),
      first: median(own.map((each) => each.first)),
      request: median(own.map((each) => each.request)),
    };
  });
}
