import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { expect, test } from 'vitest';
import { libsqlFiles } from '../support/libsql.ts';
import { startSqld } from '../support/sqld.ts';
import { bigValues } from './big-cases.ts';

const all = (found: Record<string, string>): Set<string> => new Set(Object.values(found));

const openFile = libsqlFiles();
test('values of megabytes come back as they went: in the process', { timeout: 60_000 }, async () => {
  expect(all(await bigValues(nodeSqlite(new DatabaseSync(':memory:')), 1_200_000))).toEqual(new Set(['same']));
  expect(all(await bigValues(openFile(), 1_200_000))).toEqual(new Set(['same']));
});

test('values of megabytes come back as they went, or are refused: on a server', { timeout: 60_000 }, async () => {
  await using server = await startSqld();
  const client = createClient({ url: server.url });
  expect(all(await bigValues(libsql(client), 1_200_000))).toEqual(new Set(['same']));
  expect(all(await bigValues(libsql(client), 6_000_000))).toEqual(new Set(['refused']));
  client.close();
});
