import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients, type HyperdriveBench, startHyperdriveBench } from '../../bench/trips/hyperdrive.ts';
import { pgRaw } from '../../bench/support/raw.ts';
import { measure } from '../../bench/trips/measure.ts';
import { requiredTrips, workloads } from '../../bench/trips/workloads.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { type Opened, ways } from '../support/postgres-ways.ts';
import { type RtProxy, startRtProxy } from '../support/rt-proxy.ts';

/** So that what leaves together arrives before the first answer does. */
const LATENCY = 10;

const url = postgresDatabase();
let direct: Pool;
beforeAll(() => void (direct = new Pool({ connectionString: url(), max: 1 })));
afterAll(() => direct.end());

describe.each(Object.entries(ways))('%s', (_, open) => {
  let proxy: RtProxy;
  let opened: Opened;
  beforeAll(async () => {
    proxy = await startRtProxy({ target: url(), latency: LATENCY });
    const through = new URL(url());
    through.port = String(proxy.port);
    opened = await open(through.href, url(), LATENCY);
  });
  afterAll(async () => {
    await opened.close();
    await proxy.close();
  });

  test.for(workloads)('$name: $trips round trip(s), or $oneByOne one by one', async (workload, { skip }) => {
    const { driver, proxy: network = proxy } = opened;
    if (workload.interactive && !driver.interactive) skip('there are no interactive transactions');
    const trips = requiredTrips(workload, driver);
    const measured = await measure(workload, driver, network, pgRaw(direct));
    expect(measured).toEqual({ ...measured, trips, said: trips, fault: undefined });
  });
});

describe('a Worker with Hyperdrive', () => {
  let bench: HyperdriveBench;
  beforeAll(async () => {
    bench = await startHyperdriveBench(url(), LATENCY);
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  describe.each(clients)('%s', (client) => {
    test.for(workloads)('$name: $trips round trip(s)', { timeout: 60_000 }, async ({ name, trips }) => {
      const measured = await bench.measure(client, name);
      expect(measured).toEqual({ ...measured, trips, said: trips, fault: undefined });
    });
  });
});
