import type { Codec } from '../../compiler/dialect.ts';
import type { WireValue } from '../../compiler/statement.ts';
import type { CinnabarError } from '../../errors/base.ts';
import { InvalidValueError } from '../../errors/errors.ts';
import { kindOf } from '../../util/brand.ts';
import type { MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState } from './instance-state.ts';

/** The value of a column when the entity was last in step with the database; undefined when it was not read. */
export function storedValue(state: InstanceState, mapped: MappedColumn): unknown {
  const at = state.positions?.[mapped.index] ?? -1;
  if (at < 0 || !state.row) return undefined;
  return decoded(state, mapped, state.row[at]);
}

/** A value of a column, out of the database's form. */
export function decoded(state: InstanceState, mapped: MappedColumn, raw: unknown): unknown {
  const codec = state.codecs[mapped.index]!;
  return codec.plain ? raw : codec.decode(raw);
}

/** Columns of an entity as they are in its row, in the database's form. */
export function rawValues({ row, positions }: InstanceState, columns: readonly MappedColumn[]): unknown[] {
  return columns.map((mapped) => row![positions![mapped.index]!]);
}

/** Values of columns in the database's form. */
export function encoded(
  codecs: readonly Codec[],
  columns: readonly MappedColumn[],
  values: readonly unknown[],
): WireValue[] {
  return columns.map((mapped, at) => encode(codecs[mapped.index]!, values[at]));
}

export function encode(codec: Codec, value: unknown): WireValue {
  return value === null || value === undefined ? null : codec.encode(value);
}

/** Whether the program changed a column since: decoded values are compared, by the column's type. */
export function isChanged(state: InstanceState, mapped: MappedColumn): boolean {
  const value = state.entity[mapped.attribute];
  const at = state.positions![mapped.index]!;
  if (at < 0) return value !== undefined;
  const raw = state.row![at];
  if (value === raw) return false;
  if (raw === null || value === undefined) return true;
  const stored = decoded(state, mapped, raw);
  // A document may be null where the column is not NULL.
  return value === null ? stored !== null : !mapped.type.equals(value, stored);
}

const NONE: readonly MappedColumn[] = /* @__PURE__ */ Object.freeze([]);

/** The columns that the program changed since the entity was last in step. */
export function changedColumns(state: InstanceState): readonly MappedColumn[] {
  // Most entities are as they were: no list is made for them.
  for (const mapped of state.mapper.columns)
    if (isChanged(state, mapped)) return state.mapper.columns.filter((item) => isChanged(state, item));
  return NONE;
}

/** The value to keep in a column: what its rules make of it. Refuses one that the column cannot hold. */
export function checkValue(state: Pick<InstanceState, 'mapper'>, mapped: MappedColumn, value: unknown): unknown {
  if (value === null) {
    if (!mapped.column.spec.nullable) throw refusal(state, mapped, 'null in a column that is not nullable()');
    return value;
  }
  const expected = value === undefined ? 'a value (null for NULL)' : mapped.type.check(value);
  if (expected) throw refusal(state, mapped, `expected ${expected}, got ${kindOf(value)}`);
  const { guard } = mapped.column.spec;
  return guard ? guard.accept(value, (what) => refusal(state, mapped, what)) : value;
}

function refusal({ mapper }: Pick<InstanceState, 'mapper'>, mapped: MappedColumn, what: string): CinnabarError {
  return new InvalidValueError(`${mapper.name}.${mapped.attribute}: ${what}`, {
    model: mapper.name,
    attributes: [mapped.attribute],
    table: mapped.column.table.name,
  });
}
