import { Pool } from 'pg';
import { afterAll, describe } from 'vitest';
import { pg } from '../../adapters/pg/index.ts';
import { lifecycle } from '../orm/lifecycle/all.ts';
import { depthCases } from '../orm/read/depth-cases.ts';
import { eagerCases } from '../orm/read/eager-cases.ts';
import { fallbackCases } from '../orm/read/fallback-cases.ts';
import { filterCases, filterOfSubclassCases } from '../orm/read/filter-cases.ts';
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
import { relationCases } from '../orm/write/relation-cases.ts';
import { reloadCases } from '../orm/write/reload-cases.ts';
import { sessionCases } from '../orm/write/session-cases.ts';
import { keyCases, structureCases } from '../orm/write/structure-cases.ts';
import { uniqueCases } from '../orm/write/unique-cases.ts';
import type { TestDriver } from '../support/database.ts';
import { postgresDatabase } from '../support/postgres.ts';

const url = postgresDatabase();
let pool: Pool | undefined;
afterAll(() => pool?.end());

/** As SQLite would give it: numbers, and text for the rest. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (v) => Number(v === 't'),
  20: Number,
  23: Number,
  701: Number,
  1700: Number,
};
const types = { getTypeParser: (oid: number) => parsers[oid] ?? ((text: string) => text) };

function open(): TestDriver {
  const own = (pool ??= new Pool({ connectionString: url(), pipeline: true }));
  return {
    ...pg(own),
    raw: async (sql, params) => {
      const text = sql.replaceAll(/\?(\d+)/g, '$$$1');
      const { rows } = await own.query<unknown[]>({ text, values: [...params], rowMode: 'array', types });
      return rows;
    },
  };
}

const modules = {
  depthCases,
  eagerCases,
  fallbackCases,
  filterCases,
  filterOfSubclassCases,
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
  relationCases,
  reloadCases,
  sessionCases,
  structureCases,
  keyCases,
  uniqueCases,
  ...lifecycle,
};
for (const [name, cases] of Object.entries(modules)) describe(name, () => cases(open as never));
