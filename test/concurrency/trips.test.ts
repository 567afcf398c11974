import { createClient, type Client } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { measure } from '../../bench/trips/measure.ts';
import { workloads } from '../../bench/trips/workloads.ts';
import { libsqlRaw } from '../../bench/support/raw.ts';
import { type RtProxy, startRtProxy } from '../support/rt-proxy.ts';
import { type Sqld, startSqld } from '../support/sqld.ts';

let server: Sqld;
let proxy: RtProxy;
let counted: Client;
let direct: Client;

beforeAll(async () => {
  server = await startSqld();
  proxy = await startRtProxy({ target: server.url });
  counted = createClient({ url: proxy.url });
  direct = createClient({ url: server.url });
});

afterAll(async () => {
  counted.close();
  direct.close();
  await proxy.close();
  await server.stop();
});

test.for(workloads)('$name: $trips round trip(s) on the wire of libSQL over HTTP', async (workload) => {
  const { trips } = workload;
  const measured = await measure(workload, libsql(counted), proxy, libsqlRaw(direct));
  expect(measured).toEqual({ ...measured, trips, said: trips, fault: undefined });
});
