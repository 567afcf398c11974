import type { Readable } from 'node:stream';
import { durableObject } from 'cinnabar/durable-object';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import deno from '../../deno.json' with { type: 'json' };
import { root } from '../guards/project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let worker: Miniflare;
/** Asks an object of its own, by the name. */
const ask = async (name: string, what: string): Promise<unknown> =>
  (await worker.dispatchFetch(`http://${name}/${what}`)).json();

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [`${root}/test/adapters/durable-object/worker.ts`],
    alias: Object.fromEntries(
      Object.entries(deno.imports)
        .filter(([, target]) => target.startsWith('./'))
        .toReversed()
        .map(([name, target]) => [name, `${root}/${target}`]),
    ),
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  });
  worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: outputFiles[0]!.text }],
    compatibilityDate: '2026-07-01',
    durableObjects: { NOTES: { className: 'Notes', useSQLite: true } },
    handleRuntimeStdio: (...streams: Readable[]) => streams.forEach((stream) => stream.resume()),
  });
});
afterAll(() => worker.dispose());

describe('a Durable Object', () => {
  test('migrates at first use, once, whoever asks first', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('first', 'ran')));
    for (const ran of answers) expect(ran).toEqual(['r1', 'r2']);
    expect(await ask('first', 'runs')).toEqual([[1]]);
  });

  test('has transactions that wait for what is outside of it', async () => {
    expect(await ask('pausing', 'pausing')).toEqual(['kept 1', 'kept 2']);
    expect(await ask('pausing', 'undone')).toBe('changed my mind');
    expect(await ask('pausing', 'bodies')).toEqual(['kept 1', 'kept 2']);
  });

  test('lets nothing of other calls into a transaction', async () => {
    const asked = ['undone', 'pausing', 'undone', 'bodies', 'pausing'].map((what) => ask('busy', what));
    const [, , , bodies] = await Promise.all(asked);
    expect(bodies).not.toContain('undone 1');
    expect(await ask('busy', 'bodies')).toEqual(['kept 1', 'kept 2', 'kept 1', 'kept 2']);
  });

  test('undoes a nested transaction alone', async () => {
    expect(await ask('nested', 'nested')).toEqual(['outer', 'after']);
  });
});

test('durableObject() wants a storage of SQLite', () => {
  expect(() => durableObject({} as never)).toThrow(/expected ctx\.storage of a Durable Object whose storage is SQLite/);
});
