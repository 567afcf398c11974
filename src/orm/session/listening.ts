import type { Resolution } from '../../errors/base.ts';
import type { WorkSet } from '../unit-of-work/work.ts';
import type { Holdings } from './journal.ts';

/** What `on()` brings to sessions. */
export interface Listeners {
  /** Undefined where nobody listens. */
  before(holdings: Holdings): Promise<void> | undefined;
  /** What was written. A handler that throws is kept: what is written is not undone by it. */
  after(holdings: Holdings, work: WorkSet): Promise<void>;
  /** Throws what a handler of a flush threw: its transaction can still be rolled back. */
  raise(holdings: Holdings): void;
  /** Runs a commit, and tells of it before and after. */
  commit<R>(holdings: Holdings, run: () => Promise<R>): Promise<R>;
  /** Runs a transaction, and tells of its commit, or of its rollback. */
  transaction<R>(
    holdings: Holdings,
    work: () => Promise<R>,
    again: () => Promise<R>,
    run: (work: () => Promise<R>, again: () => Promise<R>) => Promise<R>,
  ): Promise<R>;
  rolledBack(holdings: Holdings): Promise<void>;
  /** Tells what became of a commit or a transaction that ended with that error, once it is known. */
  resolved(holdings: Holdings, error: object, resolution: Resolution): Promise<void>;
}

/** Undefined until a program listens: the code comes with the first `on()`, so that no other program carries it. */
export const listening: {
  current: Listeners | undefined;
  /** What is done when handlers are through, before a flush takes what is pending. */
  last?: ((holdings: Holdings) => void)[];
} = { current: undefined };

/** Has something done at once before each flush takes what is pending. */
export function beforeFlushes(work: (holdings: Holdings) => void): void {
  listening.last = [...(listening.last ?? []), work];
  listening.current ??= SILENT;
}

export function runLast(holdings: Holdings): undefined {
  for (const work of listening.last ?? []) work(holdings);
}

/** Where no handler listens. */
const SILENT: Listeners = {
  before: runLast,
  after: () => Promise.resolve(),
  raise: () => undefined,
  commit: (_, run) => run(),
  transaction: (_, work, again, run) => run(work, again),
  rolledBack: () => Promise.resolve(),
  resolved: () => Promise.resolve(),
};
