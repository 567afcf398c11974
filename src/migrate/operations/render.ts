import type { Dialect } from '../../compiler/dialect.ts';
import { type ByDialect, ofDialect, type Renderer } from '../dialect.ts';
import { renderPostgres } from '../postgres/render.ts';
import type { SchemaSnapshot } from '../snapshot.ts';
import { renderSqlite } from '../sqlite/render.ts';
import type { Operation, Step } from './operation.ts';

const RENDERERS: ByDialect<Renderer> = { sqlite: renderSqlite, postgres: renderPostgres };

/**
 * The statements of operations, in the order in which they run.
 *
 * @param current the schema that they start from: what a rebuild keeps, and whom it moves out of the way.
 * @example
 * render([{ kind: 'renameTable', table: { name: 'users' }, to: 'people' }], sqliteDialect, current)
 * // [{ statements: ['alter table "users" rename to "people"'], transactional: true, destructive: [], … }]
 * @throws ConfigurationError where an operation names what is not there, or the database has no such thing.
 */
export function render(operations: readonly Operation[], dialect: Dialect, current: SchemaSnapshot): Step[] {
  return ofDialect(RENDERERS, dialect)(operations, current);
}
