import type { Dialect } from '../compiler/dialect.ts';
import { ConfigurationError } from '../errors/errors.ts';
import type { Operation, Step } from './operations/operation.ts';
import { postgresMigrations } from './postgres/index.ts';
import type { ColumnSnapshot, EnumSnapshot, SchemaSnapshot, TableSnapshot } from './snapshot.ts';
import { sqliteMigrations } from './sqlite/index.ts';

/** Rows of statements, in their order. */
export type Answers = readonly (readonly (readonly unknown[])[])[];

/** Statements that ask the database, and what its answers mean. */
export interface Question<T> {
  readonly statements: readonly string[];
  read(answers: Answers): T;
}

/** The schemas to look at beside the default one. */
export type Schemas = readonly string[] | 'all';

/** What differs from one database to the next in the life of its schemas. */
export interface MigrationDialect {
  readonly name: string;
  /** Whether the columns of a foreign key have to be of the types of those that they lead to. */
  readonly typedKeys?: true;
  /** What the database makes of a table that is declared so. */
  settled(table: TableSnapshot): TableSnapshot;
  /** A type as text that is equal where two names mean one type, for columns of this table. */
  type(declared: string, table: TableSnapshot): string;
  reflection(schemas: Schemas): Question<SchemaSnapshot>;
  /**
   * How the database itself writes the expressions of `desired` that differ in text from those of `actual`: `desired` with
   * those that turn out to be the same. Undefined where nothing has to be asked; the answer is undefined where the
   * statements met different connections, and one transaction is needed.
   */
  reconciliation?(actual: SchemaSnapshot, desired: SchemaSnapshot): Question<SchemaSnapshot | undefined> | undefined;
  /** The statements of operations. */
  render(operations: readonly Operation[], current: SchemaSnapshot): Step[];
  /**
   * TypeScript for the type of a column: `text()`; with the names that it imports.
   *
   * @param enumName what a type of labels is called in the program.
   */
  columnType(
    column: ColumnSnapshot,
    table: TableSnapshot,
    schema: SchemaSnapshot,
    enumName: (of: EnumSnapshot) => string,
  ): ColumnSource;
}

/** TypeScript for a column type. */
export interface ColumnSource {
  readonly code: string;
  readonly imports: readonly string[];
}

const ALL: readonly MigrationDialect[] = [sqliteMigrations, postgresMigrations];

/** What migrations know of a dialect. */
export function migrationDialect({ name }: Pick<Dialect, 'name'>): MigrationDialect {
  const found = ALL.find((item) => item.name === name);
  if (found) return found;
  throw new ConfigurationError(`migrations know nothing of ${name}; they know ${ALL.map((of) => of.name).join(', ')}`);
}
