import { neonConfig, Pool as NeonClientPool } from '@neondatabase/serverless';
import { type Driver, isCinnabarError } from 'cinnabar';
import { neonPool } from 'cinnabar/neon';
import { pg } from 'cinnabar/pg';
import { postgres } from 'cinnabar/postgres';
import { Client, Pool } from 'pg';
import postgresClient from 'postgres';

interface Env {
  readonly HYPERDRIVE: { readonly connectionString: string };
  readonly NEON: { readonly url: string; readonly ws: string };
}

const open: Readonly<Record<string, (env: Env) => Promise<Driver>>> = {
  'pool': async ({ HYPERDRIVE: { connectionString } }) => pg(new Pool({ connectionString, pipeline: true, max: 2 })),
  'client': async ({ HYPERDRIVE: { connectionString } }) => {
    const client = new Client({ connectionString, pipeline: true });
    await client.connect();
    return pg(client);
  },
  'postgres': async ({ HYPERDRIVE: { connectionString } }) => postgres(postgresClient(connectionString, { max: 1 })),
  'neon-pool': async ({ NEON: { url, ws } }) => {
    Object.assign(neonConfig, { wsProxy: () => ws, useSecureWebSocket: false, pipelineConnect: false });
    return neonPool(new NeonClientPool({ connectionString: url, max: 2 }));
  },
};

const kept = new Map<string, Driver>();

/** A Worker that makes a mistake: it keeps the driver of the first request for the next. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const way = await request.text();
    const driver = kept.get(way) ?? (await open[way]!(env));
    kept.set(way, driver);
    try {
      const statements = [{ sql: 'select $1::text', params: ['x'.repeat(2000)] }];
      await driver.execute({ mode: 'write', statements });
      return Response.json('done');
    } catch (error) {
      return Response.json(isCinnabarError(error) ? [error.code, error.outcome, error.message] : String(error));
    }
  },
};
