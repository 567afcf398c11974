import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { ConformanceResult } from 'cinnabar/testing';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sqld, startSqld } from '../support/sqld.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

let server: Sqld;
let worker: Miniflare;

beforeAll(async () => {
  server = await startSqld();
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./libsql-worker.ts', import.meta.url))],
    alias: {
      'cinnabar/libsql': here('../../adapters/libsql/index.ts'),
      'cinnabar/testing': here('../../src/testing/index.ts'),
    },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'browser'],
  });
  const contents = outputFiles[0]?.text ?? '';
  // Without nodejs_compat: nothing of Node is there.
  worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents }],
    compatibilityDate: '2026-07-01',
  });
});

afterAll(async () => {
  await worker.dispose();
  await server.stop();
});

test.for(['url', 'wsUrl'] as const)('libsql passes the suite in workerd (%s)', { timeout: 30_000 }, async (over) => {
  const answer = await worker.dispatchFetch('http://worker/', { method: 'POST', body: server[over] });
  const results = (await answer.json()) as ConformanceResult[];
  const count = (wanted: ConformanceResult['status']): number =>
    results.filter(({ status }) => status === wanted).length;
  console.log(
    `libsql in workerd (${over}): ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`,
  );
  expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
  expect(results.filter(({ status }) => status === 'skipped')).toHaveLength(1);
});
