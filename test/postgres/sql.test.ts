import { Pool } from 'pg';
import { afterAll, describe, expect } from 'vitest';
import { pg } from 'cinnabar/pg';
import { aggregateCases } from '../sql/aggregate-cases.ts';
import { arrayCases } from '../sql/array-cases.ts';
import { conditionalCases } from '../sql/conditional-cases.ts';
import { dateCases } from '../sql/date-cases.ts';
import { engineCases } from '../sql/engine-cases.ts';
import { expressionCases } from '../sql/expression-cases.ts';
import { jsonCases } from '../sql/json-cases.ts';
import { operatorCases } from '../sql/operator-cases.ts';
import { prepareCases } from '../sql/prepare-cases.ts';
import { rowsCases } from '../sql/rows-cases.ts';
import { selectCases } from '../sql/select-cases.ts';
import { statementCases } from '../sql/statement-cases.ts';
import { writeCases } from '../sql/write-cases.ts';
import type { TestDriver } from '../support/database.ts';
import { sameSql } from '../support/neutral-sql.ts';
import { asSqlite, withDollars } from '../support/postgres-raw.ts';
import { postgresDatabase } from '../support/postgres.ts';

const url = postgresDatabase();
const pools = new Map<string, Pool>();
afterAll(() => Promise.all(Array.from(pools.values(), (pool) => pool.end())));

function poolOf(options: string): Pool {
  const pool = pools.get(options) ?? new Pool({ connectionString: url(), pipeline: true, options });
  pools.set(options, pool);
  return pool;
}

const types = { getTypeParser: (oid: number) => asSqlite[oid] ?? ((cell: string) => cell) };

/** Sessions with these options, and raw SQL that reads as SQLite's does. */
function open(options = ''): TestDriver {
  const pool = poolOf(options);
  return {
    ...pg(pool),
    raw: async (sql, params) => {
      const query = { text: withDollars(sql), values: [...params], rowMode: 'array' as const, types };
      return (await pool.query<unknown[]>(query)).rows;
    },
  };
}

// The cases expect texts of SQLite: here, those that say the same.
expect.addEqualityTesters([sameSql]);

const modules = {
  operatorCases,
  conditionalCases,
  aggregateCases,
  dateCases,
  jsonCases,
  arrayCases,
  engineCases,
  expressionCases,
  prepareCases,
  rowsCases,
  selectCases,
  statementCases,
  writeCases,
};
for (const [name, cases] of Object.entries(modules)) describe(name, () => cases(() => open()));

// Instants are of UTC whatever the zone of the session, also where its clock is set forward.
describe.each(['Asia/Kolkata', 'America/New_York'])('a session in %s', (zone) =>
  dateCases(() => open(`-c timezone=${zone}`)),
);
