import type { DialectRules } from '../dialect.ts';
import { typeKey } from './type-key.ts';

/** PostgreSQL. */
export const postgresRules: DialectRules = {
  typedKeys: true,
  settled: (table) => table,
  type: typeKey,
};
