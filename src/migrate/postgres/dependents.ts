import type { IndexSnapshot, TableSnapshot } from '../snapshot.ts';

/** The indexes of a table with an expression or a condition that reads something, or with one of these columns. */
export function readIndexes(
  { indexes }: TableSnapshot,
  reads: (text: string) => boolean,
  names: readonly string[],
): IndexSnapshot[] {
  return indexes.filter(
    ({ on, where = '' }) =>
      reads(where) || on.some(({ column = '', expression = '' }) => names.includes(column) || reads(expression)),
  );
}
