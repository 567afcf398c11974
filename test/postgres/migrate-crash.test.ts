import { Pool } from 'pg';
import { pg } from 'cinnabar/pg';
import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { crashCases } from '../migrate/faults/crash-cases.ts';
import { tryRunners } from '../migrate/faults/runner-cases.ts';
import { runOn } from '../migrate/support.ts';
import { ensureBuilt } from '../runtimes/built.ts';
import { postgresDatabase } from '../support/postgres.ts';

vi.setConfig({ testTimeout: 1_200_000 });

const url = postgresDatabase();
let pool: Pool;
beforeAll(() => void (pool = new Pool({ connectionString: url(), pipeline: true })));
afterAll(() => pool.end());

crashCases(() => pg(pool), process.env['MIGRATIONS']);

describe('processes', () => {
  beforeAll(ensureBuilt, 120_000);
  beforeAll(() => runOn(pg(pool), 'drop schema public cascade', 'create schema public'));
  test('eight processes at once: each revision once', () => tryRunners('pg', url(), pg(pool)));
});
