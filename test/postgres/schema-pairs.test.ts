import { Pool } from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import { pg } from 'cinnabar/pg';
import { tryPairs } from '../migrate/pair-cases.ts';
import { tryRename } from '../migrate/rename-cases.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';

const runs = Number(process.env['PAIR_RUNS'] ?? 15);
const seed = Number(process.env['SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const endOnFailure = process.env['SHRINK'] === undefined;
const url = postgresDatabase();
let pool: Pool;
beforeAll(
  // What a crash would lose, no test misses.
  () => void (pool = new Pool({ connectionString: url(), pipeline: true, options: '-c synchronous_commit=off' })),
);
afterAll(() => pool.end());

test(
  `one schema after the other, and nothing is left to do (SEED=${seed})`,
  { timeout: 120_000 + runs * 3000 },
  async () => {
    const [[version] = []] = await psql(url(), 'show server_version');
    const hasVirtual = Number.parseInt(String(version), 10) >= 18;
    const name = `PostgreSQL ${String(version).split(' ')[0]}`;
    await tryPairs(name, () => pg(pool), { runs, seed, endOnFailure, hasVirtual });
  },
);

test('a rename of tables and columns with data keeps it', async () => {
  await psql(url(), 'drop schema public cascade', 'create schema public');
  await tryRename(pg(pool));
});
