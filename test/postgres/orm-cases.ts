import { describe } from 'vitest';
import { lifecycle } from '../orm/lifecycle/all.ts';
import { mapping } from '../orm/mapping/all.ts';
import { loading } from '../orm/loading/all.ts';
import { depthCases } from '../orm/read/depth-cases.ts';
import { eagerCases } from '../orm/read/eager-cases.ts';
import { fallbackCases } from '../orm/read/fallback-cases.ts';

import { getCases } from '../orm/read/get-cases.ts';
import { hierarchyCases } from '../orm/read/hierarchy-cases.ts';
import { keyCases as keyReadCases } from '../orm/read/key-cases.ts';
import { lazyCases } from '../orm/read/lazy-cases.ts';
import { memoryCases } from '../orm/read/memory-cases.ts';
import { partCases } from '../orm/read/part-cases.ts';
import { statementCases } from '../orm/read/statement-cases.ts';
import { terminalCases } from '../orm/read/terminal-cases.ts';
import { badInputCases } from '../orm/write/bad-input-cases.ts';
import { changeCases } from '../orm/write/change-cases.ts';
import { graphCases } from '../orm/write/graph-cases.ts';
import { alwaysCases } from '../orm/write/always-cases.ts';
import { relationCases } from '../orm/write/relation-cases.ts';
import { reloadCases } from '../orm/write/reload-cases.ts';
import { sessionCases } from '../orm/write/session-cases.ts';
import { keyCases, structureCases } from '../orm/write/structure-cases.ts';
import { foreignKeyCases } from '../orm/write/foreign-key-cases.ts';
import { uniqueCases } from '../orm/write/unique-cases.ts';
import type { OpenDriver } from '../support/database.ts';

const modules = {
  depthCases,
  eagerCases,
  fallbackCases,

  getCases,
  hierarchyCases,
  keyReadCases,
  lazyCases,
  memoryCases,
  partCases,
  statementCases,
  terminalCases,
  badInputCases,
  changeCases,
  graphCases,
  alwaysCases,
  relationCases,
  reloadCases,
  sessionCases,
  structureCases,
  keyCases,
  foreignKeyCases,
  uniqueCases,
  ...lifecycle,
  ...loading,
  ...mapping,
};

/** All that a session does, on a driver for PostgreSQL. */
export function ormCases(open: OpenDriver): void {
  for (const [name, cases] of Object.entries(modules)) describe(name, () => cases(open as never));
}
