/** Random choices that follow from a seed, the same in every runtime. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits (mulberry32). */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number from 0 to `below`, without it. */
  below(below: number): number {
    return this.bits() % below;
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** `count` random bits, where `count` itself is random up to `most`: small numbers are as likely as large ones. */
  bigint(most: number): bigint {
    const count = BigInt(this.below(most + 1));
    const all =
      (BigInt(this.bits()) << 96n) | (BigInt(this.bits()) << 64n) | (BigInt(this.bits()) << 32n) | BigInt(this.bits());
    return all & ((1n << count) - 1n);
  }

  list<T>(length: number, make: () => T): T[] {
    return Array.from({ length }, make);
  }
}
