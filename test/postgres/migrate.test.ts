import { Pool } from 'pg';
import { afterAll, beforeAll, vi } from 'vitest';
import { pg } from 'cinnabar/pg';
import { runCases } from '../migrate/running/run-cases.ts';
import { toolCases } from '../migrate/running/tools-cases.ts';
import { runOn } from '../migrate/support.ts';
import { postgresDatabase } from '../support/postgres.ts';

vi.setConfig({ testTimeout: 60_000 });

const url = postgresDatabase();
let pool: Pool;
beforeAll(() => void (pool = new Pool({ connectionString: url(), pipeline: true })));
afterAll(() => pool.end());

const open = async () => {
  const driver = pg(pool);
  await runOn(driver, 'drop schema public cascade', 'create schema public');
  return driver;
};
runCases(open);
toolCases(open);
