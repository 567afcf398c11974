import type {
  CheckSnapshot,
  ColumnSnapshot,
  EnumSnapshot,
  ForeignKeySnapshot,
  IndexSnapshot,
  KeySnapshot,
  ObjectName,
  TableSnapshot,
  ViewSnapshot,
} from '../snapshot.ts';

// Operations are plain data that JSON carries. Each holds what its reverse needs.

export interface CreateSchema {
  readonly kind: 'createSchema';
  readonly name: string;
}
export interface DropSchema {
  readonly kind: 'dropSchema';
  readonly name: string;
}
export interface CreateTable {
  readonly kind: 'createTable';
  readonly table: TableSnapshot;
}
export interface DropTable {
  readonly kind: 'dropTable';
  readonly table: TableSnapshot;
}
export interface RenameTable {
  readonly kind: 'renameTable';
  readonly table: ObjectName;
  readonly to: string;
}
/** Changes what SQLite says of a whole table. */
export interface AlterTable {
  readonly kind: 'alterTable';
  readonly table: ObjectName;
  readonly from: TableSettings;
  readonly to: TableSettings;
}
export interface TableSettings {
  readonly strict?: true;
  readonly withoutRowid?: true;
}
export interface AddColumn {
  readonly kind: 'addColumn';
  readonly table: ObjectName;
  readonly column: ColumnSnapshot;
  /** SQL for the value that rows get which are there already, where that is not the column's default. */
  readonly fill?: string;
}
export interface DropColumn {
  readonly kind: 'dropColumn';
  readonly table: ObjectName;
  readonly column: ColumnSnapshot;
}
/** Changes the type, nullability, default, collation or computation of a column. Its name stays: `renameColumn`. */
export interface AlterColumn {
  readonly kind: 'alterColumn';
  readonly table: ObjectName;
  readonly from: ColumnSnapshot;
  readonly to: ColumnSnapshot;
  /** SQL for the new value, over the columns as they were; a cast where it is absent. */
  readonly using?: string;
}
export interface RenameColumn {
  readonly kind: 'renameColumn';
  readonly table: ObjectName;
  readonly column: string;
  readonly to: string;
}

export type Constraint =
  | ({ readonly kind: 'primaryKey' } & KeySnapshot)
  | ({ readonly kind: 'unique' } & KeySnapshot)
  | ({ readonly kind: 'foreignKey' } & ForeignKeySnapshot)
  | ({ readonly kind: 'check' } & CheckSnapshot);

export interface AddConstraint {
  readonly kind: 'addConstraint';
  readonly table: ObjectName;
  readonly constraint: Constraint;
}
export interface DropConstraint {
  readonly kind: 'dropConstraint';
  readonly table: ObjectName;
  readonly constraint: Constraint;
}
export interface RenameConstraint {
  readonly kind: 'renameConstraint';
  readonly table: ObjectName;
  readonly constraint: Constraint;
  readonly to: string;
}
export interface CreateIndex {
  readonly kind: 'createIndex';
  readonly table: ObjectName;
  readonly index: IndexSnapshot;
  /** PostgreSQL: without a lock on writers, and so outside a transaction. */
  readonly concurrently?: true;
}
export interface DropIndex {
  readonly kind: 'dropIndex';
  readonly table: ObjectName;
  readonly index: IndexSnapshot;
  readonly concurrently?: true;
}
export interface CreateEnum {
  readonly kind: 'createEnum';
  readonly enum: EnumSnapshot;
}
export interface DropEnum {
  readonly kind: 'dropEnum';
  readonly enum: EnumSnapshot;
}
export interface RenameEnum {
  readonly kind: 'renameEnum';
  readonly enum: ObjectName;
  readonly to: string;
}
export interface AddEnumLabel {
  readonly kind: 'addEnumLabel';
  readonly enum: ObjectName;
  readonly label: string;
  /** At the end where it is absent. */
  readonly before?: string;
  /** Those that are there already, in order. */
  readonly labels: readonly string[];
}
export interface RenameEnumLabel {
  readonly kind: 'renameEnumLabel';
  readonly enum: ObjectName;
  readonly label: string;
  readonly to: string;
}
/** Takes a label away, or changes the order: the type is made anew, and every column of it. */
export interface AlterEnum {
  readonly kind: 'alterEnum';
  readonly enum: ObjectName;
  readonly from: readonly string[];
  readonly to: readonly string[];
}
export interface CreateView {
  readonly kind: 'createView';
  readonly view: ViewSnapshot;
}
export interface DropView {
  readonly kind: 'dropView';
  readonly view: ViewSnapshot;
}
/** The comment of a table, or of a column. */
export interface SetComment {
  readonly kind: 'setComment';
  readonly table: ObjectName;
  readonly column?: string;
  readonly from?: string;
  readonly to?: string;
}

/** SQL for each dialect by its name, or for all. */
export type DialectSql = readonly string[] | Readonly<Record<string, readonly string[]>>;

/** Statements of one's own: a step that changes data, what no operation says. */
export interface RunSql {
  readonly kind: 'sql';
  readonly up: DialectSql;
  /** Absent where it cannot be undone. */
  readonly down?: DialectSql;
  /** `false` for what no transaction takes: `vacuum`. */
  readonly transactional?: false;
}

/** One step from a schema to another, as plain data. */
export type Operation =
  | CreateSchema
  | DropSchema
  | CreateTable
  | DropTable
  | RenameTable
  | AlterTable
  | AddColumn
  | DropColumn
  | AlterColumn
  | RenameColumn
  | AddConstraint
  | DropConstraint
  | RenameConstraint
  | CreateIndex
  | DropIndex
  | CreateEnum
  | DropEnum
  | RenameEnum
  | AddEnumLabel
  | RenameEnumLabel
  | AlterEnum
  | CreateView
  | DropView
  | SetComment
  | RunSql;

/** A lock that a step takes, and what it keeps from others meanwhile. */
export interface StepLock {
  readonly table: ObjectName;
  /** As the database calls it: `access exclusive`. */
  readonly mode: string;
  readonly blocks: 'reads and writes' | 'writes' | 'schema changes';
  /** Whether it is held while every row is read or written. */
  readonly scans: boolean;
}

/** Rows that a step may drop, change or be refused for. */
export interface RowsAtRisk {
  /** The name that consents: `users`, `users.email`. */
  readonly object: string;
  readonly why: string;
  /** SELECT of their number, over the schema as it is before the step. */
  readonly count: string;
}

/** Statements of operations that run together. */
export interface Step {
  readonly operations: readonly Operation[];
  /** SQL without parameters, to run in order. */
  readonly statements: readonly string[];
  /** Whether they run in a transaction, with others; `false`: alone, outside of any, and perhaps half. */
  readonly transactional: boolean;
  readonly locks: readonly StepLock[];
  readonly rowsAtRisk: readonly RowsAtRisk[];
  /** Names of objects that have to be consented to: `users`, `users.email`. */
  readonly destructive: readonly string[];
}
