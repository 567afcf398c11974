import { coreOf, type Engine } from '../engine/engine.ts';
import { type ByDialect, ofDialect, type Question, type Reflection, type Schemas } from './dialect.ts';
import { reflection as postgres } from './postgres/reflect.ts';
import { reflection as sqlite } from './sqlite/reflect.ts';
import type { SchemaSnapshot } from './snapshot.ts';
import type { CallOptions } from '../driver/driver.ts';

const REFLECTIONS: ByDialect<Reflection> = { sqlite, postgres };

export interface ReflectOptions extends CallOptions {
  /** The schemas to look at beside the default one; `all` for each that is not the database's own. None unless given. */
  readonly schemas?: Schemas;
}

/**
 * Reads the schema of a database: one round trip, whatever its size.
 *
 * @example
 * const schema = await reflect(engine)
 * schema.tables.map(({ name }) => name) // ['orgs', 'users']
 */
export async function reflect(
  engine: Engine,
  { schemas = [], ...options }: ReflectOptions = {},
): Promise<SchemaSnapshot> {
  return ask(engine, ofDialect(REFLECTIONS, coreOf(engine).driver.dialect)(schemas), options, { snapshot: true });
}

/** Asks the database in one unit. */
export async function ask<T>(
  engine: Engine,
  question: Question<T>,
  options?: CallOptions,
  { mode = 'read', snapshot = false }: { readonly mode?: 'read' | 'write'; readonly snapshot?: boolean } = {},
): Promise<T> {
  const statements = question.statements.map((sql) => ({ sql, params: [] }));
  const { results } = await coreOf(engine).execute({ statements, mode, snapshot }, options);
  return question.read(results.map(({ rows }) => rows));
}
