import { ConfigurationError } from '../../errors/errors.ts';
import type { ObjectName } from '../snapshot.ts';

/** A name in double quotes, as the standard and every database here has it. NUL would end it. */
export function quote(name: string): string {
  if (typeof name !== 'string' || name === '' || name.includes('\0') || !name.isWellFormed())
    throw new ConfigurationError('a name of the database is no text, is empty, holds NUL or is no well-formed text');
  return `"${name.replaceAll('"', '""')}"`;
}

/** A name with its schema. */
export function qualified({ schema, name }: ObjectName): string {
  return schema === undefined ? quote(name) : `${quote(schema)}.${quote(name)}`;
}

export function quoteAll(names: readonly string[]): string {
  return names.map(quote).join(', ');
}

/** Text as a literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
