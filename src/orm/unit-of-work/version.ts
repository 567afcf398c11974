import type { MappedColumn } from '../mapping/mapper.ts';

/** The version of a row after `previous`; the first where that is undefined. */
export function nextVersion({ type, column }: MappedColumn, previous: unknown): unknown {
  if (column.spec.next) return column.spec.next(previous);
  if (type.kind === 'uuid') return crypto.randomUUID();
  if (type.kind === 'integer') return Number(previous ?? 0) + 1;
  // Never the same within one millisecond.
  return new Date(Math.max(Date.now(), Number(previous ?? 0) + 1));
}
