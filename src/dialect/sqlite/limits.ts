import type { Limits } from '../../compiler/statement.ts';

/** What SQLite takes as it is compiled by default. */
export const sqliteLimits: Limits = {
  parameters: 32_766,
  columns: 2000,
  compoundTerms: 500,
  depth: 1000,
  statementBytes: 1_000_000,
  valueBytes: 1_000_000_000,
  statements: Infinity,
};
