import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import type { ConformanceResult } from 'cinnabar/testing';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The suite in workerd: on D1 (`binding` or `session`), in Durable Objects (`object`), or on libSQL at an address. */
export interface InWorkerd extends AsyncDisposable {
  run(address: string): Promise<ConformanceResult[]>;
}

/** Starts workerd without `nodejs_compat`: nothing of Node is there. */
export async function startInWorkerd(): Promise<InWorkerd> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./worker.ts', import.meta.url))],
    alias: {
      'cinnabar/d1': here('../../adapters/d1/index.ts'),
      'cinnabar/durable-object': here('../../adapters/durable-object/index.ts'),
      'cinnabar/libsql': here('../../adapters/libsql/index.ts'),
      'cinnabar/testing': here('../../src/testing/index.ts'),
    },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'browser'],
  });
  const worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: outputFiles[0]?.text ?? '' }],
    compatibilityDate: '2026-07-01',
    d1Databases: ['DB'],
    durableObjects: { OBJECT: { className: 'ConformanceObject', useSQLite: true } },
    // It tells at length of each statement that ended a transaction by itself.
    handleRuntimeStdio: (...streams: Readable[]) => streams.forEach((stream) => stream.resume()),
  });
  return {
    run: async (address) => {
      const answer = await worker.dispatchFetch('http://worker/', { method: 'POST', body: address });
      return (await answer.json()) as ConformanceResult[];
    },
    [Symbol.asyncDispose]: () => worker.dispose(),
  };
}
