import { isBranded } from '../util/brand.ts';

const BRAND: symbol = Symbol.for('cinnabar.error');

/**
 * How a write ended: `not sent` (refused before any I/O), `not committed` (the database rolled it back), `unknown` (the
 * commit left and no reply came), or `committed` (an `EventError`: only what listens to the commit failed).
 */
export type Outcome = 'not sent' | 'not committed' | 'unknown' | 'committed';

/** What became of a write whose outcome was unknown. */
export type Resolution = 'committed' | 'not committed';

/** How a call to the database may end early. */
interface Patience {
  readonly signal?: AbortSignal;
  readonly deadline?: number;
}

/** What was found out of a write, and what is to be done in memory about it. */
export interface Found {
  readonly resolution: Resolution;
  settle?(): void | Promise<void>;
}

/** Finds out what became of a write. */
export type Finder = (options?: Patience) => Promise<Found>;

const finders: WeakMap<object, Finder> = /* @__PURE__ */ new WeakMap();

/** How to find out what became of the write that failed so; undefined where nothing can tell. */
export function finderOf(error: object): Finder | undefined {
  return finders.get(error);
}

export function setFinder(error: object, finder: Finder): void {
  finders.set(error, finder);
}

/** The stable codes, one for each class of error. */
export type ErrorCode =
  | 'UniqueViolation'
  | 'ForeignKeyViolation'
  | 'NotNullViolation'
  | 'CheckViolation'
  | 'SerializationFailure'
  | 'DeadlockDetected'
  | 'LockTimeout'
  | 'StaleDataError'
  | 'ConnectionLost'
  | 'CommitOutcomeUnknown'
  | 'TransactionExpired'
  | 'TimeoutError'
  | 'Overloaded'
  | 'LimitExceeded'
  | 'CapabilityError'
  | 'SessionBusyError'
  | 'NotLoadedError'
  | 'InvalidValueError'
  | 'NoResultFound'
  | 'MultipleResultsFound'
  | 'ConfigurationError'
  | 'ConsentRequired'
  | 'DatabaseError'
  | 'EventError'
  | 'InternalError';

/** What an error knows beside its message. Names only: never a value, never a credential. */
export interface ErrorDetails {
  readonly outcome?: Outcome;
  /** Whether the same work, run again as a whole, may succeed. */
  readonly retryable?: boolean;
  /** Names in the database. */
  readonly constraint?: string;
  readonly table?: string;
  readonly columns?: readonly string[];
  /** Tables, columns and constraints that the error is about: `users`, `users.email`. */
  readonly objects?: readonly string[];
  /** Names in the program. */
  readonly model?: string;
  readonly attributes?: readonly string[];
  readonly cause?: unknown;
}

/** The root of every error that Cinnabar throws. */
export class CinnabarError extends Error {
  declare readonly code: ErrorCode;
  declare readonly outcome: Outcome;
  declare readonly retryable: boolean;
  declare readonly constraint?: string;
  declare readonly table?: string;
  declare readonly columns?: readonly string[];
  declare readonly objects?: readonly string[];
  declare readonly model?: string;
  declare readonly attributes?: readonly string[];
  /** How many times the work was tried, where it was run again. */
  declare readonly attempts?: number;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { cause, outcome = 'not sent', retryable = false, ...names } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.name = code;
    this.code = code;
    this.outcome = outcome;
    this.retryable = retryable;
    Object.assign(this, names);
  }

  get brand(): symbol {
    return BRAND;
  }

  /** Whether `resolve()` can tell what became of a write whose outcome is unknown. */
  get resolvable(): boolean {
    return finders.has(this);
  }

  /**
   * What became of a write whose outcome is unknown: by its receipt, or by the id of its transaction. The answer is final:
   * a write that was not stored by then never will be. The session that wrote goes on accordingly.
   */
  async resolve(options?: Patience): Promise<Resolution> {
    const find = finders.get(this);
    if (!find)
      throw new CinnabarError('ConfigurationError', 'resolve(): nothing tells what became of it; see `resolvable`');
    const found = find(options);
    // Whoever asks meanwhile, or again, has the same answer.
    finders.set(this, () => found);
    try {
      return (await found).resolution;
    } catch (error) {
      finders.set(this, find);
      throw error;
    }
  }
}

/**
 * Whether `error` is one of Cinnabar's, of the class `code` when that is given. Works across two copies of the package.
 *
 * @example
 * try { await session.commit() } catch (error) {
 *   if (isCinnabarError(error, 'UniqueViolation')) return conflict(error.attributes)
 *   throw error
 * }
 */
export function isCinnabarError(error: unknown, code?: ErrorCode): error is CinnabarError {
  return isBranded(error, BRAND) && (code === undefined || (error as CinnabarError).code === code);
}
