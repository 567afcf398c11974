import type { Readable } from 'node:stream';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleWorker } from '../support/bundle-worker.ts';
import { type NeonGateway, startNeonGateway } from '../support/neon-gateway.ts';
import { postgresDatabase } from '../support/postgres.ts';

const url = postgresDatabase();
let gateway: NeonGateway;
let worker: Miniflare;
beforeAll(async () => {
  gateway = await startNeonGateway(url());
  const target = new URL(url());
  target.password ||= 'none';
  const contents = await bundleWorker(new URL('./kept-worker.ts', import.meta.url));
  worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents }],
    compatibilityDate: '2026-07-01',
    compatibilityFlags: ['nodejs_compat'],
    hyperdrives: { HYPERDRIVE: target.href },
    bindings: { NEON: { url: target.href, ws: gateway.wsProxy } },
    handleRuntimeStdio: (...streams: Readable[]) => streams.forEach((stream) => stream.resume()),
  });
}, 60_000);
afterAll(async () => {
  await worker.dispose();
  await gateway[Symbol.asyncDispose]();
});

test.for(['pool', 'client', 'postgres', 'neon-pool'])(
  'a connection that is kept for the next request is refused, with the remedy: %s',
  { timeout: 60_000 },
  async (way) => {
    const send = async (): Promise<unknown> =>
      (await worker.dispatchFetch('http://worker/', { method: 'POST', body: way })).json();
    expect(await send()).toBe('done');
    expect(await send()).toEqual([
      'ConfigurationError',
      'not sent',
      expect.stringMatching(/another request .*: make the pool or client in the request that uses it, and end it/),
    ]);
  },
);
