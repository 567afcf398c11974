import type { Table, TableColumn } from '../schema/table.ts';
import type { WriteNode } from '../sql/nodes.ts';
import type { Dialect } from './dialect.ts';
import type { WireValue } from './statement.ts';

/** The key that the database makes for the row `ordinal` (from 1) among the new rows of `table` in this unit. */
export class KeyReference {
  declare readonly table: Table;
  declare readonly ordinal: number;

  constructor(table: Table, ordinal: number) {
    this.table = table;
    this.ordinal = ordinal;
  }
}

/** A cell of an update of one row that the database computes. */
export class SqlCell {
  /** The SQL; its parameters go to the end of `params`. */
  declare readonly text: (params: WireValue[], dialect: Dialect) => string;
  /** Whether the program has not assigned anything else meanwhile. */
  declare readonly isPending: () => boolean;

  constructor(text: SqlCell['text'], isPending: SqlCell['isPending']) {
    this.text = text;
    this.isPending = isPending;
  }
}

/** A cell of an update that keeps what is stored. */
export const UNCHANGED: unique symbol = Symbol('unchanged');

/** A value in the database's form (null is NULL), a reference to a key, `UNCHANGED`, or undefined for the column's default. */
export type Cell = unknown;

/** Rows of one table, as cells. */
export interface Rows {
  readonly table: Table;
  /** The columns by which a row is found: its key, and its version where it has one. */
  readonly match: readonly TableColumn[];
  /** The columns that are written. */
  readonly set: readonly TableColumn[];
  /** Of each row the cells of `match`, then those of `set`. */
  readonly rows: readonly (readonly Cell[])[];
}

/** Rows that are written, and the columns of each that come back after its key. */
interface WrittenRows extends Rows {
  readonly returning: readonly TableColumn[];
}

/** New rows. Where the database makes the keys, each has a reference to its own in the column of the key. */
export interface InsertOperation extends WrittenRows {
  readonly kind: 'insert';
  /** Undefined where the rows have their keys. */
  readonly keys: MadeKeys | undefined;
  /** Whether a row that is there already is left as it is. */
  readonly ignoreExisting: boolean;
}

/** Keys that the database makes for the rows of one insert, in order. */
export interface MadeKeys {
  /** A key below which the database must not make one: the highest that the unit gives, changes or deletes. */
  readonly floor: number | bigint;
  /** How the unit refers to the keys; undefined where it does not. */
  references: KeyReferences | undefined;
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

/** Changes to rows, each of which may change other columns. */
export interface UpdateOperation extends WrittenRows {
  readonly kind: 'update';
  /** Rows that refer to these and have to change with them, any number of each: in the same statement where one can. */
  readonly followers?: readonly Followers[];
}

/** Rows that are meant by some of the columns of a foreign key: in the others, too, they have to refer to something. */
export interface Followers extends Rows {
  readonly present: readonly TableColumn[];
}

/** Rows that must be there, in the version that was read: a deletion follows. */
export interface CheckOperation extends Rows {
  readonly kind: 'check';
}

/** Deletion of rows; one that is gone by then is no error. */
export interface DeleteOperation extends Rows {
  readonly kind: 'delete';
}

/** Rows of which columns are read back: what triggers have made of them. */
export interface ReadOperation extends Rows {
  readonly kind: 'read';
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

export type RowOperation = InsertOperation | UpdateOperation | ReadOperation | CheckOperation | DeleteOperation;
export type WriteOperation = RowOperation | StatementOperation | DeferOperation;

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

/** What a guard found, out of the message of an error or of what caused it. */
export function findGuard(error: unknown): GuardFailure | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const [, kind, operation, rows] =
      /cinnabar:(stale|rows|keys|triggers|range):(\d+):([\d,]*)/.exec(cause.message) ?? [];
    if (!kind) continue;
    return {
      kind: kind as GuardFailure['kind'],
      operation: Number(operation),
      rows: rows ? rows.split(',').map(Number) : [],
    };
  }
  return undefined;
}
