import { join } from 'node:path';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { root } from '../guards/project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let worker: Miniflare;
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'worker-examples/d1-migrate/src/worker.ts')],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  });
  worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: outputFiles[0]!.text }],
    compatibilityDate: '2026-07-30',
    d1Databases: ['DB'],
    bindings: { MIGRATE_TOKEN: 'secret' },
  });
});
afterAll(() => worker.dispose());

const send = (path: string, method = 'GET', token?: string): ReturnType<Miniflare['dispatchFetch']> =>
  worker.dispatchFetch(`http://notes${path}`, { method, headers: token ? { authorization: `Bearer ${token}` } : {} });

test('a Worker migrates its own D1: minified, without nodejs_compat, once, whoever asks', async () => {
  expect(await (await send('/migrations')).json()).toEqual({ current: [], pending: ['5f0c2a17', 'c81d9e40'] });
  for (const token of [undefined, 'wrong']) expect((await send('/migrate', 'POST', token)).status).toBe(401);
  expect((await send('/notes')).status).toBe(500);

  const answers = await Promise.all(Array.from({ length: 8 }, () => send('/migrate', 'POST', 'secret')));
  const reports = (await Promise.all(answers.map((answer) => answer.json()))) as { ran: string[]; heads: string[] }[];
  expect(reports.flatMap(({ ran }) => ran)).toEqual(['5f0c2a17', 'c81d9e40']);
  for (const { heads } of reports) expect(heads).toEqual(['c81d9e40']);

  expect(await (await send('/notes')).json()).toEqual([
    { id: 1, body: 'Written before there was a count of words.', words: 8 },
  ]);
  const again = await send('/migrate', 'POST', 'secret');
  expect(await again.json()).toMatchObject({ ran: [], roundTrips: 1 });
});
