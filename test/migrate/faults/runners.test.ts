import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { afterAll, beforeAll, test, vi } from 'vitest';
import { ensureBuilt } from '../../runtimes/built.ts';
import { onSqld } from '../../support/sqld.ts';
import { tryRunners } from './runner-cases.ts';

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 120_000 });
beforeAll(ensureBuilt);

const folder = mkdtempSync(join(tmpdir(), 'cinnabar-runners-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('eight processes at once on a file: each revision once', async () => {
  const path = join(folder, 'app.db');
  await tryRunners('node-sqlite', path, nodeSqlite(new DatabaseSync(path)));
});

test('eight processes at once on libSQL: each revision once', () =>
  onSqld(({ url }) => tryRunners('libsql', url, libsql(createClient({ url })))));
