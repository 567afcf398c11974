import type { CinnabarError, ErrorDetails } from '../../errors/base.ts';
import {
  CheckViolation,
  DatabaseError,
  type ErrorClass,
  ForeignKeyViolation,
  InvalidValueError,
  LimitExceeded,
  LockTimeout,
  NotNullViolation,
  UniqueViolation,
} from '../../errors/errors.ts';

/**
 * The typed error for a message of SQLite. The wording of constraint messages is the same in every driver of the
 * family, so it is the common denominator; codes are not. Messages name tables and columns, never values.
 *
 * @param details what the driver knows: the outcome, the cause.
 */
export function classifySqliteError(message: string, details: ErrorDetails): CinnabarError {
  const unique = /UNIQUE constraint failed: (?:index '([^']+)'|([^\n:(]+))/.exec(message);
  if (unique)
    return constraintError(
      UniqueViolation,
      'a value that must be unique is there already',
      unique[2],
      details,
      unique[1],
    );
  const notNull = /NOT NULL constraint failed: ([^\s:(]+)/.exec(message);
  if (notNull) return constraintError(NotNullViolation, 'NULL in a column that takes none', notNull[1], details);
  const check = /CHECK constraint failed: ?([^\n:(]*)/.exec(message);
  if (check) {
    const constraint = check[1]!.trim();
    return new CheckViolation(`a CHECK constraint is not met${constraint ? `: ${constraint}` : ''}`, {
      ...details,
      constraint,
    });
  }
  if (message.includes('FOREIGN KEY constraint failed')) {
    return new ForeignKeyViolation(
      'a row refers to one that is not there, or one that is deleted is still referred to',
      details,
    );
  }
  return classifyOther(message, details);
}

function classifyOther(message: string, details: ErrorDetails): CinnabarError {
  if (/SQLITE_BUSY|SQLITE_LOCKED|database (?:table )?is locked/.test(message)) {
    return new LockTimeout('another writer holds the database; run the work again', { ...details, retryable: true });
  }
  const type = /cannot store \w+ value in \w+ column [\w.]+|datatype mismatch/.exec(message);
  if (type) return new InvalidValueError(`the database refuses a value: ${type[0]}`, details);
  const Class = LIMIT.test(message) ? LimitExceeded : DatabaseError;
  return new Class(`the database refuses the statement: ${redact(message)}`, details);
}

/** `too many SQL variables`, `Expression tree is too large`, `variable number must be between ?1 and ?100`, … */
const LIMIT = /\btoo (?:many (?!arguments)|large|long|big|complex)|variable number must be|parser .*stack/;

/** `path` is `users.email, users.name`, as SQLite writes it. */
function constraintError(
  Class: ErrorClass,
  what: string,
  path: string | undefined,
  details: ErrorDetails,
  index?: string,
): CinnabarError {
  const parts = (path ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  const table = parts[0]?.slice(0, parts[0].lastIndexOf('.'));
  const columns = parts.map((part) => part.slice(part.lastIndexOf('.') + 1));
  return new Class(`${what}: ${index ?? parts.join(', ')}`, {
    ...details,
    columns,
    ...(table ? { table } : {}),
    ...(index ? { constraint: index } : {}),
  });
}

/** Quoted text in a message of SQLite may be a value, and may hold quotes itself: all goes, from the first to the last. */
function redact(message: string): string {
  return message.replace(/['"].*['"]/s, "'…'").slice(0, 200);
}
