import { DatabaseSync } from 'node:sqlite';
import { type Client, createClient } from '@libsql/client';
import { createClient as createWebClient } from '@libsql/client/web';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { afterAll, describe, test } from 'vitest';
import { libsqlFiles } from '../support/libsql.ts';
import { startSqld } from '../support/sqld.ts';
import { holds, valueCounts } from './holds.ts';

/** So many on a database in the process, and on a server. */
const [local, remote] = valueCounts(process.env);

describe('values come back as they went', () => {
  test('node:sqlite', { timeout: 600_000 }, async () => {
    const database = new DatabaseSync(':memory:');
    await holds('node:sqlite', nodeSqlite(database), { ...process.env, count: local });
    database.close();
  });

  const openFile = libsqlFiles();
  test('libsql over a file', { timeout: 600_000 }, async () => {
    await holds('libsql over a file', openFile(), { ...process.env, count: local });
  });

  const clients: Client[] = [];
  afterAll(() => {
    for (const client of clients) client.close();
  });
  test.for([
    ['HTTP', ({ url }) => createClient({ url })],
    ['WebSocket', ({ wsUrl }) => createClient({ url: wsUrl })],
    ['the web client', ({ url }) => createWebClient({ url })],
  ] as const satisfies readonly (readonly [string, (server: { url: string; wsUrl: string }) => Client])[])(
    'libsql over %s',
    { timeout: 600_000 },
    async ([name, open]) => {
      await using server = await startSqld();
      const client = open(server);
      clients.push(client);
      await holds(`libsql over ${name}`, libsql(client), { ...process.env, count: remote, rows: 20 });
    },
  );
});
