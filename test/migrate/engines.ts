import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import type { Driver } from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { afterAll } from 'vitest';
import { libsqlFiles } from '../support/libsql.ts';
import { startSqld, type Sqld } from '../support/sqld.ts';

type Engines = readonly (readonly [name: string, open: () => Driver | Promise<Driver>])[];

/** SQLite in its three forms outside of a Worker: an empty database each time, but for the server's, which is one. */
export function sqliteEngines(): Engines {
  let sqld: Promise<Sqld> | undefined;
  afterAll(async () => (await sqld)?.stop());
  return [
    ['node:sqlite', () => nodeSqlite(new DatabaseSync(':memory:'))],
    ['libSQL, a file', libsqlFiles()],
    ['sqld', async () => libsql(createClient({ url: (await (sqld ??= startSqld())).url }))],
  ];
}
