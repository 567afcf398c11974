import { classifySqliteError } from '../../src/dialect/sqlite/errors.ts';
import { type CinnabarError, isCinnabarError, type Outcome } from '../../src/errors/base.ts';
import {
  ConnectionLost,
  DatabaseError,
  InvalidValueError,
  LimitExceeded,
  LockTimeout,
  Overloaded,
  TransactionExpired,
} from '../../src/errors/errors.ts';
import { lost } from '../../src/driver/call.ts';
import { BEYOND } from './wire.ts';

/** What a database replies when it refuses a statement, and has kept nothing; the second line to an embedded replica. */
const REFUSED = [
  /^(?:SQLITE_(?!IOERR)|SQL_|ARGS_|AUTH_|BLOCKED|PROXY_ERROR)/,
  /^Error (?:RemoteSqliteFailure|Sqlite3(?:Syntax|Parser)Error|InvalidParserState|WriteDelegation\(status: PermissionDenied)/,
];

/** What runtimes and the client say when there was nobody to send to. */
const NOT_REACHED =
  /^(?!HTTP).*(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|connect E\w+UNREACH|CONNECT_TIMEOUT|connection ?refused|error \(Connect\)|tcp connect error|FailedToOpenSocket|failed: Failed to connect|CLIENT_CLOSED|(?:Client|Stream) is clos(?:ed|ing))/i;

/** Without an outcome it depends on the call. */
type Rule = readonly [RegExp, typeof ConnectionLost, message: string, outcome?: Outcome, retryable?: boolean];

/** Failures that are not about a statement; the first that fits counts. 408 can come from a gateway on the way. */
const RULES: readonly Rule[] = [
  [
    /^(?:TRANSACTION_TIMEOUT|STREAM_|HTTP 400 baton)/,
    TransactionExpired,
    'the server ended the transaction',
    'not committed',
    true,
  ],
  [/^(?:TRANSACTION_BUSY|HTTP 429)/, Overloaded, 'the server takes no more work now', 'not committed', true],
  [/^HTTP 4(?!08)/, DatabaseError, 'the server refuses the request', 'not committed'],
  [/^TRANSACTION_ACTIVE/, LockTimeout, 'open transactions hold every connection of the client', 'not sent', true],
  [/^TRANSACTION_CLOSED .*Cannot execute/, ConnectionLost, 'the connection is gone', 'not committed', true],
  [/^RESPONSE_TOO_LARGE/, LimitExceeded, 'the result is larger than the server sends'],
  [/^RangeError Received integer/, InvalidValueError, BEYOND],
  [NOT_REACHED, ConnectionLost, 'there is no connection to the server', 'not sent', true],
];

/**
 * The typed error for one of `@libsql/client`.
 *
 * @param fate the outcome where the error alone does not tell.
 */
export function translate(error: unknown, fate: Outcome): CinnabarError {
  if (isCinnabarError(error)) return error;
  const said = describe(error);
  if (REFUSED.some((reply) => reply.test(said))) {
    const message = text(error, 'message')
      .replace(/^(\w+: )\1+/, '$1')
      .replace(/^RemoteSqliteFailure\([\d, ]+"(.*)"\)$/s, (_, quoted: string) => quoted.replaceAll(/\\(["\\])/g, '$1'));
    return classifySqliteError(message, { outcome: 'not committed', cause: error });
  }
  const rule = RULES.find(([when]) => when.test(said));
  if (!rule) return lost(fate, error);
  const [, Class, message, outcome = fate, retryable = false] = rule;
  return new Class(message, { outcome, retryable, cause: error });
}

/**
 * The codes and messages of an error and its causes, in one line: `fetch` tells why only in a cause. Of an answer with an
 * HTTP status only that, since its text may be that of anything on the way.
 */
function describe(error: unknown): string {
  const said: unknown[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const status: unknown = Reflect.get(at, 'status');
    if (typeof status === 'number') return `HTTP ${status} ${/\bbaton\b/.exec(at.message)?.[0]}`;
    said.push(text(at, 'code') || at.name, at.message.replaceAll('\n', ' '));
  }
  return said.join(' ');
}

/** A property of an error that is text, or ''. */
export function text(error: unknown, key: 'code' | 'message'): string {
  const value: unknown = error instanceof Error ? Reflect.get(error, key) : undefined;
  return typeof value === 'string' ? value : '';
}
