import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sqld, startSqld } from '../support/sqld.ts';
import { runConformanceIn } from './run-conformance.ts';

let server: Sqld;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cinnabar-runtimes-'));
  server = await startSqld();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

type Way = readonly [driver: string, over: string, address: (runtime: string) => string];

const ways: readonly Way[] = [
  ['libsql', 'HTTP', () => server.url],
  ['libsql', 'WebSocket', () => server.wsUrl],
  ['libsql', 'a file', (runtime) => pathToFileURL(join(folder, `libsql-${runtime}`)).href],
  ['node-sqlite', 'a file', (runtime) => join(folder, `node-sqlite-${runtime}.db`)],
  ['node-sqlite', 'memory', () => ':memory:'],
];

test.for((['Deno', 'Bun'] as const).flatMap((runtime) => ways.map((way) => [runtime, ...way] as const)))(
  '%s: %s passes the suite over %s',
  { timeout: 180_000 },
  async ([runtime, driver, , address]) => {
    const results = await runConformanceIn(runtime, driver, address(runtime));
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(results.filter(({ status }) => status === 'passed').length).toBeGreaterThan(300);
  },
);
