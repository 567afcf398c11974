import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';

/** A Worker with a D1 database, in workerd. */
export interface BenchWorker extends AsyncDisposable {
  /** What the Worker answers to a message, as JSON. */
  ask<T>(message: unknown): Promise<T>;
}

/** Bundles a module of this folder's siblings as a Worker, without anything of Node, and starts it. */
export async function startWorker(entry: URL): Promise<BenchWorker> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'browser'],
  });
  const worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: outputFiles[0]?.text ?? '' }],
    compatibilityDate: '2026-07-01',
    d1Databases: ['DB'],
  });
  return {
    async ask<T>(message: unknown) {
      const answer = await worker.dispatchFetch('http://worker/', { method: 'POST', body: JSON.stringify(message) });
      if (!answer.ok) throw new Error(`the Worker answered ${answer.status}: ${await answer.text()}`);
      return (await answer.json()) as T;
    },
    [Symbol.asyncDispose]: () => worker.dispose(),
  };
}
