import { classifySqliteError } from '../../src/dialect/sqlite/errors.ts';
import { type CinnabarError, type ErrorDetails, isCinnabarError, type Outcome } from '../../src/errors/base.ts';
import {
  ConnectionLost,
  DatabaseError,
  InvalidValueError,
  LimitExceeded,
  LockTimeout,
  Overloaded,
  TransactionExpired,
} from '../../src/errors/errors.ts';
import { lost } from './call.ts';

/** Codes of errors that a database gives in reply: the statement or the transaction was refused. */
const REFUSED = /^(?:SQLITE_(?!IOERR)|SQL_|ARGS_|AUTH_)|^(?:BLOCKED|PROXY_ERROR)$/;

/** What runtimes say when there was nobody to send to. */
const NOT_REACHED =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|connection refused|dns error|CLIENT_CLOSED|(?:Client|Stream) is clos(?:ed|ing)/i;

/** Ends of a transaction by the server: it was idle or open for too long, and another writer waited. */
const EXPIRED = /^(?:TRANSACTION_TIMEOUT|STREAM_EXPIRED|STREAM_NOT_OPEN)$/;

/**
 * The typed error for one of `@libsql/client`.
 *
 * @param fate the outcome where the error alone does not tell.
 */
export function translate(error: unknown, fate: Outcome): CinnabarError {
  if (isCinnabarError(error)) return error;
  const code = text(error, 'code');
  const message = text(error, 'message');
  const refused: ErrorDetails = { outcome: 'not committed', cause: error };

  if (EXPIRED.test(code) || /\bbaton\b/i.test(message)) {
    return new TransactionExpired('the server ended the transaction', { ...refused, retryable: true });
  }
  if (REFUSED.test(code)) return classifySqliteError(message.replace(/^(\w+: )\1+/, '$1'), refused);
  return fromServer(code, error, fate) ?? fromConnection(code, message, error, fate);
}

/** Errors of the server or the client that are not about SQL. */
function fromServer(code: string, error: unknown, fate: Outcome): CinnabarError | undefined {
  const status = statusOf(error);
  if (code === 'TRANSACTION_BUSY' || status === 429) {
    return new Overloaded('the server takes no more work now', {
      outcome: 'not committed',
      retryable: true,
      cause: error,
    });
  }
  if (code === 'TRANSACTION_ACTIVE') {
    return new LockTimeout('open transactions hold every connection of the client', {
      outcome: 'not sent',
      retryable: true,
      cause: error,
    });
  }
  if (code === 'RESPONSE_TOO_LARGE') {
    return new LimitExceeded('the result is larger than the server sends', { outcome: fate, cause: error });
  }
  if (error instanceof RangeError) {
    return new InvalidValueError('a result holds an integer beyond ±(2^53-1): declare its column as bigint()', {
      outcome: fate,
      cause: error,
    });
  }
  // 408 can come from a gateway that had already passed the request on.
  if (status >= 400 && status < 500 && status !== 408) {
    return new DatabaseError(`the server refuses the request: HTTP status ${status}`, {
      outcome: 'not committed',
      cause: error,
    });
  }
  return undefined;
}

function fromConnection(code: string, message: string, error: unknown, fate: Outcome): CinnabarError {
  // The client noticed, before it sent anything, that the stream of the transaction was gone.
  if (code === 'TRANSACTION_CLOSED' && message.includes('Cannot execute')) return lost('not committed', error);
  if (NOT_REACHED.test(chain(error))) {
    return new ConnectionLost('there is no connection to the server', {
      outcome: 'not sent',
      retryable: true,
      cause: error,
    });
  }
  return lost(fate, error);
}

/** A property of an error that is text, or ''. */
export function text(error: unknown, key: 'code' | 'message'): string {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined;
  return typeof value === 'string' ? value : '';
}

/** The HTTP status that the client got, or 0. */
function statusOf(error: unknown): number {
  const cause = error instanceof Error ? error.cause : undefined;
  const status: unknown = cause instanceof Error ? Reflect.get(cause, 'status') : undefined;
  return typeof status === 'number' ? status : 0;
}

/** The codes and messages of an error and of its causes: `fetch` tells why only in a cause. */
function chain(error: unknown): string {
  const said: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    said.push(text(at, 'code'), at.message);
  }
  return said.join(' ');
}
