import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { describe } from 'vitest';
import { loading } from '../orm/loading/all.ts';
import { depthCases } from '../orm/read/depth-cases.ts';
import { eagerCases } from '../orm/read/eager-cases.ts';
import { fallbackCases } from '../orm/read/fallback-cases.ts';
import { getCases } from '../orm/read/get-cases.ts';
import { hierarchyCases } from '../orm/read/hierarchy-cases.ts';
import { keyCases } from '../orm/read/key-cases.ts';
import { lazyCases } from '../orm/read/lazy-cases.ts';
import { memoryCases } from '../orm/read/memory-cases.ts';
import { partCases } from '../orm/read/part-cases.ts';
import { statementCases } from '../orm/read/statement-cases.ts';
import { terminalCases } from '../orm/read/terminal-cases.ts';

describe.for([
  depthCases,
  eagerCases,
  fallbackCases,
  getCases,
  hierarchyCases,
  keyCases,
  lazyCases,
  memoryCases,
  partCases,
  statementCases,
  terminalCases,
  ...Object.values(loading),
])('d1: %o', (cases) => cases(() => d1(env.DB)));
