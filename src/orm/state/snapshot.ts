import type { Codec } from '../../compiler/dialect.ts';
import type { CinnabarError } from '../../errors/base.ts';
import { InvalidValueError } from '../../errors/errors.ts';
import { kindOf } from '../../util/brand.ts';
import type { MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState } from './instance-state.ts';

/** The value of a column when the entity was last in step with the database; undefined when it was not read. */
export function storedValue(state: InstanceState, mapped: MappedColumn, codecs: readonly Codec[]): unknown {
  const at = state.positions?.[mapped.index] ?? -1;
  if (at < 0 || !state.row) return undefined;
  const raw = state.row[at];
  const codec = codecs[mapped.index]!;
  return codec.plain ? raw : codec.decode(raw);
}

/** Whether the program changed a column since: decoded values are compared, by the column's type. */
export function isChanged(state: InstanceState, mapped: MappedColumn, codecs: readonly Codec[]): boolean {
  const value = state.entity[mapped.attribute];
  const at = state.positions![mapped.index]!;
  if (at < 0) return value !== undefined;
  const raw = state.row![at];
  if (value === raw) return false;
  if (raw === null || value === undefined) return true;
  const codec = codecs[mapped.index]!;
  const stored = codec.plain ? raw : codec.decode(raw);
  // A document may be null where the column is not NULL.
  return value === null ? stored !== null : !mapped.type.equals(value, stored);
}

/** The columns that the program changed since the entity was last in step. */
export function changedColumns(state: InstanceState, codecs: readonly Codec[]): MappedColumn[] {
  const changed: MappedColumn[] = [];
  for (const mapped of state.mapper.columns) if (isChanged(state, mapped, codecs)) changed.push(mapped);
  return changed;
}

/** Refuses a value that its column cannot hold. */
export function checkValue(state: InstanceState, mapped: MappedColumn, value: unknown): void {
  if (value === null) {
    if (!mapped.column.spec.nullable) throw refusal(state, mapped, 'null in a column that is not nullable()');
    return;
  }
  const expected = value === undefined ? 'a value (null for NULL)' : mapped.type.check(value);
  if (expected) throw refusal(state, mapped, `expected ${expected}, got ${kindOf(value)}`);
}

function refusal({ mapper }: InstanceState, mapped: MappedColumn, what: string): CinnabarError {
  return new InvalidValueError(`${mapper.name}.${mapped.attribute}: ${what}`, {
    model: mapper.name,
    attributes: [mapped.attribute],
    table: mapped.column.table.name,
  });
}
