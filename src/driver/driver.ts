import type { Dialect } from '../compiler/dialect.ts';
import type { Limits, Statement, WireValue } from '../compiler/statement.ts';
import type { Resolution } from '../errors/base.ts';
import type { runTransaction } from './run-transaction.ts';
import type { BeginOptions, Isolation, TransactionSettings } from './transaction-options.ts';

export type { Limits, Statement, WireValue };

/** Statements that go as one, in order, in one round trip where the driver can. */
export interface Unit {
  readonly statements: readonly Statement[];
  /** `write` units are atomic: all statements or none. */
  readonly mode: 'read' | 'write';
  /** Whether the statements of a `read` unit must see one state of the database. */
  readonly snapshot?: boolean;
}

/** How one call may end early. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline?: number;
}

/** The answer to one statement. */
export interface StatementResult {
  /** Cells by position, in the order of the selected columns. */
  readonly rows: readonly (readonly unknown[])[];
  /** Rows that the statement inserted, changed or deleted; 0 where the driver does not say. */
  readonly changes: number;
}

/** The answers to a unit, one for each statement, in order. */
export interface UnitResult {
  readonly results: readonly StatementResult[];
  /** Network round trips that the unit took. */
  readonly trips: number;
}

/** What a driver can do beside running units. */
export interface Capabilities {
  /** Transactions that stay open while the program decides. */
  readonly interactive: boolean;
  /** Whether a unit is one round trip, however many statements it has. */
  readonly oneTrip: boolean;
  /** Whether a `read` unit of several statements sees one state of the database. */
  readonly snapshotReads: boolean;
  /** Whether the client can cancel a call under way. */
  readonly cancel: boolean;
  /** Whether the driver tells by `bookmark` how far the database was. */
  readonly bookmarks: boolean;
  /** Whether cells come by position whatever the columns are called: several may have one name, or a number for one. */
  readonly positionalRows: boolean;
  /** Whether `changes` leaves out the rows that triggers and cascades of foreign keys write. */
  readonly exactChanges: boolean;
  /** Whether an integer that a number cannot hold is refused when it is read, and not rounded. */
  readonly exactIntegers: boolean;
  /** Whether the driver takes EXPLAIN. */
  readonly explain: boolean;
  /** The levels of isolation that an interactive transaction may ask for. */
  readonly isolations: readonly Isolation[];
  /** What else it may ask for. */
  readonly transactionSettings: readonly (keyof TransactionSettings)[];
  /** `false` where an error by which SQLite rolls back as a whole ends the database for the program: a full one, OR ROLLBACK. */
  readonly survivesRollback?: false;
  /** `false` where the client drops a mark of the order of bytes (U+FEFF) that a text begins with. */
  readonly exactText?: false;
}

/** An open interactive transaction, on one physical connection. */
export interface DriverTransaction {
  execute(unit: Unit, options?: CallOptions): Promise<UnitResult>;
  /** Runs the statements and commits, in one round trip where the driver can. */
  commit(statements: readonly Statement[], options?: CallOptions): Promise<UnitResult>;
  rollback(): Promise<UnitResult>;
  /** By which the database tells what became of it, where it was asked to identify it and has answered. */
  readonly id?: string | undefined;
}

/**
 * What an adapter provides: a database that runs units of statements. It rejects with a `CinnabarError` whose `outcome`
 * says what became of the unit, and never retries a write.
 */
export interface Driver<Interactive extends boolean = boolean> {
  /** For log and error messages: `libsql`, `d1`. */
  readonly name: string;
  readonly interactive: Interactive;
  readonly dialect: Dialect;
  readonly limits: Limits;
  readonly capabilities: Capabilities;
  /** How far the database was when the last unit ended: another driver that starts there sees no less. */
  readonly bookmark?: string | undefined;
  execute(unit: Unit, options?: CallOptions): Promise<UnitResult>;
  /** Present exactly when `interactive` is true. No round trip of its own where the driver can avoid it. */
  begin?(options?: BeginOptions): Promise<DriverTransaction>;
  /**
   * What became of a transaction with that `id`. Final: one that was not stored by then never will be. A driver that
   * has it takes `identify` in `transactionSettings`.
   */
  resolve?(id: string, options?: CallOptions): Promise<Resolution>;
  /** What runs sessions in those transactions; a driver with `begin` has the one that is exported. */
  readonly runTransaction?: typeof runTransaction | undefined;
  /** Ends what the driver opened; the user's client stays the user's. */
  close(): Promise<void>;
}
