import type { OpenDriver } from '../../support/database.ts';
import { embeddedCases } from './embedded-cases.ts';
import { filterCases, filterOfSubclassCases } from './filter-cases.ts';
import { filteredWriteCases } from './filtered-write-cases.ts';
import { inheritanceCases } from './inheritance-cases.ts';
import { annotateCases } from './annotate-cases.ts';
import { viewCases } from './view-cases.ts';
import { validateCases } from './validate-cases.ts';

/** The cases of mapping, for every driver. */
export const mapping: Readonly<Record<string, (open: OpenDriver) => void>> = {
  annotateCases,
  viewCases,
  embeddedCases,
  filterCases,
  filteredWriteCases,
  filterOfSubclassCases,
  inheritanceCases,
  validateCases,
};
