import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@libsql/client';
import type { Driver } from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { afterAll } from 'vitest';

/** Opens libSQL on files of a folder that goes when the tests of the file are over. */
export function libsqlFiles(): () => Driver<true> {
  const dir = mkdtempSync(join(tmpdir(), 'cinnabar-orm-'));
  const clients: Client[] = [];
  afterAll(() => {
    for (const client of clients) client.close();
    rmSync(dir, { recursive: true });
  });
  return () => {
    const client = createClient({ url: `file:${join(dir, `${randomUUID()}.db`)}` });
    clients.push(client);
    return libsql(client);
  };
}

/** Opens libSQL in memory. */
export function libsqlMemory(): () => Driver<true> {
  const clients: Client[] = [];
  afterAll(() => {
    for (const client of clients) client.close();
  });
  return () => {
    const client = createClient({ url: ':memory:' });
    clients.push(client);
    return libsql(client);
  };
}
