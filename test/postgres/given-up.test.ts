import { createEngine, select, sql } from 'cinnabar';
import { Client, Pool } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { pg } from 'cinnabar/pg';
import { postgresDatabase, psql } from '../support/postgres.ts';

const url = postgresDatabase();
beforeAll(() => psql(url(), 'create table t (v int)'));

const statement = (text: string) => ({ sql: text, params: [] });
const asleep = (name: string): string =>
  `select 1 from pg_stat_activity where application_name = '${name}' and wait_event = 'PgSleep'`;

describe.each([
  ['with a pipeline', true],
  ['without a pipeline', false],
])('the only client of a program, %s', (name, pipeline) => {
  test('goes on after a call that was given up, outside of its transaction', async () => {
    const client = new Client({ connectionString: url(), pipeline, application_name: name });
    await client.connect();
    const driver = pg(client);
    await psql(url(), 'delete from t');
    const controller = new AbortController();
    const write = driver.execute(
      { mode: 'write', statements: [statement('insert into t values (1)'), statement('select pg_sleep(1)')] },
      { signal: controller.signal },
    );
    while ((await psql(url(), asleep(name))).length === 0);
    controller.abort();
    // All of it had left with the pipeline, COMMIT among it; without, nothing follows the statement under way.
    await expect(write).rejects.toMatchObject({
      code: 'TimeoutError',
      outcome: pipeline ? 'unknown' : 'not committed',
    });
    await driver.execute({ mode: 'write', statements: [statement('insert into t values (2)')] });
    const rows = await psql(url(), 'select v from t order by v');
    expect(rows).toEqual(pipeline ? [[1], [2]] : [[2]]);
    await client.end();
  });
});

test('a connection of a pool that was given up is not used again', async () => {
  const pool = new Pool({ connectionString: url(), max: 1, application_name: 'pooled' });
  const engine = createEngine(pg(pool));
  const pid = async (): Promise<string | undefined> =>
    (await engine.all(select({ pid: sql<string>`pg_backend_pid()` })))[0]?.pid;
  const before = await pid();
  const controller = new AbortController();
  const read = engine.all(select({ slept: sql`pg_sleep(30)` }), { signal: controller.signal });
  while ((await psql(url(), asleep('pooled'))).length === 0);
  controller.abort();
  await expect(read).rejects.toMatchObject({ code: 'TimeoutError', outcome: 'not committed' });
  expect(await pid()).not.toBe(before);
  await psql(url(), `select pg_terminate_backend(${before})`);
  await pool.end();
});

test('a deadline that is over, or a signal that has aborted, sends nothing', async () => {
  const pool = new Pool({ connectionString: url(), max: 1 });
  const engine = createEngine(pg(pool));
  const statements = select({ one: sql`1` });
  const refused = { code: 'TimeoutError', outcome: 'not sent' };
  await expect(engine.all(statements, { deadline: Date.now() - 1 })).rejects.toMatchObject(refused);
  await expect(engine.all(statements, { signal: AbortSignal.abort() })).rejects.toMatchObject(refused);
  await expect(engine.transaction((tx) => tx.all(statements), { signal: AbortSignal.abort() })).rejects.toMatchObject(
    refused,
  );
  await expect(engine.transaction((tx) => tx.all(statements), { deadline: 0 })).rejects.toMatchObject(refused);
  expect(engine.roundTrips).toBe(0);
  await pool.end();
});
