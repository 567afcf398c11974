import { utf8Length } from '../util/utf8.ts';
import type { CallOptions, Limits, Statement } from './driver.ts';
import type { CinnabarError, Outcome } from '../errors/base.ts';
import {
  CommitOutcomeUnknown,
  ConfigurationError,
  ConnectionLost,
  InvalidValueError,
  LimitExceeded,
  TimeoutError,
} from '../errors/errors.ts';

/** A timer that is set for longer than this fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Runs `work` until the signal aborts or the deadline passes. The client has no way to stop a call, so one that was
 * given up may still take effect: `fate` is the outcome then.
 */
export async function within<T>(
  { signal, deadline = Infinity }: CallOptions,
  fate: Outcome,
  work: () => Promise<T>,
): Promise<T> {
  // Most calls may take as long as they take.
  if (!signal && deadline === Infinity) return work();
  const timeout = (outcome: Outcome): CinnabarError =>
    new TimeoutError(signal?.aborted ? 'the signal aborted the call' : 'the deadline of the call passed', {
      outcome,
      cause: signal?.aborted ? signal.reason : undefined,
    });
  const left = deadline - Date.now();
  if (signal?.aborted || left <= 0) throw timeout('not sent');

  let giveUp = (): void => {};
  const end = new Promise<never>((_, reject) => (giveUp = () => reject(timeout(fate))));
  const timer = left > LONGEST_TIMER ? undefined : setTimeout(giveUp, left);
  signal?.addEventListener('abort', giveUp);
  try {
    return await Promise.race([work(), end]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** The error for a call that was sent and whose reply did not come, or came in pieces. */
export function lost(fate: Outcome, cause: unknown): CinnabarError {
  if (fate === 'unknown') {
    const message = 'the write was sent and no whole reply came: it may be stored, or not';
    return new CommitOutcomeUnknown(message, { outcome: fate, cause });
  }
  return new ConnectionLost('the connection broke before the reply came', { outcome: fate, retryable: true, cause });
}

/**
 * After comments and what else may come first: nothing, or a word that ends the transaction of the unit, so that the
 * statements after it would run outside of any.
 */
const NO_STATEMENT =
  /^(?:[\s;]|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:$|(?:begin|commit|end|rollback(?!(?:\s+transaction)?\s+to\b))\b)/i;

/** Refuses before any I/O what the database would refuse, or worse, change. */
export function checkStatements(statements: readonly Statement[], limits: Limits): void {
  refuseOver(statements.length, limits.statements, 'statements in a unit');
  for (const { sql, params } of statements) {
    refuseOver(params.length, limits.parameters, 'parameters in a statement');
    // As many bytes as there are UTF-16 units, at the least.
    refuseOver(sql.length, limits.statementBytes, 'bytes of SQL');
    if (NO_STATEMENT.test(sql)) {
      throw new ConfigurationError('a statement is not empty, and does not begin or end a transaction');
    }
    for (const value of params) checkValue(value, limits);
  }
}

function refuseOver(count: number, limit: number, what: string): void {
  if (count > limit) throw new LimitExceeded(`${count} ${what}: the database takes ${limit}`);
}

function checkValue(value: unknown, limits: Limits): void {
  if (typeof value === 'string')
    return refuseOver(utf8Length(value, limits.valueBytes), limits.valueBytes, 'bytes in a value');
  if (typeof value === 'number' ? Number.isFinite(value) : value === null) return;
  if (!ArrayBuffer.isView(value)) {
    throw new InvalidValueError('a parameter is null, a finite number, text or bytes, and nothing else');
  }
  refuseOver(value.byteLength, limits.valueBytes, 'bytes in a value');
}
