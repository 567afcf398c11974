import type { CinnabarError, ErrorDetails } from '../../errors/base.ts';
import {
  CapabilityError,
  CheckViolation,
  ConnectionLost,
  DatabaseError,
  DeadlockDetected,
  type ErrorClass,
  ForeignKeyViolation,
  InvalidValueError,
  LimitExceeded,
  LockTimeout,
  NotNullViolation,
  Overloaded,
  SerializationFailure,
  TimeoutError,
  TransactionExpired,
  UniqueViolation,
} from '../../errors/errors.ts';

/** What PostgreSQL says of an error, under the names of its protocol. */
export interface PostgresReply {
  /** The SQLSTATE. */
  readonly code: string;
  readonly message: string;
  /** `Key (email)=(…) already exists.`: the names of columns are read off it, and nothing else. */
  readonly detail?: string | null | undefined;
  readonly table?: string | null | undefined;
  readonly column?: string | null | undefined;
  readonly constraint?: string | null | undefined;
}

type Rule = readonly [sqlstate: string, Class: ErrorClass, message: string, retryable?: true];

/** By SQLSTATE, or the class that begins it; the first that fits counts. */
const RULES: readonly Rule[] = [
  ['23505', UniqueViolation, 'a value that must be unique is there already'],
  ['23P01', UniqueViolation, 'the row conflicts with another'],
  ['23503', ForeignKeyViolation, 'a row refers to one that is not there, or one that is deleted is still referred to'],
  ['23001', ForeignKeyViolation, 'a row that is deleted or changed is still referred to'],
  ['23502', NotNullViolation, 'NULL in a column that takes none'],
  ['23514', CheckViolation, 'a CHECK constraint is not met'],
  ['40001', SerializationFailure, 'the transaction could not be serialized with others; run it again', true],
  ['40P01', DeadlockDetected, 'the database ended the transaction to break a deadlock; run it again', true],
  ['55P03', LockTimeout, 'a lock did not come free in time; run the work again', true],
  ['57014', TimeoutError, 'the database stopped the statement: its time was up, or it was cancelled'],
  ['25P03', TransactionExpired, 'the server ended a transaction that was idle for too long', true],
  ['25P04', TransactionExpired, 'the server ended a transaction that was open for too long', true],
  ['57P', ConnectionLost, 'the server closed the connection', true],
  ['08', ConnectionLost, 'the connection broke', true],
  ['53', Overloaded, 'the server is out of connections, memory or space', true],
  ['54', LimitExceeded, 'the statement is beyond a limit of the database'],
  ['0A', CapabilityError, 'the database cannot do this'],
  ['22', InvalidValueError, 'the database refuses a value'],
  ['21', DatabaseError, 'a subquery yields more rows than one'],
];

/**
 * The typed error for a reply of PostgreSQL. It carries names, never values: messages and details quote those.
 *
 * @param details what the driver knows: the outcome, the cause.
 */
export function classifyPostgresError(reply: PostgresReply, details: ErrorDetails): CinnabarError {
  const rule = RULES.find(([sqlstate]) => reply.code.startsWith(sqlstate));
  if (!rule) {
    return new DatabaseError(`the database refuses the statement (${reply.code}): ${redact(reply.message)}`, details);
  }
  const [, Class, message, retryable = false] = rule;
  const { constraint, table } = reply;
  const columns = columnsOf(reply);
  const name = constraint ?? columns.join(', ');
  return new Class(name ? `${message}: ${name}` : message, {
    ...details,
    retryable,
    ...(constraint ? { constraint } : {}),
    ...(table ? { table } : {}),
    ...(columns.length > 0 ? { columns } : {}),
  });
}

function columnsOf({ column, detail }: PostgresReply): readonly string[] {
  if (column) return [column];
  // Of a row that is referred to the reply names the key, beside the table of those that refer to it.
  const names = /^Key \(([^()]+)\)=\((?!.* is (?:still )?referenced from table "[^"]*"\.$)/s.exec(detail ?? '')?.[1];
  return names ? names.split(', ').map((name) => name.replace(/^"(.*)"$/, '$1').replaceAll('""', '"')) : [];
}

/** Quoted text in a message may be a value. */
function redact(message: string): string {
  return message.replace(/['"].*['"]/s, '"…"').slice(0, 200);
}
