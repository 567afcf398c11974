import type { Dialect } from '../compiler/dialect.ts';

/** What travels to a database and back: the wire values of every dialect. */
export type WireValue = null | number | string | Uint8Array;

/** A statement ready to send. Its text never depends on a value. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly WireValue[];
}

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

/** What one statement or unit may hold. Infinity where there is no limit. */
export interface Limits {
  /** Bound parameters in a statement. */
  readonly parameters: number;
  /** Columns in a result. */
  readonly columns: number;
  /** Terms in a compound SELECT. */
  readonly compoundTerms: number;
  /** Depth of an expression. */
  readonly depth: number;
  /** Bytes of a statement's text. */
  readonly statementBytes: number;
  /** Bytes of one bound value. */
  readonly valueBytes: number;
  /** Statements in a unit. */
  readonly statements: number;
}

/** What a driver can do beside running units. */
export interface Capabilities {
  /** Transactions that stay open while the program decides. */
  readonly interactive: boolean;
  /** Whether a `read` unit of several statements sees one state of the database. */
  readonly snapshotReads: boolean;
  /** Whether the client can cancel a call under way. */
  readonly cancel: boolean;
}

/** An open interactive transaction, on one physical connection. */
export interface DriverTransaction {
  execute(unit: Unit, options?: CallOptions): Promise<UnitResult>;
  /** Runs the statements and commits, in one round trip where the driver can. */
  commit(statements: readonly Statement[], options?: CallOptions): Promise<UnitResult>;
  rollback(): Promise<UnitResult>;
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
  execute(unit: Unit, options?: CallOptions): Promise<UnitResult>;
  /** Present exactly when `interactive` is true. No round trip of its own where the driver can avoid it. */
  begin?(options?: CallOptions): Promise<DriverTransaction>;
  /** Ends what the driver opened; the user's client stays the user's. */
  close(): Promise<void>;
}
