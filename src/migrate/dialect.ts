import type { Dialect } from '../compiler/dialect.ts';
import { ConfigurationError } from '../errors/errors.ts';
import type { Operation, Step } from './operations/operation.ts';
import type { ColumnSnapshot, EnumSnapshot, SchemaSnapshot, TableSnapshot } from './snapshot.ts';

/** Rows of statements, in their order. */
export type Answers = readonly (readonly (readonly unknown[])[])[];

/** Statements that ask the database, and what its answers mean. */
export interface Question<T> {
  readonly statements: readonly string[];
  read(answers: Answers): T;
}

/** The schemas to look at beside the default one. */
export type Schemas = readonly string[] | 'all';

/** What tells one schema from another in a dialect. */
export interface DialectRules {
  /** Whether the columns of a foreign key have to be of the types of those that they lead to. */
  readonly typedKeys?: true;
  /** What the database makes of a table that is declared so. */
  settled(table: TableSnapshot): TableSnapshot;
  /** A type as text that is equal where two names mean one type, for columns of this table. */
  type(declared: string, table: TableSnapshot): string;
}

/** Asks a database for its schema. */
export type Reflection = (schemas: Schemas) => Question<SchemaSnapshot>;

/**
 * How the database itself writes the expressions of `desired` that differ in text from those of `actual`: `desired` with
 * those that turn out to be the same. Undefined where nothing has to be asked; the answer is undefined where the
 * statements met different connections, and one transaction is needed.
 */
export type Reconciliation = (
  actual: SchemaSnapshot,
  desired: SchemaSnapshot,
) => Question<SchemaSnapshot | undefined> | undefined;

/** The statements of operations. */
export type Renderer = (operations: readonly Operation[], current: SchemaSnapshot) => Step[];

/**
 * TypeScript for the type of a column: `text()`; with the names that it imports.
 *
 * @param enumName what a type of labels is called in the program.
 */
export type ColumnTypes = (
  column: ColumnSnapshot,
  table: TableSnapshot,
  schema: SchemaSnapshot,
  enumName: (of: EnumSnapshot) => string,
) => ColumnSource;

/** TypeScript for a column type. */
export interface ColumnSource {
  readonly code: string;
  readonly imports: readonly string[];
}

/** What each dialect has of one thing. There is a table for each, where it is used: a program carries no other. */
export type ByDialect<T> = Readonly<Record<'sqlite' | 'postgres', T>>;

/** What a dialect has, by its name. */
export function ofDialect<T>(known: ByDialect<T>, { name }: Pick<Dialect, 'name'>): T {
  if (Object.hasOwn(known, name)) return known[name as keyof ByDialect<T>];
  throw new ConfigurationError(`migrations know nothing of ${name}; they know ${Object.keys(known).join(', ')}`);
}
