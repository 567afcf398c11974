import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sqld, startSqld } from '../support/sqld.ts';
import { type InWorkerd, startInWorkerd } from './in-workerd.ts';

let server: Sqld;
let worker: InWorkerd;

beforeAll(async () => {
  server = await startSqld();
  worker = await startInWorkerd();
});

afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await server.stop();
});

test.for(['url', 'wsUrl'] as const)('libsql passes the suite in workerd (%s)', { timeout: 120_000 }, async (over) => {
  const results = await worker.run(server[over]);
  expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
  const skipped = results.filter(({ status }) => status === 'skipped').map(({ reason }) => reason);
  expect(skipped).toEqual(['the driver has no bookmarks']);
});

test('durable-object passes the suite in workerd', { timeout: 120_000 }, async () => {
  const results = await worker.run('object');
  expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
  const skipped = results.filter(({ status }) => status === 'skipped').map(({ reason }) => reason);
  expect([...new Set(skipped)]).toEqual([
    'the driver rounds integers beyond 2^53',
    'what SQLite rolls back by itself ends the object',
    'the driver has no bookmarks',
  ]);
});
