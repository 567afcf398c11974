import { ConfigurationError } from '../../errors/errors.ts';

/** PostgreSQL cuts off what is longer, without an error: two names could become one. */
const MOST_BYTES = 63;

const utf8 = new TextEncoder();

/** An identifier, quoted. Refuses what PostgreSQL would cut off. */
export function quote(identifier: string): string {
  if (typeof identifier !== 'string' || identifier === '' || identifier.includes('\0') || !identifier.isWellFormed()) {
    throw new ConfigurationError('an identifier is no text, is empty, or holds NUL or half of a surrogate pair');
  }
  if (identifier.length > MOST_BYTES / 3 && utf8.encode(identifier).length > MOST_BYTES) {
    throw new ConfigurationError(
      `the identifier '${identifier}' takes more than ${MOST_BYTES} bytes; give it a shorter name`,
    );
  }
  return `"${identifier.replaceAll('"', '""')}"`;
}
