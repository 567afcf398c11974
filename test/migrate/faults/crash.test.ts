import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import { startSqld, type Sqld } from '../../support/sqld.ts';
import { crashCases } from './crash-cases.ts';

vi.setConfig({ testTimeout: 1_800_000 });

const mode = process.env['MIGRATIONS'];

describe('on node:sqlite', () => crashCases(() => nodeSqlite(new DatabaseSync(':memory:')), mode));

describe('on libSQL', () => {
  let server: Sqld;
  beforeAll(async () => void (server = await startSqld()));
  afterAll(() => server.stop());
  crashCases(() => libsql(createClient({ url: server.url })), mode);
});
