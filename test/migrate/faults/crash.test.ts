import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import { d1 } from 'cinnabar/d1';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import { startSqld, type Sqld } from '../../support/sqld.ts';
import { crashCases } from './crash-cases.ts';

vi.setConfig({ testTimeout: 1_800_000 });

describe('on node:sqlite', () => crashCases(async () => nodeSqlite(new DatabaseSync(':memory:'))));

describe('on libSQL', () => {
  let server: Sqld;
  beforeAll(async () => void (server = await startSqld()));
  afterAll(() => server.stop());
  crashCases(async () => libsql(createClient({ url: server.url })));
});

describe('on D1', () => {
  const worker = new Miniflare({
    modules: true,
    script: 'export default {}',
    compatibilityDate: '2026-07-30',
    d1Databases: ['DB'],
  });
  afterAll(() => worker.dispose());
  crashCases(async () => d1(await worker.getD1Database('DB')));
});
