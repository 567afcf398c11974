import { ConfigurationError } from '../../errors/errors.ts';

const quoted = new Map<string, string>();

/** A name in double quotes, with those inside doubled. NUL would end it, and half a character become another. */
export function quote(identifier: string): string {
  const known = quoted.get(identifier);
  if (known !== undefined) return known;
  if (typeof identifier !== 'string' || identifier === '' || identifier.includes('\0') || !identifier.isWellFormed()) {
    throw new ConfigurationError('a name of the database is no text, is empty, holds NUL or is no well-formed text');
  }
  const text = `"${identifier.replaceAll('"', '""')}"`;
  // Names are the program's, so few; a program that makes them up must not fill the memory.
  if (quoted.size < MOST_NAMES) quoted.set(identifier, text);
  return text;
}

const MOST_NAMES = 10_000;
