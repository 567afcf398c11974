import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient, type Client } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { expect, onTestFinished, test } from 'vitest';
import { raceOnFile } from '../../bench/keys/threads.ts';
import { faultsOf, type Judged, race } from '../../bench/keys/writers.ts';
import { libsqlRaw } from '../../bench/support/raw.ts';
import { onSqld } from '../support/sqld.ts';

const LINKS = 10_000;

function expectRight(judged: readonly Judged[]): void {
  expect(faultsOf(judged, LINKS)).toEqual([]);
  for (const kind of ['a trigger that ignores a row', 'a trigger that inserts into the same table']) {
    const found = judged.find((each) => each.kind === kind);
    expect(found?.committed, `${kind}: where the trigger has nothing to do`).toBeGreaterThan(0);
    expect(found?.refused, `${kind}: where it has`).toBeGreaterThan(0);
  }
}

test('eight writers at once on a file: each unit right and whole, or nothing of it', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cinnabar-writers-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const judged = await raceOnFile(pathToFileURL(join(folder, 'writers.db')).href, LINKS);
  expectRight(judged);
  // An embedded writer fails at once where another is at work: LockTimeout, with nothing written.
  expect(judged.reduce((sum, { waits }) => sum + waits, 0)).toBeGreaterThan(0);
});

test('eight writers at once over HTTP: each unit right and whole, or nothing of it', { timeout: 120_000 }, async () => {
  const judged = await onSqld(async ({ url }) => {
    const clients: Client[] = [];
    const open = (): Client => {
      const client = createClient({ url });
      clients.push(client);
      return client;
    };
    const found = await race(() => libsql(open()), libsqlRaw(open()), LINKS);
    for (const client of clients) client.close();
    return found;
  });
  expectRight(judged);
});
