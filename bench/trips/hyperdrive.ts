// A Worker with Hyperdrive, and what runs it: the database is reached through a counting proxy, and past it.
import type { Readable } from 'node:stream';
import { Miniflare, type Request, Response } from 'miniflare';
import { bundleWorker } from '../../test/support/bundle-worker.ts';
import { startRtProxy } from '../../test/support/rt-proxy.ts';
import type { Measured } from './measure.ts';

/** The clients that go through Hyperdrive. */
export const clients = ['pg', 'postgres.js'] as const;
export type Client = (typeof clients)[number];

/** Runs workloads in a Worker with Hyperdrive. */
export interface HyperdriveBench extends AsyncDisposable {
  measure(client: Client, workload: string): Promise<Measured>;
}

/** @param latency milliseconds that each direction takes. */
export async function startHyperdriveBench(url: string, latency: number): Promise<HyperdriveBench> {
  const proxy = await startRtProxy({ target: url, latency });
  const [through, direct] = [new URL(url), new URL(url)];
  through.port = String(proxy.port);
  // The binding takes no URL without a password; a server that asks for none does not mind one.
  for (const each of [through, direct]) each.password ||= 'none';
  const contents = await bundleWorker(new URL('./hyperdrive-worker.ts', import.meta.url));
  const worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents }],
    compatibilityDate: '2026-07-01',
    compatibilityFlags: ['nodejs_compat'],
    hyperdrives: { COUNTED: through.href, DIRECT: direct.href },
    serviceBindings: {
      METER: ({ method }: Request) => {
        if (method === 'POST') proxy.reset();
        return new Response(String(proxy.trips));
      },
    },
    handleRuntimeStdio: (...streams: Readable[]) => streams.forEach((stream) => stream.resume()),
  });
  return {
    async measure(client, workload) {
      const body = JSON.stringify({ client, workload });
      const answer = await worker.dispatchFetch('http://worker/', { method: 'POST', body });
      if (!answer.ok) throw new Error(`the Worker answered ${answer.status}: ${await answer.text()}`);
      return (await answer.json()) as Measured;
    },
    async [Symbol.asyncDispose]() {
      await worker.dispose();
      await proxy.close();
    },
  };
}
