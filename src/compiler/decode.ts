import { isCinnabarError } from '../errors/base.ts';
import { InvalidValueError } from '../errors/errors.ts';
import type { TableColumn } from '../schema/table.ts';
import type { Codec } from './dialect.ts';

/**
 * The value of a cell of `column`.
 *
 * @throws InvalidValueError that names the column where what is stored is no value of its type.
 */
export function decodeCell(codec: Codec, raw: unknown, column: TableColumn): unknown {
  if (codec.plain) return raw;
  try {
    return codec.decode(raw);
  } catch (error) {
    throw unreadable(error, column.path, column);
  }
}

/** An error of a codec, with the name of what was read. */
export function unreadable(error: unknown, label: string, column?: TableColumn): unknown {
  if (!isCinnabarError(error, 'InvalidValueError')) return error;
  const names = column && { table: column.table.name, attributes: [column.attribute] };
  return new InvalidValueError(`${label}: ${error.message}`, { cause: error.cause, ...names });
}
