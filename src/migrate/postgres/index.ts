import type { MigrationDialect } from '../dialect.ts';
import { columnType } from './column-type.ts';
import { reconciliation } from './reconcile.ts';
import { reflection } from './reflect.ts';
import { renderPostgres } from './render.ts';
import { typeKey } from './type-key.ts';

/** PostgreSQL. */
export const postgresMigrations: MigrationDialect = {
  name: 'postgres',
  typedKeys: true,
  settled: (table) => table,
  type: typeKey,
  reflection,
  reconciliation,
  render: renderPostgres,
  columnType,
};
