import type { Limits, Statement, WireValue } from './statement.ts';
import type { SqlType } from '../types/sql-type.ts';
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
  readonly unordered?: true;
  /** How to select a column so that its value arrives whole. */
  readonly read?: (sql: string) => string;
  /** How to bind the value where no column gives it a type. */
  readonly bind?: (placeholder: string) => string;
  /** The encoded value as a token of JSON, where JSON carries it exactly. */
  readonly toJson?: (raw: WireValue) => string;
  /** From the token, once JSON has been taken apart, to the stored value. */
  readonly fromJson?: (sql: string) => string;
}

/** Rows of values bound as one parameter. */
export interface ListSource {
  /** A select of the rows. */
  select(placeholder: string): string;
  encode(rows: readonly (readonly WireValue[])[]): WireValue;
}

/** A statement of a write plan, ready to send. */
export interface PlannedStatement extends Statement {
  /** The operation whose RETURNING rows this statement yields; undefined for guards. */
  readonly operation: number | undefined;
  /** Rows that it must yield. */
  readonly yields: number;
}

/** Everything that differs from one database to the next, as data and small hooks. */
export interface Dialect {
  readonly name: string;
  quote(identifier: string): string;
  /** `index` counts from 1. */
  placeholder(index: number): string;
  codec(type: SqlType): Codec;
  /** How rows of these codecs' values bind as one parameter; undefined where each value needs its own. */
  list(codecs: readonly Codec[]): ListSource | undefined;
  /** SQL for LIMIT and OFFSET, where `undefined` is no limit. */
  limit(limit: string | undefined, offset: string | undefined): string;
  /** DDL of a key that the database makes. */
  readonly generatedKey: string;
  /** Whether a table may refer to one that is created after it. */
  readonly forwardReferences: boolean;
  /** Puts foreign-key checks off to the end of the unit. */
  readonly deferForeignKeys: string | undefined;
  /**
   * Compiles a write plan into the statements of one atomic unit.
   *
   * @param keepKeys whether keys that the database makes must be noted, because triggers may make others meanwhile: a
   *   guard of kind `triggers` asks for it.
   */
  plan(plan: WritePlan, limits: Limits, keepKeys: boolean): PlannedStatement[];
}
