import { Pool } from 'pg';
import { afterAll, test } from 'vitest';
import { pg } from '../../adapters/pg/index.ts';
import { runPrograms, named, runsOf, runTransactions } from '../property/session-runs.ts';
import type { TestDriver } from '../support/database.ts';
import { postgresDatabase } from '../support/postgres.ts';

const runs = runsOf(150);
const url = postgresDatabase();
let pool: Pool | undefined;
afterAll(() => pool?.end());

const open = (): TestDriver => pg((pool ??= new Pool({ connectionString: url(), pipeline: true })));

test(`a session on PostgreSQL is its model: ${named(runs)}`, { timeout: 3_000_000 }, () => runPrograms(open(), runs));

test(`a transaction on PostgreSQL is its model: ${named(runs)}`, { timeout: 3_000_000 }, () =>
  runTransactions(open(), runs),
);
