/** How many cases a property tries: few in the normal suite, all of them by `npm run fuzz:safety`. */
export function runs(few: number, all: number): number {
  return process.env['SAFETY'] === 'full' ? all : few;
}

/** A seed that `SAFETY_SEED` gives, or a fixed one in the normal suite, and another each time by `npm run fuzz:safety`. */
export function seedOf(): number {
  const given = process.env['SAFETY_SEED'];
  if (given !== undefined) return Number(given);
  return process.env['SAFETY'] === 'full' ? Math.floor(Math.random() * 2 ** 31) : 20_261_120;
}

/** Numbers by chance from a seed (mulberry32): a hundred times faster than a framework's, and the same everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }
  chance(of: number): boolean {
    return this.next() < of;
  }
  pick<const T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
  list<T>(length: number, make: (at: number) => T): T[] {
    return Array.from({ length }, (_, at) => make(at));
  }
}

/** Runs `work` for each case; a failure says by which seed and case to see it again. */
export async function tryAll(
  what: string,
  count: number,
  work: (random: Random, at: number) => unknown,
): Promise<void> {
  const seed = seedOf();
  const started = performance.now();
  const random = new Random(seed);
  for (let at = 0; at < count; at++) {
    try {
      const pending = work(random, at);
      if (pending instanceof Promise) await pending;
    } catch (error) {
      throw new Error(`${what}: case ${at} of SAFETY_SEED=${seed}`, { cause: error });
    }
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${what}: ${count.toLocaleString('en')} cases, SAFETY_SEED=${seed}, ${seconds} s`);
}
