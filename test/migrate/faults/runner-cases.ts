import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Driver } from 'cinnabar';
import { expect } from 'vitest';
import { rowsOf } from '../support.ts';
import type { Round } from './runner.ts';

const program = fileURLToPath(new URL('./runner.ts', import.meta.url));
const isFull = process.env['MIGRATIONS'] === 'full';
/** Rounds, and in how many of them the one that holds the lease is killed. */
const ROUNDS = isFull ? 50 : 3;
const KILLED = isFull ? 10 : 1;
const RUNNERS = 8;
/** How long a holder that is to be killed would stay within its step. */
const FOR_EVER = 600_000;

/** A process that migrates, round after round. */
class Runner {
  readonly #child: ChildProcess;

  constructor(kind: string, address: string) {
    this.#child = fork(program, [kind, address], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  /** What it applied. */
  async run(round: number): Promise<readonly string[]> {
    this.#tell({ round, hold: 5 });
    for (;;) {
      const message = await this.#message();
      if (Array.isArray(message)) return message as string[];
      if (message !== 'holding') throw new Error(`a runner failed: ${JSON.stringify(message)}`);
    }
  }

  /** Stays within its data step, and holds the lease. */
  async hold(round: number): Promise<void> {
    this.#tell({ round, hold: FOR_EVER });
    expect(await this.#message()).toBe('holding');
  }

  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  #tell(round: Round): void {
    this.#child.send(round);
  }

  async #message(): Promise<unknown> {
    const gone = new AbortController();
    const exit = once(this.#child, 'exit', gone).then(([code]) => {
      throw new Error(`a runner ended with ${String(code)}`);
    });
    try {
      const [message] = (await Promise.race([once(this.#child, 'message', gone), exit])) as [unknown];
      return message;
    } finally {
      exit.catch(() => undefined);
      gone.abort();
    }
  }
}

/** Processes that migrate one database at once, for rounds; in some the one that holds the lease is killed. */
export async function tryRunners(kind: string, address: string, driver: Driver): Promise<void> {
  const start = (): Runner => new Runner(kind, address);
  const runners = Array.from({ length: RUNNERS }, start);
  try {
    const applied = new Map<string, number>();
    let longest = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const isKilled = round > ROUNDS - KILLED;
      const [holder, ...others] = runners as [Runner, ...Runner[]];
      if (isKilled) await holder.hold(round);
      const all = (isKilled ? others : runners).map((runner) => runner.run(round));
      const died = performance.now();
      if (isKilled) {
        await holder.kill();
        runners[0] = start();
      }
      for (const ran of await Promise.all(all)) for (const id of ran) applied.set(id, (applied.get(id) ?? 0) + 1);
      if (isKilled) longest = Math.max(longest, performance.now() - died);
    }
    const [row] = await rowsOf(driver, 'select n from counters');
    expect(Number(row![0])).toBe(ROUNDS * 101);
    // What a holder had applied before it was killed, it did not say.
    expect(applied.size).toBeGreaterThanOrEqual(1 + 2 * ROUNDS - KILLED);
    for (const [id, times] of applied) expect({ id, times }).toEqual({ id, times: 1 });
    console.log(
      `${driver.name}: ${RUNNERS} processes, ${ROUNDS} rounds, ${KILLED} holders killed: each revision once; all had ended ${(longest / 1000).toFixed(1)} s after a kill, at the latest`,
    );
  } finally {
    await Promise.all(runners.map((runner) => runner.kill()));
  }
}
