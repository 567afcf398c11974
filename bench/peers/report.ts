import { median, type Measured } from './cpu/measure.ts';
import type { OperationName } from './cpu/contender.ts';

/** `1.23 ms`, `45.6 µs`. */
export function time(microseconds: number): string {
  return microseconds >= 1000 ? `${(microseconds / 1000).toFixed(2)} ms` : `${microseconds.toPrecision(3)} µs`;
}

/** A time, and how often it is that of the bare driver in the same round. */
export function cpuCell(measured: Measured, floor: Measured, operation: OperationName): string {
  const rounds = measured.rounds.get(operation);
  if (!rounds || rounds.length === 0) return '–';
  const base = floor.rounds.get(operation);
  const ratio = base && median(rounds.map((each, at) => each / base[at]!));
  return time(median(rounds)) + (ratio ? ` · ${ratio.toFixed(2)}` : '');
}
