import { Pool } from 'pg';
import { afterEach } from 'vitest';
import { pg } from '../../adapters/pg/index.ts';
import { keyProgramCases } from '../property/key-programs.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';

const url = postgresDatabase();
let pool: Pool | undefined;
afterEach(async () => {
  await pool?.end();
  await psql(url(), 'drop schema public cascade', 'create schema public');
});

keyProgramCases(
  () => {
    const own = (pool = new Pool({ connectionString: url(), pipeline: true }));
    const raw = async (text: string): Promise<unknown[][]> =>
      (await own.query<unknown[]>({ text, rowMode: 'array' })).rows;
    return { ...pg(own), raw };
  },
  Number(process.env['KEY_RUNS'] ?? 100),
  ['cascade', 'no action'],
);
