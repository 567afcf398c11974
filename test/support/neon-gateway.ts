// Speaks Neon's two protocols (SQL over HTTP, and PostgreSQL's own over WebSocket) before a real PostgreSQL.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { DatabaseError, Pool, type PoolClient, type QueryArrayConfig } from 'pg';
import { WebSocketServer } from 'ws';

/** A gateway of one test's own. `await using` stops it. */
export interface NeonGateway extends AsyncDisposable {
  readonly port: number;
  /** Where `neonConfig.fetchEndpoint` has to point. */
  readonly httpUrl: string;
  /** Where `neonConfig.wsProxy` has to point. */
  readonly wsProxy: string;
}

interface Query {
  readonly query: string;
  readonly params?: readonly unknown[];
  readonly arrayMode?: boolean;
}

const ISOLATION: Readonly<Record<string, string>> = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
};

/** What the service passes on of an error of the database. */
const REPORTED = ['severity', 'code', 'detail', 'hint', 'where', 'schema', 'table', 'column', 'dataType', 'constraint'];

/** A refusal of the gateway itself. */
class BadRequest extends Error {}

/** Starts a gateway before the server at `url` on a free loopback port. */
export async function startNeonGateway(url: string): Promise<NeonGateway> {
  const upstream = new URL(url);
  const pools = new Map<string, Pool>();
  const poolFor = (header: unknown): Pool => {
    if (typeof header !== 'string') throw new BadRequest('Neon-Connection-String is missing');
    const target = new URL(header);
    target.host = upstream.host;
    target.search = '';
    let pool = pools.get(target.href);
    if (!pool) {
      pool = new Pool({ connectionString: target.href });
      // A connection that breaks while idle is nobody's.
      pool.on('error', () => {});
      pools.set(target.href, pool);
    }
    return pool;
  };

  const server = createServer((request, response) => void answer(request, response, poolFor));
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    const remote = connect(Number(upstream.port), upstream.hostname);
    remote.setNoDelay(true);
    socket.on('message', (data) => remote.write(data as Buffer));
    socket.on('close', () => remote.destroy());
    socket.on('error', () => remote.destroy());
    remote.on('data', (data) => socket.send(data));
    remote.on('close', () => socket.close());
    remote.on('error', () => socket.close());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    httpUrl: `http://127.0.0.1:${port}/sql`,
    wsProxy: `127.0.0.1:${port}/v2`,
    [Symbol.asyncDispose]: async () => {
      // A client that is ending is let end: cut off, it would see an error.
      const late = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), 1000);
      for (const socket of sockets.clients) socket.close();
      sockets.close();
      server.close();
      server.closeIdleConnections();
      await once(server, 'close');
      clearTimeout(late);
      for (const pool of pools.values()) await pool.end();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  poolFor: (header: unknown) => Pool,
): Promise<void> {
  const reply = (status: number, body: object, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*', ...headers });
    response.end(JSON.stringify(body));
  };
  let client: PoolClient | undefined;
  let broken = false;
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Query & { readonly queries?: readonly Query[] };
    const arrays = request.headers['neon-array-mode'] === 'true';
    client = await poolFor(request.headers['neon-connection-string']).connect();
    if (body.queries) {
      const { begin, headers } = transactionOf(request);
      reply(200, { results: await batch(client, begin, body.queries, arrays) }, headers);
    } else reply(200, await run(client, body, arrays));
  } catch (error) {
    const isReply = error instanceof DatabaseError;
    broken = !isReply && client !== undefined;
    const known = REPORTED.map((name) => [name, Reflect.get(error as object, name) ?? null]);
    const status = isReply || error instanceof BadRequest ? 400 : 500;
    reply(status, { message: (error as Error).message, ...Object.fromEntries(isReply ? known : []) });
  } finally {
    client?.release(broken);
  }
}

function transactionOf({ headers }: IncomingMessage): { begin: string; headers: Record<string, string> } {
  const isolation = headers['neon-batch-isolation-level'];
  const echoed: Record<string, string> = {};
  let begin = 'begin';
  if (typeof isolation === 'string') {
    if (!Object.hasOwn(ISOLATION, isolation)) throw new BadRequest('invalid isolation level');
    begin += ` isolation level ${ISOLATION[isolation]}`;
    echoed['neon-batch-isolation-level'] = isolation;
  }
  for (const [header, words] of Object.entries({
    'neon-batch-read-only': 'read only',
    'neon-batch-deferrable': 'deferrable',
  })) {
    if (headers[header] !== 'true') continue;
    begin += ` ${words}`;
    echoed[header] = 'true';
  }
  return { begin, headers: echoed };
}

async function batch(client: PoolClient, begin: string, queries: readonly Query[], arrays: boolean): Promise<object[]> {
  await client.query(begin);
  try {
    const results: object[] = [];
    for (const query of queries) results.push(await run(client, query, arrays));
    await client.query('commit');
    return results;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function run(client: PoolClient, { query, params = [], arrayMode }: Query, arrays: boolean): Promise<object> {
  const rowAsArray = arrayMode ?? arrays;
  const { fields, rows, command, rowCount } = await client.query<(string | null)[]>({
    text: query,
    values: params.map((value) => (value === null || typeof value === 'string' ? value : JSON.stringify(value))),
    rowMode: 'array',
    queryMode: 'extended',
    types: { getTypeParser: () => (value: string) => value },
  } as QueryArrayConfig);
  const named = (row: readonly unknown[]): object => Object.fromEntries(fields.map(({ name }, at) => [name, row[at]]));
  return {
    rowAsArray,
    fields: fields.map((field) => ({ ...field, format: 'text' })),
    rows: rowAsArray ? rows : rows.map(named),
    command,
    rowCount,
  };
}
