import type { MappedColumn } from '../mapping/mapper.ts';

/** A column as an own data property, seen by loops and copies unless it is hidden. */
export function defineColumn(entity: Record<string, unknown>, mapped: MappedColumn, value: unknown): void {
  if (!mapped.hidden) entity[mapped.attribute] = value;
  else
    Object.defineProperty(entity, mapped.attribute, { value, writable: true, configurable: true, enumerable: false });
}
