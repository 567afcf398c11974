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

  /** Trips on the wire, and trips reported. */
  async function expectTrips(work: () => Promise<unknown>, seen: number, said = seen): Promise<void> {
    // The client drops the stream of a transaction by a request that nobody waits for: one that is late adds to the next
    // count. Nothing takes from one.
    for (let pause = 30; pause < 500; pause *= 2) {
      await sleep(pause);
      driver.clear();
      proxy.reset();
      await work();
      if (proxy.trips <= seen) break;
    }
    expect([proxy.trips, driver.trips]).toEqual([seen, said]);
  }

  test.for([1, 2, 50])('units of %d statements', async (length) => {
    const statements = Array.from({ length }, () => insert);
    await expectTrips(() => driver.execute({ statements, mode: 'write' }), 1);
    const selects = Array.from({ length }, () => select);
    await expectTrips(() => driver.execute({ statements: selects, mode: 'read' }), 1);
  });

  test('a unit that fails', async () => {
    const statements = [insert, { sql: 'insert into t (id) values (1), (1)', params: [] }, insert];
    const fails = (): Promise<void> => expect(driver.execute({ statements, mode: 'write' })).rejects.toThrow('unique');
    await expectTrips(fails, 1, 0);
  });

  test('read, decide, write in a transaction', async () => {
    const run = async (): Promise<void> => {
      const tx = await driver.begin?.();
      await tx?.execute({ statements: [select], mode: 'read' });
      await tx?.commit([insert, insert]);
    };
    await expectTrips(run, 2);
  });

  test('a transaction of one commit', async () => {
    await expectTrips(async () => (await driver.begin?.())?.commit([insert, insert]), 1);
  });

  test('a transaction that is rolled back, and one that did nothing', async () => {
    const run = async (): Promise<void> => {
      const tx = await driver.begin?.();
      await tx?.execute({ statements: [insert], mode: 'write' });
      await tx?.rollback();
    };
    await expectTrips(run, 2);
    await expectTrips(async () => (await driver.begin?.())?.rollback(), 0);
  });
});
