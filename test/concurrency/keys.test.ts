import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient, type Client } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { libsqlRaw } from '../../bench/support/raw.ts';
import { type Sqld, startSqld } from '../support/sqld.ts';
import { keyCases } from './key-cases.ts';
import { runKeyCase, WAYS } from './run-key-case.ts';

let server: Sqld;
let folder: string;

beforeAll(async () => {
  server = await startSqld();
  folder = await mkdtemp(join(tmpdir(), 'cinnabar-keys-'));
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.for(['file', 'http'] as const)('keys that the database makes, over %s', (scheme) => {
  let client: Client;
  beforeAll(() => {
    client = createClient({ url: scheme === 'http' ? server.url : pathToFileURL(join(folder, 'keys.db')).href });
  });
  afterAll(() => client.close());

  describe.for(WAYS)('%s', (way) => {
    for (const keyCase of keyCases) {
      test(`${keyCase.name}: ${keyCase.ends}`, async () => {
        expect(await runKeyCase(keyCase, libsql(client), libsqlRaw(client), way)).toBeDefined();
      });
    }
  });
});
