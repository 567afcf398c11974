import type { Random } from './random.ts';

/** Values of one type, and what comes back for one. */
export interface Kind {
  /** Values at the edges of the type. */
  readonly edges: readonly unknown[];
  random(random: Random): unknown;
  /** The one form in which a value comes back; the value itself where undefined. */
  stored?(value: never): unknown;
  /** The value in another form, which is one with it; what is stored where undefined. */
  alike?(value: never): unknown;
  /** The value as `toJSON` writes it; what is stored where undefined. */
  json?(stored: never): unknown;
}

/** One value in three is of the edges. */
export function valueOf(kind: Kind, random: Random): unknown {
  return random.chance(33) ? random.of(kind.edges) : kind.random(random);
}

export const pad = (value: number | bigint, width: number): string => String(value).padStart(width, '0');
export const sign = (random: Random): 1 | -1 => (random.chance(50) ? 1 : -1);
