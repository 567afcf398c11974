import type { MigrationDialect } from '../dialect.ts';
import { affinity } from './affinity.ts';
import { columnType } from './column-type.ts';
import { reflection } from './reflect.ts';
import { renderSqlite } from './render.ts';
import { settled } from './settled.ts';

/** SQLite and its family: libSQL, D1, node:sqlite. */
export const sqliteMigrations: MigrationDialect = {
  name: 'sqlite',
  settled,
  // Two names with one affinity store the same, unless the table is strict.
  type: (declared, { strict }) => (strict ? declared.toLowerCase() : affinity(declared)),
  reflection,
  render: renderSqlite,
  columnType,
};
