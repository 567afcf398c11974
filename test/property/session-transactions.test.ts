import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { named, runsOf, runTransactions } from './session-runs.ts';

const runs = runsOf(1000);
const dir = mkdtempSync(join(tmpdir(), 'cinnabar-transactions-'));
afterAll(() => rmSync(dir, { recursive: true }));

test(`a transaction on libSQL is its model: ${named(runs)}`, { timeout: 3_000_000 }, async () => {
  const client = createClient({ url: `file:${join(dir, 'test.db')}` });
  await client.execute('pragma journal_mode = memory');
  await client.execute('pragma synchronous = off');
  await runTransactions(libsql(client), runs);
});

test(`a transaction on node:sqlite is its model: ${named(runs)}`, { timeout: 3_000_000 }, async () => {
  await runTransactions(nodeSqlite(new DatabaseSync(':memory:')), runs);
});
