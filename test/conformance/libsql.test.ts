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

let files = 0;

/** Clients of which each case gets its own: one that failed may keep a file locked until it is collected. */
const local: Readonly<Record<string, () => Client>> = {
  'a file': () => createClient({ url: `file:${join(dir, `${++files}.db`)}` }),
  'memory': () => createClient({ url: ':memory:' }),
};

/** Clients that all cases share. */
const shared: Readonly<Record<string, () => Client>> = {
  'HTTP': () => createClient({ url: server.url }),
  'WebSocket': () => createClient({ url: server.wsUrl }),
  'an embedded replica': () => createClient({ url: `file:${join(dir, 'replica.db')}`, syncUrl: server.url }),
  'the web client over HTTP': () => createWebClient({ url: server.url }),
  'the web client over WebSocket': () => createWebClient({ url: server.wsUrl }),
};

describe.for(Object.entries({ ...local, ...shared }))('libsql over %s', ([over, open]) => {
  const totals: Record<keyof ConformanceTotals, number> = { passed: 0, failed: 0, skipped: 0 };
  const clients: Client[] = [];
  const client = (): Client => {
    if (clients[0] && over in shared) return clients[0];
    const opened = open();
    clients.push(opened);
    return opened;
  };
  afterAll(() => {
    for (const one of clients) one.close();
    console.log(`libsql over ${over}: ${JSON.stringify(totals)}`);
  });

  test.for(driverCases)('$name', { timeout: 120_000 }, async (driverCase, { skip }) => {
    const { status, reason, error } = await runCase(driverCase, libsql(client()));
    totals[status] += 1;
    if (status === 'skipped') skip(reason);
    if (status === 'failed') throw error;
  });

  test('what is skipped is skipped for what the client lacks', () => {
    const driver = libsql(client());
    const reasons = driverCases.map(({ requires }) => requires?.(driver)).filter((one) => one !== undefined);
    const locked = 'the client leaves the database locked after EXPLAIN';
    const expected = ['the driver has no bookmarks', ...(driver.capabilities.explain ? [] : [locked])];
    expect(new Set(reasons)).toEqual(new Set(expected));
  });
});
