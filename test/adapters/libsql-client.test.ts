import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Unit } from '../../src/driver/driver.ts';
import { type Sqld, startSqld } from '../support/sqld.ts';

const unit = (mode: Unit['mode'], ...texts: string[]): Unit => ({
  mode,
  statements: texts.map((sql) => ({ sql, params: [] })),
});

let server: Sqld;
beforeAll(async () => {
  server = await startSqld();
});
afterAll(() => server.stop());

test.for([undefined, null, {}, 'file:app.db'])('%s is no client', (client) => {
  expect(() => libsql(client as never)).toThrow(/expected a client, like createClient/);
});

test('a client that reads integers as bigint makes no difference', async () => {
  for (const url of [':memory:', server.url, server.wsUrl]) {
    const client = createClient({ url, intMode: 'bigint' });
    const driver = libsql(client);
    const texts = ['create table n (v integer)', 'insert into n values (7) returning v', 'drop table n'];
    const { results } = await driver.execute(unit('write', ...texts));
    expect(results[1]?.rows).toEqual([[7]]);
    expect((await driver.execute(unit('read', 'select 9007199254740991 as n'))).results[0]?.rows).toEqual([
      [2 ** 53 - 1],
    ]);
    const refused = { code: 'InvalidValueError', message: expect.stringContaining('bigint()') };
    await expect(driver.execute(unit('read', 'select 9007199254740993 as n'))).rejects.toMatchObject(refused);
    client.close();
  }
});

test('EXPLAIN is refused where the client would leave a file locked, and given elsewhere', async () => {
  const local = libsql(createClient({ url: ':memory:' }));
  const refused = { code: 'CapabilityError', outcome: 'not sent' };
  for (const explain of ['explain select 1', ' EXPLAIN query plan select 1']) {
    await expect(local.execute(unit('read', explain))).rejects.toMatchObject(refused);
    const tx = await local.begin?.();
    await expect(tx?.execute(unit('read', explain))).rejects.toMatchObject(refused);
    await tx?.rollback();
  }
  expect(local.capabilities.explain).toBe(false);
  const remote = libsql(createClient({ url: server.url }));
  expect((await remote.execute(unit('read', 'explain query plan select 1'))).results[0]?.rows).toHaveLength(1);
});
