import { neon, neonConfig, Pool } from '@neondatabase/serverless';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startNeonGateway, type NeonGateway } from '../support/neon-gateway.ts';
import { postgresDatabase } from '../support/postgres.ts';

const url = postgresDatabase();
let gateway: NeonGateway;
beforeAll(async () => {
  gateway = await startNeonGateway(url());
  neonConfig.fetchEndpoint = () => gateway.httpUrl;
  neonConfig.wsProxy = () => gateway.wsProxy;
  neonConfig.useSecureWebSocket = false;
  neonConfig.pipelineConnect = false;
});
afterAll(() => gateway[Symbol.asyncDispose]());

test("Neon's driver runs queries and transactions over HTTP", async () => {
  const sql = neon(url());
  expect(await sql`select ${41} + 1 as n`).toEqual([{ n: 42 }]);
  const sets = await sql.transaction([sql`create table t (v int unique)`, sql`insert into t values (1) returning v`], {
    isolationLevel: 'Serializable',
  });
  expect(sets).toEqual([[], [{ v: 1 }]]);
  const failed = sql.transaction([sql`insert into t values (2)`, sql`insert into t values (1)`]);
  await expect(failed).rejects.toMatchObject({ code: '23505', constraint: 't_v_key', table: 't' });
  expect(await sql`select v from t`).toEqual([{ v: 1 }]);
});

test("Neon's driver speaks PostgreSQL over WebSocket", async () => {
  const pool = new Pool({ connectionString: url() });
  try {
    const { rows } = await pool.query('select $1::int + 1 as n', [41]);
    expect(rows).toEqual([{ n: 42 }]);
  } finally {
    await pool.end();
  }
});
