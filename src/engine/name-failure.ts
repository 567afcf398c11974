import { isCinnabarError } from '../errors/base.ts';
import type { Table } from '../schema/table.ts';

/**
 * Gives an error that names a table and columns of the database the names that those have in the program.
 *
 * @param sent what was sent; the error is about a table that it writes, or one that refers to it.
 */
export function nameFailure(
  error: unknown,
  sent: readonly { readonly kind: string; readonly table?: Table | undefined }[],
): unknown {
  if (!isCinnabarError(error) || !error.table || error.attributes) return error;
  const { table: name, columns = [] } = error;
  const tables = sent.flatMap(({ table }) => table ?? []);
  const table = tables.find((own) => own.name === name) ?? tables[0]?.metadata.find(name, tables[0].schema);
  if (!table) return error;
  const attributes = columns.map((column) => table.columns.find((own) => own.name === column)?.attribute ?? column);
  return Object.assign(error, table.model && { model: table.model }, { attributes });
}
