import type { Driver, DriverTransaction, Statement, Unit, UnitResult } from '../driver/driver.ts';

/** One call of a driver, as it was made. */
export interface RecordedCall {
  readonly kind: 'unit' | 'transaction' | 'commit' | 'rollback';
  /** The transaction that it belongs to, counted from 1. */
  readonly transaction?: number;
  readonly mode: Unit['mode'];
  readonly statements: readonly Statement[];
  /** Undefined until the call has succeeded. */
  readonly trips?: number;
  /** Why the call failed. */
  readonly error?: unknown;
}

/** A driver that remembers what it was sent. */
export interface RecordingDriver<Interactive extends boolean = boolean> extends Driver<Interactive> {
  readonly calls: readonly RecordedCall[];
  /** The texts of all statements, in order. */
  readonly sql: readonly string[];
  /** Round trips of the calls that succeeded. */
  readonly trips: number;
  /** Forgets the calls so far. */
  clear(): void;
}

/**
 * Wraps a driver so that a test can see what it was sent. Nothing else about it changes.
 *
 * @example
 * const driver = recordingDriver(libsql(client))
 * // … use it …
 * expect(driver.trips).toBe(1)
 */
export function recordingDriver<Interactive extends boolean>(
  driver: Driver<Interactive>,
): RecordingDriver<Interactive> {
  const calls: RecordedCall[] = [];
  let opened = 0;

  async function record(call: RecordedCall, work: Promise<UnitResult>): Promise<UnitResult> {
    const at = calls.push(call) - 1;
    const keep = (end: Partial<RecordedCall>): void => {
      if (calls[at] === call) calls[at] = { ...call, ...end };
    };
    try {
      const result = await work;
      keep({ trips: result.trips });
      return result;
    } catch (error) {
      keep({ error });
      throw error;
    }
  }

  function recordTransaction(tx: DriverTransaction, transaction: number): DriverTransaction {
    return {
      execute: (unit, options) =>
        record({ kind: 'transaction', transaction, ...brief(unit) }, tx.execute(unit, options)),
      commit: (statements, options) =>
        record({ kind: 'commit', transaction, mode: 'write', statements }, tx.commit(statements, options)),
      rollback: () => record({ kind: 'rollback', transaction, mode: 'write', statements: [] }, tx.rollback()),
    };
  }

  const begin = driver.begin?.bind(driver);
  return {
    name: driver.name,
    interactive: driver.interactive,
    dialect: driver.dialect,
    limits: driver.limits,
    capabilities: driver.capabilities,
    get bookmark() {
      return driver.bookmark;
    },
    execute: (unit, options) => record({ kind: 'unit', ...brief(unit) }, driver.execute(unit, options)),
    ...(begin && { begin: async (options) => recordTransaction(await begin(options), ++opened) }),
    runTransaction: driver.runTransaction,
    close: () => driver.close(),
    calls,
    get sql() {
      return calls.flatMap(({ statements }) => statements.map(({ sql }) => sql));
    },
    get trips() {
      return calls.reduce((sum, { trips = 0 }) => sum + trips, 0);
    },
    clear: () => void calls.splice(0),
  };
}

function brief({ mode, statements }: Unit): Pick<RecordedCall, 'mode' | 'statements'> {
  return { mode, statements };
}
