import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { neon as neonClient, neonConfig, Pool as NeonClientPool } from '@neondatabase/serverless';
import { isCinnabarError, type Driver } from 'cinnabar';
import { neon, neonPool } from 'cinnabar/neon';
import { pg } from 'cinnabar/pg';
import { postgres } from 'cinnabar/postgres';
import { Client, Pool } from 'pg';
import postgresClient from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NeonGateway, startNeonGateway } from '../support/neon-gateway.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';

const PASSWORD = 'h0rse-battery-staple';
const VALUE = 'what-a-user-wrote';
const url = postgresDatabase();
const role = `role_${Math.random().toString(36).slice(2)}`;
let gateway: NeonGateway;
let refused: number;
beforeAll(async () => {
  await psql(url(), `create role ${role} login password '${PASSWORD}'`);
  gateway = await startNeonGateway(url());
  Object.assign(neonConfig, { useSecureWebSocket: false, pipelineConnect: false });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  refused = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await psql(url(), `drop role ${role}`);
});

/** A URL with a password in it, of somebody or some place that is not there. */
function target(change: (parts: URL) => void): string {
  const parts = new URL(url());
  parts.username = role;
  parts.password = PASSWORD;
  change(parts);
  return parts.href;
}
const mistakes: Readonly<Record<string, () => string>> = {
  'nobody of that name': () => target((parts) => (parts.username = 'nobody_of_that_name')),
  'no database of that name': () => target((parts) => (parts.pathname = '/no_database_of_that_name')),
  'a port that refuses': () => target((parts) => (parts.port = String(refused))),
  'a host that is not there': () => target((parts) => (parts.hostname = 'host.invalid')),
};

type Open = (connectionString: string) => readonly [Driver, () => Promise<unknown>];
const open: Readonly<Record<string, Open>> = {
  'pg, a pool': (connectionString) => {
    const pool = new Pool({ connectionString, pipeline: true });
    return [pg(pool), () => pool.end()];
  },
  'pg, a client': (connectionString) => {
    const client = new Client({ connectionString, pipeline: true });
    const connected = client.connect().catch(() => undefined);
    return [pg(client), () => connected.then(() => client.end()).catch(() => undefined)];
  },
  'postgres': (connectionString) => {
    const sql = postgresClient(connectionString, { connect_timeout: 5 });
    return [postgres(sql), () => sql.end({ timeout: 1 })];
  },
  'neon': (connectionString) => {
    const isAway = /host\.invalid/.test(connectionString) || connectionString.includes(`:${refused}/`);
    neonConfig.fetchEndpoint = () => (isAway ? `http://127.0.0.1:${refused}/sql` : gateway.httpUrl);
    return [neon(neonClient(connectionString)), async () => {}];
  },
  'neonPool': (connectionString) => {
    const isAway = /host\.invalid/.test(connectionString) || connectionString.includes(`:${refused}/`);
    neonConfig.wsProxy = () => (isAway ? `127.0.0.1:${refused}` : gateway.wsProxy);
    const pool = new NeonClientPool({ connectionString });
    return [neonPool(pool), () => pool.end()];
  },
};

/** All that an error says, and all that it carries, however deep. */
const said = (error: unknown): string =>
  inspect(error, { depth: 20, showHidden: true, getters: true }) + JSON.stringify(error) + String(error);
/** Without what clients put into the cause: that is theirs, and is there for the eyes of the program. */
const ours = (error: Error): string => [error.name, error.message, error.stack, JSON.stringify(error)].join('\n');

const statements = [{ sql: 'select $1::text', params: [VALUE] }];

describe.each(Object.entries(open))('%s', (_, connect) => {
  test.for(Object.entries(mistakes))(
    '%s: a typed error, and no password in it',
    { timeout: 60_000 },
    async (mistake) => {
      const [, make] = mistake;
      const [driver, close] = connect(make());
      const error: unknown = await driver.execute({ mode: 'write', statements }).catch((reason: unknown) => reason);
      await close();
      if (!isCinnabarError(error)) throw new Error(`no typed error: ${said(error)}`);
      expect(said(error)).not.toContain(PASSWORD);
      expect(ours(error)).not.toContain(VALUE);
      expect(['not sent', 'not committed', 'unknown']).toContain(error.outcome);
    },
  );
});
