import { classifyPostgresError, type PostgresReply } from '../../src/dialect/postgres/errors.ts';
import { lost } from '../../src/driver/call.ts';
import { type CinnabarError, isCinnabarError, type Outcome } from '../../src/errors/base.ts';
import { ConnectionLost } from '../../src/errors/errors.ts';

/** What runtimes and clients say when there was nobody to send to. */
const NOT_REACHED =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UNREACH|CONNECT_TIMEOUT|timeout exceeded when trying to connect|not queryable|has already been (?:ended|closed)|CONNECTION_ENDED|after calling end|PGlite is clos/i;

/**
 * The typed error for one of a client of PostgreSQL.
 *
 * @param fate the outcome of the call where the error alone does not tell: `unknown` once a COMMIT may have left.
 */
export function translate(error: unknown, fate: Outcome): CinnabarError {
  if (isCinnabarError(error)) return error;
  const reply = replyIn(error);
  // A server that shuts down may have committed before it said so.
  if (reply && !(isFatal(reply) && fate === 'unknown')) {
    return classifyPostgresError(reply, { outcome: 'not committed', cause: error });
  }
  const message = error instanceof Error ? `${String(Reflect.get(error, 'code'))} ${error.message}` : '';
  if (!reply && NOT_REACHED.test(message)) {
    return new ConnectionLost('there is no connection to the server', {
      outcome: 'not sent',
      retryable: true,
      cause: error,
    });
  }
  return lost(fate, error);
}

/** Whether the server ends the connection with this reply. */
export function isFatal({ code }: PostgresReply): boolean {
  return /^(?:57P|08|XX|25P0[34])/.test(code);
}

/** The reply of the server in an error of a client, whose fields clients name in two ways. */
export function replyIn(error: unknown): PostgresReply | undefined {
  if (!(error instanceof Error)) return undefined;
  const field = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value: unknown = Reflect.get(error, name);
      if (typeof value === 'string' && value !== '') return value;
    }
    return undefined;
  };
  const code = field('code');
  if (code === undefined || !/^[\dA-Z]{5}$/.test(code) || field('severity') === undefined) return undefined;
  return {
    code,
    message: error.message,
    detail: field('detail'),
    table: field('table', 'table_name'),
    column: field('column', 'column_name'),
    constraint: field('constraint', 'constraint_name'),
  };
}
