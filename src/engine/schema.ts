import { renderChange } from '../compiler/ddl.ts';
import type { Dialect } from '../compiler/dialect.ts';
import { planCreate, planDrop } from '../compiler/schema-plan.ts';
import { LimitExceeded } from '../errors/errors.ts';
import type { SchemaChange } from '../schema/definition.ts';
import type { MetaData } from '../schema/metadata.ts';
import { coreOf, type Engine } from './engine.ts';

export interface CreateOptions {
  /** Whether what is there already is left as it is (the default), or is an error. */
  readonly ifNotExists?: boolean;
}
export interface DropOptions {
  /** Whether what is not there is no error, as it is by default. */
  readonly ifExists?: boolean;
}

/**
 * The steps that create the schema of a metadata, as plain data in the order in which they run: tables, those referred to
 * first, each with its indexes; then views.
 *
 * @example
 * ddl(Model.metadata) // [{ kind: 'createTable', table: { name: 'users', columns: […], … } }, { kind: 'createIndex', … }]
 * @throws ConfigurationError that lists every mistake in the schema.
 */
export function ddl(metadata: MetaData): readonly SchemaChange[] {
  return planCreate(metadata);
}

/**
 * The text of schema changes.
 *
 * @example
 * renderDdl([{ kind: 'dropIndex', index: { schema: undefined, name: 'ix_users_name' } }], sqliteDialect)
 * // ['drop index "ix_users_name"']
 */
export function renderDdl(changes: readonly SchemaChange[], dialect: Dialect): string[] {
  return changes.flatMap((change) => renderChange(change, dialect, false));
}

/**
 * The statements of `createAll`, without a database: for the files that D1 migrations are.
 *
 * @example
 * writeFileSync('migrations/0001_start.sql', createAllSql(Model.metadata, sqliteDialect).join(';\n'))
 * // create table "users" ("id" integer constraint "pk_users" primary key, "name" text not null)
 */
export function createAllSql(metadata: MetaData, dialect: Dialect, options: CreateOptions = {}): string[] {
  return planCreate(metadata, dialect).flatMap((change) => renderChange(change, dialect, options.ifNotExists === true));
}

/**
 * Creates the tables, indexes and views that are not there yet, as one unit.
 *
 * @example
 * await createAll(engine, Model.metadata)
 * // create table if not exists "users" ("id" integer constraint "pk_users" primary key, "name" text not null)
 * @throws ConfigurationError that lists every mistake in the schema; LimitExceeded. Nothing was sent then.
 */
export async function createAll(engine: Engine, metadata: MetaData, options: CreateOptions = {}): Promise<void> {
  const { dialect, limits } = coreOf(engine).driver;
  const changes = planCreate(metadata, dialect);
  for (const change of changes) {
    if (change.kind !== 'createTable' || change.table.columns.length <= limits.columns) continue;
    throw new LimitExceeded(
      `'${change.table.name}' has ${change.table.columns.length} columns; the database takes ${limits.columns}`,
    );
  }
  await run(
    engine,
    changes.flatMap((change) => renderChange(change, dialect, options.ifNotExists !== false)),
  );
}

/** Drops the views and tables that are there, those that refer to others first, as one unit. */
export async function dropAll(engine: Engine, metadata: MetaData, options: DropOptions = {}): Promise<void> {
  const { dialect } = coreOf(engine).driver;
  const { changes, isCyclic } = planDrop(metadata, dialect);
  const drops = changes.flatMap((change) => renderChange(change, dialect, options.ifExists !== false));
  const defer = isCyclic && dialect.forwardReferences && dialect.deferForeignKeys;
  await run(engine, defer ? [defer, ...drops] : drops);
}

async function run(engine: Engine, texts: readonly string[]): Promise<void> {
  if (texts.length === 0) return;
  await coreOf(engine).execute({ statements: texts.map((sql) => ({ sql, params: [] })), mode: 'write' });
}
