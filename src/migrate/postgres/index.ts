import type { MigrationDialect } from '../dialect.ts';
import { columnType } from './column-type.ts';
import { reconciliation } from './reconcile.ts';
import { reflection } from './reflect.ts';
import { renderPostgres } from './render.ts';
import { typeParts } from '../operations/type-change.ts';

/** PostgreSQL. */
export const postgresMigrations: MigrationDialect = {
  name: 'postgres',
  typedKeys: true,
  settled: (table) => table,
  type: (declared) => {
    const { name, sizes, array } = typeParts(declared);
    return `${name}${sizes.length > 0 ? `(${sizes.join(',')})` : ''}${array}`;
  },
  reflection,
  reconciliation,
  render: renderPostgres,
  columnType,
};
