import type { DialectRules } from '../dialect.ts';
import { affinity } from './affinity.ts';
import { settled } from './settled.ts';

/** SQLite and its family: libSQL, D1, node:sqlite. */
export const sqliteRules: DialectRules = {
  settled,
  // Two names with one affinity store the same, unless the table is strict.
  type: (declared, { strict }) => (strict ? declared.toLowerCase() : affinity(declared)),
};
