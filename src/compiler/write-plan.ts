import type { Table, TableColumn } from '../schema/table.ts';
import type { WriteNode } from '../sql/nodes.ts';

/** The key that the database makes for the row `ordinal` (from 1) among the new rows of `table` in this unit. */
export class KeyReference {
  readonly table: Table;
  readonly ordinal: number;

  constructor(table: Table, ordinal: number) {
    this.table = table;
    this.ordinal = ordinal;
  }
}

/** A cell of a masked update that keeps what is stored. */
export const UNCHANGED: unique symbol = Symbol('unchanged');

/** A value of its column (null is NULL), a reference to a key, `UNCHANGED`, or undefined for the column's default. */
export type Cell = unknown;

/** New rows of one table. */
export interface InsertOperation {
  readonly kind: 'insert';
  readonly table: Table;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** The ordinal of the first row's key where the database makes the keys: the rest follow. */
  readonly firstOrdinal: number | undefined;
  /** A key below which the database must not make one: the highest that the unit gives or deletes. */
  readonly floor: number | bigint;
  /** Whether another row of the unit refers to these keys. */
  readonly referred: boolean;
  /** Tables that are written between these rows and the last reference to their keys. */
  readonly writtenBeforeLastReference: readonly Table[];
  /** Whether a row that is there already is left as it is. */
  readonly ignoreExisting: boolean;
  readonly returning: readonly TableColumn[];
}

/** Changes to rows of one table, by key; each row may change other columns. */
export interface UpdateOperation {
  readonly kind: 'update';
  readonly table: Table;
  readonly key: readonly TableColumn[];
  readonly set: readonly TableColumn[];
  readonly version: TableColumn | undefined;
  readonly rows: readonly {
    readonly key: readonly Cell[];
    readonly values: readonly Cell[];
    readonly version?: Cell;
  }[];
  readonly returning: readonly TableColumn[];
}

/** Deletion of rows by key. */
export interface DeleteOperation {
  readonly kind: 'delete';
  readonly table: Table;
  readonly key: readonly TableColumn[];
  readonly version: TableColumn | undefined;
  readonly rows: readonly { readonly key: readonly Cell[]; readonly version?: Cell }[];
  /** Whether a row that is already gone is an error. */
  readonly exact: boolean;
}

/** A set-based statement: the cascades of rows that are not in memory. */
export interface StatementOperation {
  readonly kind: 'statement';
  readonly statement: WriteNode;
}

/** Foreign keys are checked at the end of the unit. */
export interface DeferOperation {
  readonly kind: 'defer';
}

export type WriteOperation = InsertOperation | UpdateOperation | DeleteOperation | StatementOperation | DeferOperation;

/** All that one commit writes, in order, as data. */
export interface WritePlan {
  readonly operations: readonly WriteOperation[];
}

/** What a guard of the unit found. Travels in the message of the error that aborts the unit. */
export interface GuardFailure {
  readonly kind: 'stale' | 'keys';
  readonly operation: number;
  /** Rows of the operation, from 0. */
  readonly rows: readonly number[];
}

/** The text that a guard raises. */
export function guardTag(kind: GuardFailure['kind'], operation: number): string {
  return `cinnabar:${kind}:${operation}:`;
}

/** Reads a guard's text back out of a driver's message. */
export function parseGuard(message: string): GuardFailure | undefined {
  const match = /cinnabar:(stale|keys):(\d+):([\d,]*)/.exec(message);
  if (!match) return undefined;
  const rows = match[3] ? match[3].split(',').map(Number) : [];
  return { kind: match[1] as GuardFailure['kind'], operation: Number(match[2]), rows };
}
