import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@libsql/client';
import { createClient as createWebClient } from '@libsql/client/web';
import { libsql } from 'cinnabar/libsql';
import { type ConformanceTotals, driverCases, runCase } from 'cinnabar/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sqld, startSqld } from '../support/sqld.ts';

let server: Sqld;
let dir: string;

beforeAll(async () => {
  server = await startSqld();
  dir = await mkdtemp(join(tmpdir(), 'cinnabar-libsql-'));
});

afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true });
});

const clients: Readonly<Record<string, () => Client>> = {
  'a file': () => createClient({ url: `file:${join(dir, 'conformance.db')}` }),
  'memory': () => createClient({ url: ':memory:' }),
  'HTTP': () => createClient({ url: server.url }),
  'WebSocket': () => createClient({ url: server.wsUrl }),
  'an embedded replica': () => createClient({ url: `file:${join(dir, 'replica.db')}`, syncUrl: server.url }),
  'the web client over HTTP': () => createWebClient({ url: server.url }),
  'the web client over WebSocket': () => createWebClient({ url: server.wsUrl }),
};

describe.for(Object.entries(clients))('libsql over %s', ([over, open]) => {
  const totals: Record<keyof ConformanceTotals, number> = { passed: 0, failed: 0, skipped: 0 };
  let client: Client;
  beforeAll(() => {
    client = open();
  });
  afterAll(() => {
    client.close();
    console.log(`libsql over ${over}: ${JSON.stringify(totals)}`);
  });

  test.for(driverCases)('$name', async (driverCase, { skip }) => {
    const { status, reason, error } = await runCase(driverCase, libsql(client));
    totals[status] += 1;
    if (status === 'skipped') skip(reason);
    if (status === 'failed') throw error;
  });

  test('what is skipped is skipped for one reason', () => {
    const reasons = driverCases
      .map(({ requires }) => requires?.(libsql(client)))
      .filter((reason) => reason !== undefined);
    expect(reasons).toEqual(['the driver has interactive transactions']);
  });
});
