import type { CallOptions, Limits, Statement } from './driver.ts';
import type { CinnabarError, Outcome } from '../errors/base.ts';
import {
  CommitOutcomeUnknown,
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

/** Refuses before any I/O what the database would refuse, or worse, change. */
export function checkStatements(statements: readonly Statement[], limits: Limits): void {
  for (const { params } of statements) {
    if (params.length > limits.parameters) {
      throw new LimitExceeded(`a statement binds ${params.length} parameters; the limit is ${limits.parameters}`);
    }
    if (params.some((value) => typeof value === 'number' && !Number.isFinite(value))) {
      throw new InvalidValueError('NaN and the infinities are not values of SQLite');
    }
  }
}
