import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import { ensureBuilt } from '../../runtimes/built.ts';
import { startSqld, type Sqld } from '../../support/sqld.ts';
import { runnerCases } from './runner-cases.ts';

vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 120_000 });
beforeAll(ensureBuilt);

describe('on a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cinnabar-runners-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'app.db');
  runnerCases(
    'node-sqlite',
    () => path,
    async () => nodeSqlite(new DatabaseSync(path)),
  );
});

describe('on libSQL', () => {
  let server: Sqld;
  beforeAll(async () => void (server = await startSqld()));
  afterAll(() => server.stop());
  runnerCases(
    'libsql',
    () => server.url,
    async () => libsql(createClient({ url: server.url })),
  );
});
