import { Pool } from 'pg';
import { afterAll, describe } from 'vitest';
import { pg } from 'cinnabar/pg';
import { aggregateCases } from '../sql/aggregate-cases.ts';
import { conditionalCases } from '../sql/conditional-cases.ts';
import { dateCases } from '../sql/date-cases.ts';
import { jsonCases } from '../sql/json-cases.ts';
import { operatorCases } from '../sql/operator-cases.ts';
import { postgresDatabase } from '../support/postgres.ts';

const url = postgresDatabase();
const pools = new Map<string, Pool>();
afterAll(() => Promise.all(Array.from(pools.values(), (pool) => pool.end())));

function poolOf(options: string): Pool {
  const pool = pools.get(options) ?? new Pool({ connectionString: url(), pipeline: true, options });
  pools.set(options, pool);
  return pool;
}

const modules = { operatorCases, conditionalCases, aggregateCases, dateCases, jsonCases };
for (const [name, cases] of Object.entries(modules)) describe(name, () => cases(() => pg(poolOf(''))));

// Instants are of UTC whatever the zone of the session, also where its clock is set forward.
describe.each(['Asia/Kolkata', 'America/New_York'])('a session in %s', (zone) =>
  dateCases(() => pg(poolOf(`-c timezone=${zone}`))),
);
