import type { SqlType } from '../types/sql-type.ts';
import type { ForeignKeyOptions } from './column.ts';
import type { Fragment } from './fragment.ts';

// Schema changes as plain data: names are those of the database, expressions are trees. A dialect renders them.

/** A name, and the schema (on SQLite: the attached database) that it is in. */
export interface QualifiedName {
  readonly schema: string | undefined;
  readonly name: string;
}

/** How the database makes a key: `once` gives none a second time, `always` takes none from a program. */
export type GeneratedKey = 'plain' | 'once' | 'always';

export interface ColumnDefinition {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  /** A key that the database makes; `once`: none a second time. */
  readonly identity?: GeneratedKey | undefined;
  readonly default?: Fragment | undefined;
  readonly computed?: { readonly expression: Fragment; readonly stored: boolean } | undefined;
  readonly collation?: string | undefined;
  readonly comment?: string | undefined;
}

/** A primary key or a unique constraint. */
export interface KeyDefinition {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface ForeignKeyDefinition extends Omit<ForeignKeyOptions, 'name'> {
  readonly name: string;
  readonly columns: readonly string[];
  readonly target: QualifiedName;
  readonly references: readonly string[];
}

export interface CheckDefinition {
  readonly name: string;
  readonly condition: Fragment;
}

export interface TableDefinition extends QualifiedName {
  readonly columns: readonly ColumnDefinition[];
  readonly primaryKey: KeyDefinition | undefined;
  readonly uniques: readonly KeyDefinition[];
  readonly foreignKeys: readonly ForeignKeyDefinition[];
  readonly checks: readonly CheckDefinition[];
  readonly strict: boolean;
  readonly withoutRowid: boolean;
  readonly comment?: string | undefined;
}

export interface IndexDefinition extends QualifiedName {
  readonly table: string;
  readonly on: readonly Fragment[];
  readonly unique: boolean;
  readonly where?: Fragment | undefined;
  readonly method?: string;
  /** The names of columns that are kept in it and not searched by. */
  readonly include?: readonly string[];
  readonly nullsNotDistinct?: true;
}

export interface ViewDefinition extends QualifiedName {
  readonly columns: readonly string[];
  readonly query: Fragment;
}

/** A type of labels. */
export interface EnumDefinition extends QualifiedName {
  readonly labels: readonly string[];
}

/** Databases without such types have text, with a check in each table. */
export interface CreateEnum {
  readonly kind: 'createEnum';
  readonly enum: EnumDefinition;
}
export interface DropEnum {
  readonly kind: 'dropEnum';
  readonly enum: QualifiedName;
}
export interface CreateTable {
  readonly kind: 'createTable';
  readonly table: TableDefinition;
}
export interface DropTable {
  readonly kind: 'dropTable';
  readonly table: QualifiedName;
}
export interface RenameTable {
  readonly kind: 'renameTable';
  readonly table: QualifiedName;
  readonly to: string;
}
export interface AddColumn {
  readonly kind: 'addColumn';
  readonly table: QualifiedName;
  readonly column: ColumnDefinition;
  readonly foreignKeys?: readonly ForeignKeyDefinition[];
  readonly checks?: readonly CheckDefinition[];
}
export interface DropColumn {
  readonly kind: 'dropColumn';
  readonly table: QualifiedName;
  readonly column: string;
}
export interface RenameColumn {
  readonly kind: 'renameColumn';
  readonly table: QualifiedName;
  readonly column: string;
  readonly to: string;
}
export interface AddForeignKey {
  readonly kind: 'addForeignKey';
  readonly table: QualifiedName;
  readonly key: ForeignKeyDefinition;
}
export interface DropForeignKey {
  readonly kind: 'dropForeignKey';
  readonly table: QualifiedName;
  readonly key: string;
}
export interface CreateIndex {
  readonly kind: 'createIndex';
  readonly index: IndexDefinition;
}
export interface DropIndex {
  readonly kind: 'dropIndex';
  readonly index: QualifiedName;
}
export interface CreateView {
  readonly kind: 'createView';
  readonly view: ViewDefinition;
}
export interface DropView {
  readonly kind: 'dropView';
  readonly view: QualifiedName;
}

/** One step from a schema to another. */
export type SchemaChange =
  | CreateEnum
  | DropEnum
  | CreateTable
  | DropTable
  | RenameTable
  | AddColumn
  | DropColumn
  | RenameColumn
  | AddForeignKey
  | DropForeignKey
  | CreateIndex
  | DropIndex
  | CreateView
  | DropView;
