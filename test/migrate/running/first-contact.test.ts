import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { migrate, migrationStatus, previewRun } from 'cinnabar/migrate';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { expect, test } from 'vitest';
import { engineOn, rev } from '../support.ts';

const revisions = [rev('a1', [], 'create table notes (id integer primary key)')];

test('a file that is no database is not one at its base', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cinnabar-first-'));
  const path = join(folder, 'app.db');
  await writeFile(path, 'a text, and not what SQLite writes. '.repeat(40));
  const engine = engineOn(nodeSqlite(new DatabaseSync(path)));
  await expect(migrationStatus(engine, revisions)).rejects.toThrow('file is not a database');
  await expect(migrate(engine, revisions)).rejects.toThrow('file is not a database');
  await rm(folder, { recursive: true });
});

test('a database that is not there is not waited for', async () => {
  // Nothing listens on port 2, which fetch does not refuse by itself.
  const engine = engineOn(libsql(createClient({ url: 'http://127.0.0.1:2' })));
  const started = Date.now();
  for (const work of [
    () => migrationStatus(engine, revisions),
    () => migrate(engine, revisions),
    () => previewRun(engine, revisions, 'head'),
  ]) {
    await expect(work()).rejects.toMatchObject({ code: 'ConnectionLost' });
  }
  expect(Date.now() - started).toBeLessThan(10_000);
});
