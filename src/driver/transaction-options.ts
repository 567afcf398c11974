import { CapabilityError, InvalidValueError } from '../errors/errors.ts';
import type { CallOptions, Driver } from './driver.ts';

/** What a transaction sees of the others that run beside it. */
export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

/** What a transaction may be told beside its isolation, where the driver has it. */
export interface TransactionSettings {
  /** Refuses to write. */
  readonly readOnly?: boolean;
  /** A serializable transaction that only reads waits until it can run without ever failing. */
  readonly deferrable?: boolean;
  /** How long a statement may run, in milliseconds. */
  readonly statementTimeout?: number;
  /** How long a statement waits for a lock, in milliseconds. */
  readonly lockTimeout?: number;
  /** How long the transaction may stay open between two statements, in milliseconds. */
  readonly idleTimeout?: number;
  /**
   * Whether to ask for the transaction's id, in the round trip of the first statement. Where it came before the commit
   * left, `resolve()` tells by it what became of the commit; nothing is written for that.
   */
  readonly identify?: boolean;
}

/** How a transaction begins; said with its first statement, without a round trip of its own. */
export interface BeginOptions extends TransactionSettings {
  /** The database's own default where undefined. */
  readonly isolation?: Isolation;
}

/** How a transaction begins, ends early and is run again. `signal` and `deadline` are those of each of its calls. */
export interface TransactionOptions extends BeginOptions, CallOptions {
  /**
   * How many times the whole function may run again, with a fresh session, when the database could not serialize it,
   * broke a deadlock, was locked, or lost the connection before the commit left. None unless told.
   */
  readonly retries?: number;
  /**
   * The longest pause before the first of them, in milliseconds; twice as long before each further one, up to a second.
   * The pause is a random part of it. 10 unless told.
   */
  readonly retryDelay?: number;
  /** Whether the commit leaves a receipt, by which `resolve()` tells what became of it; as the engine has it unless told. */
  readonly receipt?: boolean;
}

const TIMES = ['statementTimeout', 'lockTimeout', 'idleTimeout', 'retries', 'retryDelay'] as const;
const SETTINGS = ['readOnly', 'deferrable', 'identify', 'statementTimeout', 'lockTimeout', 'idleTimeout'] as const;
/** The longest that databases count with. */
const LONGEST = 2 ** 31 - 1;

/**
 * Refuses what the driver cannot give, before any I/O.
 *
 * @throws CapabilityError, InvalidValueError.
 */
export function checkTransactionOptions(
  { name, capabilities: { isolations, transactionSettings } }: Driver,
  options: TransactionOptions,
): void {
  const { isolation } = options;
  if (isolation !== undefined && !isolations.includes(isolation)) {
    const known = isolations.map((level) => `'${level}'`).join(', ') || 'none';
    throw new CapabilityError(`transaction(): the driver '${name}' cannot isolate as asked for; it has ${known}`);
  }
  for (const time of TIMES) {
    const value = options[time];
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0 && value <= LONGEST)) continue;
    throw new InvalidValueError(`transaction(): ${time} is a whole number, 0 or more`);
  }
  for (const setting of SETTINGS) {
    if (!options[setting] || transactionSettings.includes(setting)) continue;
    throw new CapabilityError(`transaction(): the driver '${name}' has no ${setting}`);
  }
}
