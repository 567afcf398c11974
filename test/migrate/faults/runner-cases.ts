import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Driver } from 'cinnabar';
import { expect, test } from 'vitest';
import { rowsOf } from '../support.ts';

const program = fileURLToPath(new URL('./runner.ts', import.meta.url));
const isFull = process.env['MIGRATIONS'] === 'full';
/** Rounds, and in how many of them the one that holds the lease is killed. */
const ROUNDS = isFull ? 50 : 3;
const KILLED = isFull ? 10 : 1;
const RUNNERS = 8;
/** How long a holder that is to be killed would stay within its step. */
const FOR_EVER = '600000';

interface Runner {
  /** What it applied; undefined for one that was killed. */
  readonly ran: Promise<readonly string[] | undefined>;
  readonly holding: Promise<void>;
  kill(): void;
}

function start(kind: string, address: string, round: number, hold = ''): Runner {
  const child = spawn(process.execPath, [program, kind, address, String(round), hold], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  let held = (): void => {};
  const holding = new Promise<void>((resolve) => (held = resolve));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (out.includes('holding')) held();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ran = new Promise<readonly string[] | undefined>((resolve, reject) => {
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(undefined);
      else if (code === 0) resolve(JSON.parse(out.trim().split('\n').at(-1)!) as string[]);
      else reject(new Error(`a runner ended with ${code}: ${err.slice(0, 2000)}`));
    });
  });
  return { ran, holding, kill: () => void child.kill('SIGKILL') };
}

/** Processes that migrate one database at once, for rounds; in some the one that holds the lease is killed. */
export function runnerCases(kind: string, address: () => string, open: () => Promise<Driver>): void {
  test(`eight processes at once, ${ROUNDS} rounds, the holder killed in ${KILLED}: each revision once`, async () => {
    const applied = new Map<string, number>();
    let longest = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const isKilled = round > ROUNDS - KILLED;
      const holder = isKilled ? start(kind, address(), round, FOR_EVER) : undefined;
      await holder?.holding;
      const runners = Array.from({ length: RUNNERS - (holder ? 1 : 0) }, () => start(kind, address(), round));
      holder?.kill();
      const died = performance.now();
      await holder?.ran;
      for (const runner of runners)
        for (const id of (await runner.ran) ?? []) applied.set(id, (applied.get(id) ?? 0) + 1);
      if (isKilled) longest = Math.max(longest, performance.now() - died);
    }
    const driver = await open();
    const [row] = await rowsOf(driver, 'select n from counters');
    expect(Number(row![0])).toBe(ROUNDS * 101);
    for (const [id, times] of applied) expect({ id, times }).toEqual({ id, times: 1 });
    console.log(
      `${driver.name}: ${RUNNERS} processes, ${ROUNDS} rounds, ${KILLED} holders killed: each revision once; all had ended ${(longest / 1000).toFixed(1)} s after a kill, at the latest`,
    );
  });
}
