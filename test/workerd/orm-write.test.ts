import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { describe } from 'vitest';
import { lifecycle } from '../orm/lifecycle/all.ts';
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
import { violationCases } from '../orm/write/violation-cases.ts';

const open = () => d1(env.DB);

describe('d1', () => {
  graphCases(open);
  changeCases(open);
  describe('keys that the database always makes', () => alwaysCases(open));
  relationCases(open);
  structureCases(open);
  keyCases(open);
  describe('foreign keys', () => foreignKeyCases(open));
  uniqueCases(open);
  sessionCases(open);
  badInputCases(open);
  reloadCases(open);
  violationCases(open);
  for (const [name, cases] of Object.entries(lifecycle)) describe(name, () => cases(open));
});
