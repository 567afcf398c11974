import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { recordingDriver, type RecordingDriver } from 'cinnabar/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RtProxy, startRtProxy } from '../support/rt-proxy.ts';
import { type Sqld, startSqld } from '../support/sqld.ts';

const insert = { sql: 'insert into t (v) values (?1) returning id', params: ['x'] };
const select = { sql: 'select count(*) as n from t', params: [] };

let server: Sqld;
let proxy: RtProxy;

beforeAll(async () => {
  server = await startSqld();
  proxy = await startRtProxy({ target: server.url });
});

afterAll(async () => {
  await proxy.close();
  await server.stop();
});

describe.for(['http', 'ws'] as const)('what the driver says it took is what the network saw, over %s', (scheme) => {
  let client: Client;
  let driver: RecordingDriver<true>;

  beforeAll(async () => {
    client = createClient({ url: `${scheme}://127.0.0.1:${proxy.port}` });
    driver = recordingDriver(libsql(client));
    const create = { sql: 'create table if not exists t (id integer primary key, v text)', params: [] };
    await driver.execute({ statements: [create], mode: 'write' });
  });
  afterAll(() => client.close());

  /** Trips on the wire and trips reported. */
  async function count(work: () => Promise<unknown>): Promise<[seen: number, said: number]> {
    // Over HTTP the client drops the stream of a transaction by a request that nobody waits for.
    await sleep(30);
    driver.clear();
    proxy.reset();
    await work();
    return [proxy.trips, driver.trips];
  }

  test.for([1, 2, 50])('units of %d statements', async (length) => {
    const statements = Array.from({ length }, () => insert);
    expect(await count(() => driver.execute({ statements, mode: 'write' }))).toEqual([1, 1]);
    const selects = Array.from({ length }, () => select);
    expect(await count(() => driver.execute({ statements: selects, mode: 'read' }))).toEqual([1, 1]);
  });

  test('a unit that fails', async () => {
    const statements = [insert, { sql: 'insert into t (id) values (1), (1)', params: [] }, insert];
    const fails = (): Promise<void> => expect(driver.execute({ statements, mode: 'write' })).rejects.toThrow('unique');
    expect(await count(fails)).toEqual([1, 0]);
  });

  test('read, decide, write in a transaction', async () => {
    const run = async (): Promise<void> => {
      const tx = await driver.begin?.();
      await tx?.execute({ statements: [select], mode: 'read' });
      await tx?.commit([insert, insert]);
    };
    expect(await count(run)).toEqual([2, 2]);
  });

  test('a transaction of one commit', async () => {
    expect(await count(async () => (await driver.begin?.())?.commit([insert, insert]))).toEqual([1, 1]);
  });

  test('a transaction that is rolled back, and one that did nothing', async () => {
    const run = async (): Promise<void> => {
      const tx = await driver.begin?.();
      await tx?.execute({ statements: [insert], mode: 'write' });
      await tx?.rollback();
    };
    expect(await count(run)).toEqual([2, 2]);
    expect(await count(async () => (await driver.begin?.())?.rollback())).toEqual([0, 0]);
  });
});
