import { Client } from 'pg';
import postgresClient from 'postgres';
import { pg } from '../../adapters/pg/index.ts';
import { postgres } from '../../adapters/postgres/index.ts';
import type { Driver } from '../../src/index.ts';
import { pgRaw } from '../support/raw.ts';
import type { Client as ClientName } from './hyperdrive.ts';
import { measure, type Meter } from './measure.ts';
import { workloads } from './workloads.ts';

interface Hyperdrive {
  readonly connectionString: string;
}

interface Env {
  readonly COUNTED: Hyperdrive;
  readonly DIRECT: Hyperdrive;
  /** GET: round trips since the last POST. */
  readonly METER: { fetch(url: string, init?: { method: string }): Promise<Response> };
}

interface Opened {
  readonly driver: Driver;
  readonly end: () => Promise<unknown>;
}

const open: Readonly<Record<ClientName, (connectionString: string) => Promise<Opened>>> = {
  'pg': async (connectionString) => {
    const client = new Client({ connectionString, pipeline: true });
    await client.connect();
    return { driver: pg(client), end: () => client.end() };
  },
  'postgres.js': async (connectionString) => {
    const sql = postgresClient(connectionString, { max: 1 });
    return { driver: postgres(sql), end: () => sql.end() };
  },
};

/** Runs one workload, on connections of this request. */
export default {
  async fetch(request: Request, env: Env, context: { waitUntil(work: Promise<unknown>): void }): Promise<Response> {
    const { client, workload } = (await request.json()) as { client: ClientName; workload: string };
    const meter: Meter = {
      get trips() {
        return env.METER.fetch('http://meter').then(async (answer) => Number(await answer.text()));
      },
      reset: () => env.METER.fetch('http://meter', { method: 'POST' }),
    };
    const direct = new Client({ connectionString: env.DIRECT.connectionString });
    await direct.connect();
    const { driver, end } = await open[client](env.COUNTED.connectionString);
    try {
      const found = workloads.find(({ name }) => name === workload);
      return Response.json(await measure(found!, driver, meter, pgRaw(direct)));
    } finally {
      context.waitUntil(Promise.all([end(), direct.end()]));
    }
  },
};
