import { neon as neonClient, neonConfig, Pool as NeonClientPool } from '@neondatabase/serverless';
import type { Driver } from 'cinnabar';
import { neon, neonPool } from 'cinnabar/neon';
import { pg } from 'cinnabar/pg';
import { postgres } from 'cinnabar/postgres';
import { type ConformanceResult, runConformance } from 'cinnabar/testing';
import { Pool } from 'pg';
import postgresClient from 'postgres';

/** How a Worker reaches PostgreSQL. */
export type WorkerWay = 'pg' | 'postgres' | 'neon' | 'neon-pool';

interface Env {
  readonly HYPERDRIVE: { readonly connectionString: string };
  /** Where Neon would be. */
  readonly NEON: { readonly url: string; readonly http: string; readonly ws: string };
}

interface Opened {
  readonly driver: Driver;
  readonly end: () => Promise<unknown>;
}

const open: Readonly<Record<WorkerWay, (env: Env) => Opened>> = {
  'pg': ({ HYPERDRIVE: { connectionString } }) => {
    const pool = new Pool({ connectionString, pipeline: true, max: 5 });
    return { driver: pg(pool), end: () => pool.end() };
  },
  'postgres': ({ HYPERDRIVE: { connectionString } }) => {
    const sql = postgresClient(connectionString, { max: 5, onnotice: () => {} });
    return { driver: postgres(sql), end: () => sql.end({ timeout: 1 }) };
  },
  'neon': ({ NEON: { url, http } }) => {
    neonConfig.fetchEndpoint = () => http;
    return { driver: neon(neonClient(url)), end: async () => {} };
  },
  'neon-pool': ({ NEON: { url, ws } }) => {
    neonConfig.wsProxy = () => ws;
    neonConfig.useSecureWebSocket = false;
    neonConfig.pipelineConnect = false;
    const pool = new NeonClientPool({ connectionString: url, max: 5 });
    return { driver: neonPool(pool), end: () => pool.end() };
  },
};

/** A Worker that runs the suite the way that the request names, on connections of that request. */
export default {
  async fetch(request: Request, env: Env, context: { waitUntil(work: Promise<unknown>): void }): Promise<Response> {
    const { driver, end } = open[(await request.text()) as WorkerWay](env);
    const results: ConformanceResult[] = [];
    await runConformance(
      () => driver,
      (result) => results.push({ ...result, error: result.error instanceof Error ? result.error.stack : undefined }),
    );
    context.waitUntil(end());
    return Response.json(results);
  },
};
