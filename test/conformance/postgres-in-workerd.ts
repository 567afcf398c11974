import type { Readable } from 'node:stream';
import { Miniflare } from 'miniflare';
import type { ConformanceResult } from 'cinnabar/testing';
import { bundleWorker } from '../support/bundle-worker.ts';
import { startNeonGateway } from '../support/neon-gateway.ts';
import type { WorkerWay } from './postgres-worker.ts';

/** The suite in workerd, on a real PostgreSQL: through Hyperdrive, or as Neon. */
export interface PostgresInWorkerd extends AsyncDisposable {
  run(way: WorkerWay): Promise<ConformanceResult[]>;
}

/** Starts workerd, and a gateway that speaks as Neon does, before the server at `url`. */
export async function startPostgresInWorkerd(url: string): Promise<PostgresInWorkerd> {
  const gateway = await startNeonGateway(url);
  const target = new URL(url);
  // The binding takes no URL without a password; a server that asks for none does not mind one.
  target.password ||= 'none';
  const contents = await bundleWorker(new URL('./postgres-worker.ts', import.meta.url));
  const worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents }],
    compatibilityDate: '2026-07-01',
    compatibilityFlags: ['nodejs_compat'],
    hyperdrives: { HYPERDRIVE: target.href },
    bindings: { NEON: { url: target.href, http: gateway.httpUrl, ws: gateway.wsProxy } },
    handleRuntimeStdio: (...streams: Readable[]) => streams.forEach((stream) => stream.resume()),
  });
  return {
    run: async (way) => {
      const answer = await worker.dispatchFetch('http://worker/', { method: 'POST', body: way });
      if (!answer.ok) throw new Error(`the Worker answered ${answer.status}: ${await answer.text()}`);
      return (await answer.json()) as ConformanceResult[];
    },
    [Symbol.asyncDispose]: async () => {
      await worker.dispose();
      await gateway[Symbol.asyncDispose]();
    },
  };
}
