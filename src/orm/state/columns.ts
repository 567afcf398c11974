import type { MappedColumn } from '../mapping/mapper.ts';

/** A column as an own data property, seen by loops and copies unless it is hidden. What is guarded looks at assignments. */
export function defineColumn(entity: Record<string, unknown>, mapped: MappedColumn, value: unknown): void {
  if (mapped.plain) entity[mapped.attribute] = value;
  else if (mapped.column.spec.guard) mapped.column.spec.guard.define(entity, mapped as never, value);
  else
    Object.defineProperty(entity, mapped.attribute, { value, writable: true, configurable: true, enumerable: false });
}
