import type { Limits } from '../../src/driver/driver.ts';

const none = Infinity;
export const unlimited: Limits = {
  parameters: none,
  columns: none,
  compoundTerms: none,
  depth: none,
  statementBytes: none,
  valueBytes: none,
  statements: none,
};
