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
  /** How the unit refers to the keys that the database makes for these rows; undefined where it does not. */
  readonly references: KeyReferences | undefined;
  /** Whether a row that is there already is left as it is. */
  readonly ignoreExisting: boolean;
  readonly returning: readonly TableColumn[];
}

/** Where in a unit the keys made by one insert are referred to. */
export interface KeyReferences {
  /** Whether these rows, or some written before them, refer to the keys: then the insert has to give the keys itself. */
  readonly early: boolean;
  /** Tables that other operations write while references are still to come: a trigger of theirs may make a key here. */
  readonly between: readonly Table[];
  /** The last operation that refers to the keys. */
  readonly last: number;
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

/** Rows that must be there, in the version that was read: a deletion follows. */
export interface CheckOperation {
  readonly kind: 'check';
  readonly table: Table;
  readonly key: readonly TableColumn[];
  readonly version: TableColumn | undefined;
  readonly rows: readonly { readonly key: readonly Cell[]; readonly version?: Cell }[];
}

/** Deletion of rows by key; one that is gone by then is no error. */
export interface DeleteOperation {
  readonly kind: 'delete';
  readonly table: Table;
  readonly key: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
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

export type WriteOperation =
  | InsertOperation
  | UpdateOperation
  | CheckOperation
  | DeleteOperation
  | StatementOperation
  | DeferOperation;

/** All that one commit writes, in order, as data. */
export interface WritePlan {
  readonly operations: readonly WriteOperation[];
}

/**
 * What a guard of the unit found. Travels in the message of the error that aborts the unit.
 *
 * - `stale`: a row that is to be changed or deleted is gone, or has another version.
 * - `rows`: the database left out rows that it was to insert.
 * - `keys`: keys are, or may be, others than those that the unit refers to.
 * - `triggers`: triggers may make keys that the unit does not know of; it can be sent again with its keys noted.
 * - `range`: a key that the database made is beyond what its column's type holds.
 */
export interface GuardFailure {
  readonly kind: 'stale' | 'rows' | 'keys' | 'triggers' | 'range';
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
  const match = /cinnabar:(stale|rows|keys|triggers|range):(\d+):([\d,]*)/.exec(message);
  if (!match) return undefined;
  const rows = match[3] ? match[3].split(',').map(Number) : [];
  return { kind: match[1] as GuardFailure['kind'], operation: Number(match[2]), rows };
}
