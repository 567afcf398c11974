import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresInWorkerd, startPostgresInWorkerd } from '../conformance/postgres-in-workerd.ts';
import { runConformanceIn } from '../runtimes/run-conformance.ts';
import { type NeonGateway, startNeonGateway } from '../support/neon-gateway.ts';
import { postgresDatabase } from '../support/postgres.ts';

const url = postgresDatabase();
const failed = (results: readonly { status: string }[]): unknown => results.filter(({ status }) => status === 'failed');
const passed = (results: readonly { status: string }[]): number =>
  results.filter(({ status }) => status === 'passed').length;

describe('in workerd', () => {
  let worker: PostgresInWorkerd;
  beforeAll(async () => void (worker = await startPostgresInWorkerd(url())));
  afterAll(() => worker[Symbol.asyncDispose]());

  test.for([
    ['Hyperdrive and pg', 'pg'],
    ['Hyperdrive and postgres.js', 'postgres'],
    ['Neon over HTTP', 'neon'],
    ['Neon over WebSocket', 'neon-pool'],
  ] as const)('the suite passes through %s', { timeout: 180_000 }, async ([, way]) => {
    const results = await worker.run(way);
    expect(failed(results)).toEqual([]);
    expect(passed(results)).toBeGreaterThan(way === 'neon' ? 270 : 300);
  });
});

describe('in Deno and Bun', () => {
  let gateway: NeonGateway;
  beforeAll(async () => void (gateway = await startNeonGateway(url())));
  afterAll(() => gateway[Symbol.asyncDispose]());

  const ways: readonly (readonly [driver: string, address: () => string])[] = [
    ['pg', url],
    ['postgres', url],
    ['neon', () => `${url()} ${gateway.httpUrl}`],
    ['neon-pool', () => `${url()} ${gateway.wsProxy}`],
    ['pglite', () => 'memory'],
  ];
  test.for((['Deno', 'Bun'] as const).flatMap((runtime) => ways.map((way) => [runtime, ...way] as const)))(
    '%s: the suite passes on %s',
    { timeout: 180_000 },
    async ([runtime, driver, address]) => {
      const results = await runConformanceIn(runtime, driver, address());
      expect(failed(results)).toEqual([]);
      expect(passed(results)).toBeGreaterThan(driver === 'neon' ? 270 : 300);
    },
  );
});
