import type { OnDelete } from '../schema/column.ts';

// A schema as one database has it, or is to have it: plain data that JSON carries. Names are those of the database; types
// and expressions are text of its dialect. What is absent is not there.

/** The name of a table, a view or an enum, and the schema that it is in, where that is not the default one. */
export interface ObjectName {
  readonly schema?: string;
  readonly name: string;
}

export interface ColumnSnapshot {
  readonly name: string;
  /** As declared: `varchar(40)`. */
  readonly type: string;
  readonly nullable: boolean;
  /** SQL, without the parentheses around it. */
  readonly default?: string;
  /**
   * A key that the database makes: `default` unless a row brings one, `always`, or (SQLite) `once`: none a second time.
   */
  readonly identity?: 'default' | 'always' | 'once';
  readonly generated?: { readonly expression: string; readonly stored: boolean };
  readonly collation?: string;
  readonly comment?: string;
}

/** What a constraint does about a row that breaks it, where SQLite is told: `replace`. */
interface Conflict {
  readonly onConflict?: string;
}

/** A primary key or a unique constraint. Without a name where the database was given none. */
export interface KeySnapshot extends Conflict {
  readonly name?: string;
  readonly columns: readonly string[];
  readonly deferrable?: 'immediate' | 'deferred';
  /** Two NULLs are the same. */
  readonly nullsNotDistinct?: true;
  /** PostgreSQL: its last column is a range, and those of rows with one key do not overlap. */
  readonly withoutOverlaps?: true;
}

export interface ForeignKeySnapshot {
  readonly name?: string;
  readonly columns: readonly string[];
  readonly target: ObjectName;
  readonly references: readonly string[];
  readonly onDelete?: Exclude<OnDelete, 'no action'>;
  readonly onUpdate?: Exclude<OnDelete, 'no action'>;
  readonly deferrable?: 'immediate' | 'deferred';
  readonly match?: 'full';
  /** PostgreSQL: its last column is a range, which lies within those of the rows that it leads to. */
  readonly period?: true;
  /** Rows that were there before it have not been checked. */
  readonly notValid?: true;
  /** PostgreSQL: rows that come are not checked either. */
  readonly notEnforced?: true;
}

export interface CheckSnapshot extends Conflict {
  readonly name?: string;
  readonly expression: string;
  /** Rows that were there before it have not been checked. */
  readonly notValid?: true;
  /** PostgreSQL: rows that come are not checked either. */
  readonly notEnforced?: true;
}

/** A column of an index, or an expression. */
export interface IndexTerm {
  readonly column?: string;
  readonly expression?: string;
  readonly descending?: true;
  /** Where that is not what the direction has anyway. */
  readonly nulls?: 'first' | 'last';
  readonly collation?: string;
  /** PostgreSQL: `text_pattern_ops`. */
  readonly operators?: string;
}

export interface IndexSnapshot {
  readonly name: string;
  readonly on: readonly IndexTerm[];
  readonly unique?: true;
  readonly where?: string;
  /** PostgreSQL: `gin`, where it is not `btree`. */
  readonly method?: string;
  /** Columns that are stored with it and not searched by. */
  readonly include?: readonly string[];
  readonly nullsNotDistinct?: true;
}

/** A trigger, which no model declares: kept when its table is rebuilt, otherwise left alone. */
export interface TriggerSnapshot {
  readonly name: string;
  readonly sql: string;
}

export interface TableSnapshot extends ObjectName {
  readonly columns: readonly ColumnSnapshot[];
  readonly primaryKey?: KeySnapshot;
  readonly uniques: readonly KeySnapshot[];
  readonly foreignKeys: readonly ForeignKeySnapshot[];
  readonly checks: readonly CheckSnapshot[];
  readonly indexes: readonly IndexSnapshot[];
  readonly triggers?: readonly TriggerSnapshot[];
  readonly strict?: true;
  readonly withoutRowid?: true;
  readonly comment?: string;
  /** What no snapshot can say of it, so that it cannot be rebuilt: `a virtual table`. */
  readonly opaque?: string;
}

export interface EnumSnapshot extends ObjectName {
  readonly labels: readonly string[];
  readonly comment?: string;
}

export interface ViewSnapshot extends ObjectName {
  /** The names of its columns, where they are said apart from the query. */
  readonly columns?: readonly string[];
  /** Its query. */
  readonly query: string;
  readonly materialized?: true;
  readonly comment?: string;
}

/**
 * A whole schema. `reflect` reads it from a database, `snapshotOf` makes it of models, and JSON carries it.
 *
 * @example
 * const snapshot: SchemaSnapshot = { dialect: 'sqlite', schemas: [], tables: [], enums: [], views: [] };
 */
export interface SchemaSnapshot {
  /** Whose types and expressions it speaks: `sqlite`, `postgres`. */
  readonly dialect: string;
  /** What the default schema is called in the database that was read. */
  readonly defaultSchema?: string;
  /** Those that are there beside the default one. */
  readonly schemas: readonly string[];
  readonly tables: readonly TableSnapshot[];
  readonly enums: readonly EnumSnapshot[];
  /** In an order in which they can be created. */
  readonly views: readonly ViewSnapshot[];
}
