import { ConfigurationError } from '../../errors/errors.ts';

/** A name in double quotes, with those inside doubled. NUL would end it. */
export function quote(identifier: string): string {
  if (identifier === '' || identifier.includes('\0')) {
    throw new ConfigurationError('a name of the database is empty or holds NUL');
  }
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** A table's name, with its schema where it has one. */
export function quoteTable(table: { readonly name: string; readonly schema: string | undefined }): string {
  return table.schema === undefined ? quote(table.name) : `${quote(table.schema)}.${quote(table.name)}`;
}
