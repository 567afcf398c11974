// The ways to PostgreSQL that tests go.
import { neonConfig, neon as neonClient, Pool as NeonClientPool } from '@neondatabase/serverless';
import { Pool } from 'pg';
import postgresClient from 'postgres';
import type { Driver } from 'cinnabar';
import { neon, neonPool } from '../../adapters/neon/index.ts';
import { pg } from '../../adapters/pg/index.ts';
import { postgres } from '../../adapters/postgres/index.ts';
import { startNeonGateway } from './neon-gateway.ts';
import { startRtProxy, type RtProxy } from './rt-proxy.ts';

/** A driver, as a program opens it. */
export interface Opened {
  readonly driver: Driver;
  readonly close: () => Promise<unknown>;
  /** What stands in the way of its requests, where that is not the proxy before the server. */
  readonly proxy?: RtProxy;
}

/**
 * Opens a driver, as its users make it.
 *
 * @param through the URL by which it goes to the database, perhaps that of a proxy.
 * @param server the URL of the database itself.
 * @param latency milliseconds that each direction takes, where the driver brings a proxy of its own.
 */
export type Way = (through: string, server: string, latency?: number) => Promise<Opened>;

/** Those that keep a transaction open while the program decides. */
export const interactiveWays: Readonly<Record<string, Way>> = {
  'pg': async (through) => {
    const pool = new Pool({ connectionString: through, pipeline: true });
    return { driver: pg(pool), close: () => pool.end() };
  },
  'pg without a pipeline': async (through) => {
    const pool = new Pool({ connectionString: through });
    return { driver: pg(pool, { onWarning: () => {} }), close: () => pool.end() };
  },
  'postgres': async (through) => {
    const sql = postgresClient(through, { fetch_types: false, backoff: () => 0.01, onnotice: () => {} });
    return { driver: postgres(sql), close: () => sql.end({ timeout: 1 }) };
  },
  'neon over WebSocket': async (through) => {
    const gateway = await startNeonGateway(through);
    neonConfig.wsProxy = () => gateway.wsProxy;
    neonConfig.useSecureWebSocket = false;
    neonConfig.pipelineConnect = false;
    const pool = new NeonClientPool({ connectionString: through });
    pool.on('error', () => {});
    return {
      driver: neonPool(pool),
      close: async () => {
        await pool.end();
        await gateway[Symbol.asyncDispose]();
      },
    };
  },
};

/** Every way to PostgreSQL. */
export const ways: Readonly<Record<string, Way>> = {
  ...interactiveWays,
  'neon over HTTP': async (through, server, latency = 0) => {
    const gateway = await startNeonGateway(server);
    const proxy = await startRtProxy({ target: gateway.httpUrl, latency });
    neonConfig.fetchEndpoint = () => proxy.url;
    return {
      driver: neon(neonClient(through)),
      proxy,
      close: async () => {
        await proxy.close();
        await gateway[Symbol.asyncDispose]();
      },
    };
  },
};
