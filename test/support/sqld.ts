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
