import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../node_modules/sqldbin/sqld', import.meta.url));

/** A libSQL server of one test's own, empty at the start. `await using` stops it. */
export interface Sqld extends AsyncDisposable {
  readonly url: string;
  readonly wsUrl: string;
  /** Ends this server, and no other, and removes its files. */
  stop(): Promise<void>;
}

/** Starts a real sqld on a free loopback port. */
export async function startSqld(): Promise<Sqld> {
  const dir = await mkdtemp(join(tmpdir(), 'cinnabar-sqld-'));
  const address = `127.0.0.1:${await freePort()}`;
  const server = spawn(binary, ['-d', dir, '--http-listen-addr', address, '--no-welcome'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killOnExit = (): void => void server.kill('SIGKILL');
  process.once('exit', killOnExit);

  const stop = async (): Promise<void> => {
    process.off('exit', killOnExit);
    await end(server);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await ready(server, `http://${address}/health`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://${address}`, wsUrl: `ws://${address}`, stop, [Symbol.asyncDispose]: stop };
}

/** For how long a server may leave a write unanswered: it ends a transaction that holds its lock for five seconds. */
const SILENCE = 20_000;

/**
 * Runs the work on a server of its own, and anew on another where that one fell silent: under many writers sqld 0.24.1
 * can lose one that waits for its write lock, and then it answers no write of anybody, ever.
 */
export async function onSqld<T>(work: (server: Sqld) => Promise<T>): Promise<T> {
  for (let servers = 1; ; servers++) {
    await using server = await startSqld();
    const watch = new AbortController();
    try {
      return await Promise.race([work(server), silence(server, watch.signal)]);
    } catch (error) {
      if (!(error instanceof SilentServer) || servers === 5) throw error;
      console.warn(`${error.message}: trying another`);
    } finally {
      watch.abort();
    }
  }
}

class SilentServer extends Error {
  constructor() {
    super(`a write of nothing was not answered by sqld within ${SILENCE / 1000} seconds`);
  }
}

/** Rejects when the server is silent, and never resolves. */
async function silence({ url }: Sqld, ended: AbortSignal): Promise<never> {
  const requests = [
    ...['begin immediate', 'rollback'].map((sql) => ({ type: 'execute', stmt: { sql } })),
    { type: 'close' },
  ];
  const body = JSON.stringify({ requests });
  for (;;) {
    await sleep(5_000, undefined, { signal: ended });
    const answer = fetch(`${url}/v2/pipeline`, { method: 'POST', body, signal: AbortSignal.timeout(SILENCE) });
    await answer
      .then((reply) => reply.text())
      .catch(() => {
        throw new SilentServer();
      });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function ready(server: ChildProcess, health: string): Promise<void> {
  let said = '';
  server.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  let failure: Error | undefined;
  server.once('error', (error) => (failure = error));
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    if (failure) throw failure;
    if (server.exitCode !== null) throw new Error(`sqld exited with ${server.exitCode}: ${said}`);
    const answer = await fetch(health).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(10);
  }
  throw new Error(`sqld did not answer within ten seconds: ${said}`);
}

async function end(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill('SIGTERM');
  const late = setTimeout(() => server.kill('SIGKILL'), 2000);
  await gone;
  clearTimeout(late);
}
