import type { OpenDriver } from '../../support/database.ts';
import { assignCases } from './assign-cases.ts';
import { bulkCases } from './bulk-cases.ts';
import { conflictCases } from './conflict-cases.ts';
import { eventCases } from './event-cases.ts';
import { rowKeyCases } from './key-cases.ts';
import { movedKeyCases } from './moved-key-cases.ts';
import { mergeCases } from './merge-cases.ts';
import { ownerCases } from './owner-cases.ts';
import { refusalCases } from './refusal-cases.ts';
import { stateCases } from './state-cases.ts';
import { versionCases } from './version-cases.ts';

/** The cases of states, of the unit of work and of events, for every driver. */
export const lifecycle: Readonly<Record<string, (open: OpenDriver) => void>> = {
  stateCases,
  mergeCases,
  versionCases,
  rowKeyCases,
  movedKeyCases,
  ownerCases,
  refusalCases,
  eventCases,
  assignCases,
  bulkCases,
  conflictCases,
};
