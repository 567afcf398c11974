import type { Statement, WireValue } from './statement.ts';
import type { ErrorClass } from '../errors/errors.ts';
import type { LockNode } from '../sql/lock.ts';
import type { SourceNode } from '../sql/nodes.ts';
import type { GeneratedKey, QualifiedName } from '../schema/definition.ts';
import type { Table } from '../schema/table.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { UnitKeys, Write } from './unit/unit-statement.ts';
import type { WritePlan } from './write-plan.ts';

/** One type in one dialect: its name in DDL and both directions of its values. */
export interface Codec {
  readonly ddl: string;
  /** The value as the database gives it back when read through `read`: also what a snapshot keeps. */
  encode(value: unknown): WireValue;
  decode(raw: unknown): unknown;
  /** Decodes what an expression made of values of the type, where that may be beyond it; `decode` where undefined. */
  readonly computed?: (raw: unknown) => unknown;
  /** Whether `decode` returns what it is given. */
  readonly plain: boolean;
  /** Stored in a form that the database cannot order nor count with. */
  readonly unordered?: (database: string) => Error;
  /** How to select a column so that its value arrives whole. */
  readonly read?: (sql: string) => string;
  /** How to bind the value where no column gives it a type: every number says it. */
  readonly bind?: (placeholder: string) => string;
  /** The encoded value as a token of JSON, where JSON carries it exactly. */
  readonly toJson?: (raw: WireValue) => string;
  /** From the token, once JSON has been taken apart, to the stored value. */
  readonly fromJson?: (sql: string) => string;
}

/** Rows of values bound as one parameter. */
export interface ListSource {
  /** A row as text. */
  row(values: readonly WireValue[]): string;
  /** The parameter, from its rows. */
  encode(rows: readonly string[]): WireValue;
  /** What stands in FROM to read the rows of a parameter, and SQL for a value of one. */
  from(placeholder: string): string;
  cell(at: number): string;
}

/** An UPDATE of the rows that a condition tells. */
export interface UpdateParts {
  readonly table: string;
  readonly set: readonly (readonly [column: string, value: string])[];
  /** What it reads beside the table; empty where that is nothing. */
  readonly from: string;
  readonly where: string;
}

export function updateText({ table, set, from, where }: UpdateParts): string {
  return `update ${table} set ${set.map(([column, value]) => `${column} = ${value}`).join(', ')}${from} where ${where}`;
}

/** How the unit of a session is written, beyond the SQL that all databases share. */
export interface UnitDialect {
  /**
   * A statement that fails, and the unit with it, when `text` is not NULL; the text is in the message of its error.
   *
   * @param otherwise where keys are computed: what it yields when it does not fail.
   */
  fail(text: string, otherwise?: string): string;
  /**
   * Where a write cannot be asked afterwards what it did, and foreign keys are checked at the end of a statement: the
   * write, its failure and other writes as one statement.
   *
   * @param write ends in the RETURNING of the columns, or of anything.
   */
  readonly failing?: (write: string, columns: readonly string[], failure: string, others: readonly string[]) => string;
  /** For `failing`: an update and others as one statement can do them, in which no row may change twice. */
  readonly together?: (update: UpdateParts, others: readonly UpdateParts[]) => readonly UpdateParts[];
  /** SQL for what the write before did: how many rows, and the last key that the database made. */
  readonly changes: string;
  lastKey(key: string): string;
  /** SQL for the values of all rows, joined by commas; NULL without rows. */
  join(sql: string): string;
  readonly keys: ComputedKeysDialect | DrawnKeysDialect;
}

/** Keys are the highest of the table plus the ordinal: the unit is alone in the database. */
export interface ComputedKeysDialect {
  readonly drawn?: undefined;
  /** SQL for `floor` or, where it is higher, the highest key that a table which makes none a second time ever had. */
  usedKey(floor: string, table: QualifiedName, add: (value: WireValue) => string): string;
  /** SQL for whether one of the tables has a trigger, or any table of the schemas that they are in. */
  hasTriggers(tables: readonly QualifiedName[], isAny: boolean, add: (value: WireValue) => string): string;
}

/** Keys are drawn from the table's sequence at the start of the unit. */
export interface DrawnKeysDialect {
  /** @param all whether also the key of a single row is drawn, to which nothing refers. */
  drawn(plan: WritePlan, write: Write, all: boolean): UnitKeys;
  /** The error where one of them is taken, and the end of its message: why, and what to do. */
  readonly taken: readonly [ErrorClass, string];
}

/** New rows of a table, the keys of which follow each other. */
export interface KeyRun {
  readonly table: Table;
  readonly rows: number;
}

/** A statement of a write plan, ready to send. */
export interface PlannedStatement extends Statement {
  /** The operation whose RETURNING rows this statement yields; undefined for guards. */
  readonly operation: number | undefined;
  /** Rows that it must yield. */
  readonly yields: number;
  /** The new rows of whose keys a guard yields the last. */
  readonly lastKeyOf: KeyRun | undefined;
}

/** What differs in the schemas of databases. */
export interface DdlDialect {
  /**
   * The type of a key that the database makes, with the `constraint` that it is; `once`: none a second time.
   *
   * @param type the name of its type, where the database has several.
   */
  generatedKey(constraint: string, kind: GeneratedKey, type: string): string;
  /** What follows the columns of a table that asks for it. */
  readonly tableOptions: { readonly strict?: string; readonly withoutRowid?: string };
  /** Whether foreign keys and views may lead from one schema to another. */
  readonly crossSchema: boolean;
  /** Whether a view that may be there already is replaced, and not left as it is. */
  readonly replacesViews?: true;
  /** Types of labels, where the database has them: text with a check otherwise. */
  readonly enums?: {
    /**
     * @param name quoted, with its schema.
     * @param labels as literals.
     * @param isLenient whether one that is there already is left as it is.
     */
    create(name: string, labels: readonly string[], isLenient: boolean): string;
    /** Names that mean another type, wherever no schema stands before them. */
    readonly taken: RegExp;
  };
  /** Whether an index may have a method, columns that it includes, and NULLs that are one. */
  readonly indexMethods?: true;
  /** Whether tables and columns have comments. */
  readonly comments?: true;
  /** Names of tables, indexes and views that the database keeps for itself. */
  readonly reservedNames: RegExp;
  /** How long a name may be; undefined for any length. */
  readonly nameBytes?: number;
}

/** Everything that differs from one database to the next, as data and small hooks. */
export interface Dialect {
  readonly name: string;
  /** `isSchema`: it is the name of a schema, which an engine may have under another. */
  quote(identifier: string, isSchema?: boolean): string;
  /** `index` counts from 1; `inOrder` where the text names all of them in turn. */
  placeholder(index: number, inOrder?: boolean): string;
  /** Rows of parameters as VALUES has them, the first of which is parameter `first`; none of a higher index stands before. */
  placeholders(first: number, rows: number, width: number): string;
  /** Whether every parameter has to say its type, also beside a column: clients may guess at another. */
  readonly typedParameters?: true;
  /** What ends a LIKE in which no character is an escape, where the database has one unless it is told otherwise. */
  readonly plainLike?: string;
  /** Whether RETURNING sees the other sources of an UPDATE too, so that its columns are named with their table. */
  readonly returnsAmongSources?: true;
  codec(type: SqlType): Codec;
  /** How rows of these codecs' values bind as one parameter; undefined where each value needs its own. */
  list(codecs: readonly Codec[]): ListSource | undefined;
  /** Locks on rows; undefined where there are none. */
  readonly locks?: {
    /** SQL that locks the rows of a select of some sources. */
    text(lock: LockNode, sources: readonly SourceNode[]): string;
    /** Why a lock outside of a transaction is refused. */
    readonly outside: string;
  };
  /** Whether NULL comes after all values in rising order; before them otherwise. */
  readonly nullsAreLargest?: true;
  /** SQL for LIMIT and OFFSET, where `undefined` is no limit. */
  limit(limit: string | undefined, offset: string | undefined): string;
  readonly ddl: DdlDialect;
  /** Whether a table may refer to one that is created after it. */
  readonly forwardReferences: boolean;
  /** Puts foreign-key checks off to the end of the unit. */
  readonly deferForeignKeys: string | undefined;
  readonly unit: UnitDialect;
  /** How the database tells what it does for a statement: what stands before it, and whether steps name those above them. */
  readonly explain: { readonly prefix: string; readonly isTree: boolean };
}
