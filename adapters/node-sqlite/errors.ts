import { classifySqliteError } from '../../src/dialect/sqlite/errors.ts';
import { type CinnabarError, isCinnabarError, type Outcome } from '../../src/errors/base.ts';
import { DatabaseError, InvalidValueError } from '../../src/errors/errors.ts';
import { lost } from '../../src/driver/call.ts';

/** SQLITE_IOERR, whose kinds are in the bits above. */
const IO_ERROR = 10;

/**
 * The typed error for one of `node:sqlite`.
 *
 * @param fate the outcome of what failed in writing or reading the file.
 */
export function translate(error: unknown, fate: Outcome): CinnabarError {
  if (isCinnabarError(error)) return error;
  const details = { outcome: 'not committed', cause: error } as const;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'errcode') : undefined;
  if (error instanceof Error && typeof code === 'number') {
    return (code & 0xff) === IO_ERROR ? lost(fate, error) : classifySqliteError(error.message, details);
  }
  if (error instanceof RangeError) {
    return new InvalidValueError('a result holds an integer beyond ±(2^53-1): use bigint()', details);
  }
  return new DatabaseError('node:sqlite refuses the statement', details);
}
