import { within } from '../../src/driver/call.ts';
import type { CallOptions, StatementResult, UnitResult } from '../../src/driver/driver.ts';
import type { CinnabarError, Outcome } from '../../src/errors/base.ts';
import { DatabaseError, TimeoutError } from '../../src/errors/errors.ts';
import { isFatal, replyIn, translate } from './errors.ts';
import type { Connection, Reply, Step } from './wire.ts';

/** What goes to the database in one call. */
export interface Call {
  /** Stands before the statements, where a transaction begins. */
  readonly begin: Step | undefined;
  readonly statements: readonly Step[];
  /** `commit`: a COMMIT stands after them. `auto`: the only statement commits by itself. `none`: nothing does. */
  readonly durable: 'commit' | 'auto' | 'none';
}

/** How a call ended. */
export type Sent =
  | {
      readonly result: UnitResult;
      /** The answer to what began the transaction. */
      readonly begun: Reply | undefined;
    }
  | {
      readonly failure: CinnabarError;
      /** `kept`: nothing was sent. `failed`: the connection works on, and its transaction does not. `lost`: it is gone. */
      readonly connection: 'kept' | 'failed' | 'lost';
      /** Whether every step had left: a COMMIT among them has ended the transaction that failed. */
      readonly whole: boolean;
    };

export const ROLLBACK: Step = { text: 'rollback', params: [] };
const COMMIT: Step = { text: 'commit', params: [] };

/** A failure, and how many steps the connection had answered before it. */
class StepFailure extends Error {
  declare readonly answered: number;
  declare readonly reason: unknown;

  constructor(answered: number, reason: unknown) {
    super();
    this.answered = answered;
    this.reason = reason;
  }
}

/** Sends a call on a connection, and says what became of both. */
export async function send(connection: Connection, call: Call, options: CallOptions = {}): Promise<Sent> {
  const steps = stepsOf(call);
  /** The step after which the work may be stored. */
  const last = call.durable === 'none' ? Infinity : steps.length - 1;
  const progress: Progress = { sent: 0, trips: 0, over: false };
  const fate = (): Outcome => (progress.sent > last ? 'unknown' : 'not committed');
  try {
    const replies = await within(options, 'unknown', () => sendSteps(connection, steps, progress));
    return resultOf(call, replies, progress.trips);
  } catch (error) {
    // Of a call that was given up, nothing more is sent.
    progress.over = true;
    const whole = progress.sent === steps.length;
    if (!(error instanceof StepFailure)) return { ...givenUp(error as CinnabarError, fate()), whole };
    const reply = replyIn(error.reason);
    // The answer to a statement before the COMMIT settles what becomes of that.
    const failure = translate(error.reason, reply && error.answered < last ? 'not committed' : fate());
    return { failure, connection: reply && !isFatal(reply) ? 'failed' : 'lost', whole };
  }
}

function stepsOf({ begin, statements, durable }: Call): readonly Step[] {
  const ended = durable === 'commit' ? [...statements, COMMIT] : statements;
  return begin ? [begin, ...ended] : ended;
}

function resultOf({ begin, durable }: Call, replies: readonly Reply[], trips: number): Sent {
  if (durable === 'commit' && replies.at(-1)!.command === 'ROLLBACK') {
    const failure = new DatabaseError('the database rolled the transaction back', { outcome: 'not committed' });
    return { failure, connection: 'failed', whole: true };
  }
  const own = replies.slice(begin ? 1 : 0, durable === 'commit' ? -1 : undefined);
  return { result: { results: own.map(toResult), trips }, begun: begin && replies[0] };
}

/** The rows that a SELECT counts are none that it changed. */
export function toResult({ rows, changes, command }: Reply): StatementResult {
  return { rows, changes: command === 'SELECT' ? 0 : changes };
}

/** The call was given up on: before anything was sent, or while the database was at work. */
function givenUp(error: CinnabarError, fate: Outcome): { failure: CinnabarError; connection: 'kept' | 'lost' } {
  if (error.outcome === 'not sent') return { failure: error, connection: 'kept' };
  const failure = new TimeoutError(error.message, { outcome: fate, cause: error.cause });
  return { failure, connection: 'lost' };
}

interface Progress {
  sent: number;
  trips: number;
  over: boolean;
}

async function sendSteps(
  connection: Connection,
  steps: readonly Step[],
  progress: Progress,
): Promise<readonly Reply[]> {
  const window = connection.pipelined ? (connection.window ?? steps.length) : 1;
  const replies: Reply[] = [];
  while (replies.length < steps.length && !progress.over) {
    const burst = steps.slice(replies.length, replies.length + window);
    progress.sent += burst.length;
    progress.trips += 1;
    const ask = (): Promise<Reply>[] => burst.map((step) => connection.query(step));
    replies.push(...(await allReplies(connection.together?.(ask) ?? ask(), replies.length)));
  }
  return replies;
}

/**
 * All replies, or the first failure in order; one of the connection at once, since others may never be answered.
 *
 * @param before how many steps were answered before these.
 */
function allReplies(queries: readonly Promise<Reply>[], before: number): Promise<readonly Reply[]> {
  return new Promise((resolve, reject) => {
    const replies: Reply[] = [];
    let failure: StepFailure | undefined;
    let left = queries.length;
    const end = (): void => {
      if (--left > 0) return;
      if (failure) reject(failure);
      else resolve(replies);
    };
    const keep = (at: number, reply: Reply): void => {
      replies[at] = reply;
      end();
    };
    const fail = (at: number, error: unknown): void => {
      if (!replyIn(error)) reject(new StepFailure(before + at, error));
      if (!failure || before + at < failure.answered) failure = new StepFailure(before + at, error);
      end();
    };
    for (const [at, query] of queries.entries())
      query.then(
        (reply) => keep(at, reply),
        (error: unknown) => fail(at, error),
      );
  });
}
