import type { OpenDriver } from '../../support/database.ts';
import { associationCases } from './association-cases.ts';
import { carryCases } from './carry-cases.ts';
import { pageCases } from './page-cases.ts';
import { columnCases } from './column-cases.ts';
import { countCases } from './count-cases.ts';
import { filteredCases } from './filtered-cases.ts';
import { kindCases } from './kind-cases.ts';
import { orderedCases } from './ordered-cases.ts';
import { namedPartCases } from './named-part-cases.ts';
import { strategyCases } from './strategy-cases.ts';
import { strictCases } from './strict-cases.ts';
import { treeCases } from './tree-cases.ts';

/** The cases of loading, for every driver. */
export const loading: Readonly<Record<string, (open: OpenDriver) => void>> = {
  associationCases,
  carryCases,
  columnCases,
  countCases,
  filteredCases,
  kindCases,
  orderedCases,
  namedPartCases,
  pageCases,
  strategyCases,
  strictCases,
  treeCases,
};
