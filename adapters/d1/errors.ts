import { classifySqliteError } from '../../src/dialect/sqlite/errors.ts';
import { type CinnabarError, type ErrorDetails, isCinnabarError, type Outcome } from '../../src/errors/base.ts';
import { InvalidValueError, LimitExceeded, Overloaded } from '../../src/errors/errors.ts';
import { lost } from '../../src/driver/call.ts';

/**
 * What D1 says when the database refused the work and kept nothing. D1 puts the same prefix before the failures of its
 * network and storage, so that what is not known to be a refusal has to count as unknown.
 */
const REFUSED =
  /SQLITE_(?!IOERR|INTERNAL)[A-Z]+|constraint failed|syntax error|no such (?:table|column)|Wrong number of parameter bindings|No SQL statements|state\.storage\.transaction|maximum (?:DB size|account storage)/;

/** The typed error for one of D1, which says everything in its message. */
export function translate(error: unknown, fate: Outcome): CinnabarError {
  if (isCinnabarError(error)) return error;
  const message = error instanceof Error ? error.message : '';
  // Its message quotes the value, so it is no cause for a log either.
  if (message.startsWith('D1_TYPE_ERROR')) return new InvalidValueError('D1 does not take a value of this type');
  const details: ErrorDetails = { outcome: 'not committed', cause: error };
  if (REFUSED.test(message)) return classifySqliteError(message.replace(/^D1_\w+: /, ''), details);
  if (/overloaded|queued/i.test(message)) {
    return new Overloaded('D1 is overloaded: try again after a pause', { ...details, retryable: true });
  }
  if (/Too many (?:API requests|subrequests)/i.test(message)) {
    return new LimitExceeded('the Worker has made all the requests that one invocation may make', details);
  }
  return lost(fate, error);
}
