import { connect, type Socket } from 'node:net';
import { postgres } from 'cinnabar/postgres';
import postgresClient, { type Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { postgresDatabase, psql } from '../support/postgres.ts';
import { type RtProxy, startRtProxy } from '../support/rt-proxy.ts';

const url = postgresDatabase();
let proxy: RtProxy;
let through: URL;
beforeAll(async () => {
  proxy = await startRtProxy({ target: url(), latency: 15 });
  through = new URL(url());
  through.port = String(proxy.port);
});
afterAll(() => proxy.close());

/** A client that is connected, and has sent nothing else. */
async function fresh(options: object = {}): Promise<Sql> {
  const sql = postgresClient(through.href, { max: 1, ...options });
  onTestFinished(() => sql.end({ timeout: 1 }));
  postgres(sql);
  (await sql.reserve()).release();
  proxy.reset();
  return sql;
}

const statement = (sql: string, ...params: (string | null)[]) => ({ sql, params });
let sql: Sql;
beforeEach(async () => void (sql = await fresh()));

test('a unit is one round trip the first time, whatever its size', async () => {
  const large = 'x'.repeat(20_000);
  const { results, trips } = await postgres(sql).execute({
    mode: 'write',
    statements: [
      statement('select $1::text', large),
      statement('select $1::int + $2::int', '1', '2'),
      statement('select 3'),
    ],
  });
  expect(results.map(({ rows }) => rows)).toEqual([[[large]], [['3']], [['3']]]);
  expect([trips, proxy.trips]).toEqual([1, 1]);
});

test('the client takes no part in what parameters mean, the first time or later', async () => {
  const text = 'select $1::bool, $2::jsonb, $3::json, $4::bytea, $5::timestamptz, $6::date, $7::int8[]';
  const params = [
    'true',
    '{"a": 1}',
    '{"b":  2}',
    '\\x00ff',
    '2024-01-01 00:00:00.000001+00',
    '2024-02-29',
    '{1,NULL}',
  ];
  const expected = ['t', '{"a": 1}', '{"b":  2}', '\\x00ff', '2024-01-01 00:00:00.000001+00', '2024-02-29', '{1,NULL}'];
  const unit = { mode: 'read', statements: [statement(text, ...params)] } as const;
  await sql`set time zone 'UTC'`;
  for (let time = 0; time < 3; time++) {
    expect((await postgres(sql).execute(unit)).results[0]!.rows).toEqual([expected]);
  }
});

test('nothing is prepared on the connection, which a pooler may give to another', async () => {
  await postgres(sql).execute({ mode: 'read', statements: [statement('select $1::text', 'a')] });
  const prepared =
    await sql`select statement from pg_prepared_statements where statement not like '%pg_type%'`.simple();
  expect(Array.from(prepared)).toEqual([]);
});

test('a unit of more statements than the client has under way goes in as many parts, and is still one', async () => {
  const statements = Array.from({ length: 250 }, (_, at) => statement('select $1::int', String(at)));
  const { results, trips } = await postgres(sql).execute({ mode: 'write', statements });
  expect(results.map(({ rows }) => rows[0]![0])).toEqual(statements.map(({ params: [value] }) => value));
  expect([trips, proxy.trips]).toEqual([3, 3]);

  const few = await fresh({ max_pipeline: 10 });
  const unit = { mode: 'write', statements: statements.slice(0, 18) } as const;
  expect([(await postgres(few).execute(unit)).trips, proxy.trips]).toEqual([2, 2]);
  const failing = [...unit.statements, statement('select 1/0'), ...unit.statements];
  await expect(postgres(few).execute({ mode: 'write', statements: failing })).rejects.toMatchObject({
    outcome: 'not committed',
  });
  await expect(postgres(few).execute(unit)).resolves.toMatchObject({ trips: 2 });
  // The COMMIT is in the third part, which never left.
  proxy.inject({ on: 'received', after: 20, how: 'cut' });
  await expect(postgres(few).execute({ mode: 'write', statements: statements.slice(0, 25) })).rejects.toMatchObject({
    code: 'ConnectionLost',
    outcome: 'not committed',
  });
});

test('a socket that the program makes is left to it', async () => {
  const made: Socket[] = [];
  const socket = ({ host, port }: { host: string[]; port: number[] }): Socket => {
    const own = connect({ host: host[0]!, port: port[0]! });
    made.push(own);
    return own;
  };
  const own = await fresh({ socket });
  await postgres(own).execute({ mode: 'read', statements: [statement('select 1')] });
  expect(made).toHaveLength(1);
});

test('a call that waits for a connection gets one, also when another breaks meanwhile', async () => {
  const own = postgresClient(through.href, { max: 2 });
  onTestFinished(() => own.end({ timeout: 1 }));
  const driver = postgres(own);
  const started = driver.execute({ mode: 'read', statements: [statement('select pg_backend_pid()')] });
  const pid = String((await started).results[0]!.rows[0]![0]);
  const broken = driver.execute({ mode: 'read', statements: [statement('select pg_sleep(30)')] });
  const ended = expect(broken).rejects.toMatchObject({ code: 'ConnectionLost', outcome: 'not committed' });
  while (
    (await psql(url(), `select 1 from pg_stat_activity where pid = ${pid} and wait_event = 'PgSleep'`)).length === 0
  );
  // A new connection takes a few round trips through the proxy, so that the old one is gone before it is there.
  const waiting = driver.execute({ mode: 'read', statements: [statement('select 1')] });
  await psql(url(), `select pg_terminate_backend(${pid})`);
  await ended;
  expect((await waiting).results[0]!.rows).toEqual([['1']]);
});
