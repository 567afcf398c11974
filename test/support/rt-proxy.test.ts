import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@libsql/client';
import { expect, onTestFinished, test } from 'vitest';
import { startRtProxy } from './rt-proxy.ts';
import { startSqld } from './sqld.ts';

/** Answers each burst with the same bytes. */
async function echo(): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  onTestFinished(() => void socket.destroy());
  return socket;
}

test('a burst and its answer are one trip, however many writes it has', async () => {
  await using proxy = await startRtProxy({ target: await echo() });
  const socket = await dial(proxy.port);
  socket.cork();
  socket.write('one');
  socket.write('two');
  socket.uncork();
  await once(socket, 'data');
  expect(proxy).toMatchObject({ trips: 1, connections: 1, bytesSent: 6, bytesReceived: 6 });

  socket.write('three');
  await once(socket, 'data');
  expect(proxy).toMatchObject({ trips: 2, connections: 1, bytesSent: 11, bytesReceived: 11 });

  proxy.reset();
  expect(proxy).toMatchObject({ trips: 0, connections: 0, bytesSent: 0, bytesReceived: 0 });
});

test('writes that do not wait for an answer are one trip', async () => {
  await using proxy = await startRtProxy({ target: await echo(), latency: 20 });
  const socket = await dial(proxy.port);
  socket.write('one');
  await sleep(10);
  socket.write('two');
  await once(socket, 'data');
  expect(proxy.trips).toBe(1);
});

test('a trip takes the latency twice', async () => {
  await using proxy = await startRtProxy({ target: await echo(), latency: 25 });
  const socket = await dial(proxy.port);
  const start = performance.now();
  socket.write('one');
  await once(socket, 'data');
  expect(performance.now() - start).toBeGreaterThan(45);
});

test('the end of one side reaches the other, after the last bytes', async () => {
  await using proxy = await startRtProxy({ target: await echo(), latency: 5 });
  const socket = await dial(proxy.port);
  let heard = '';
  socket.on('data', (data) => (heard += data.toString()));
  socket.end('bye');
  await once(socket, 'close');
  expect(heard).toBe('bye');
});

test('a statement of a real client is one trip, over HTTP', async () => {
  await using server = await startSqld();
  await using proxy = await startRtProxy({ target: server.url });
  const client = createClient({ url: proxy.url });
  await client.execute('select 1');
  proxy.reset();
  await client.execute('select 1');
  expect(proxy.trips).toBe(1);

  await client.batch(['create table t (x)', 'insert into t values (1)', 'select x from t'], 'write');
  expect(proxy.trips).toBe(2);
  client.close();
});

test.for(['sent', 'received'] as const)('a fault cuts a connection after so many bytes %s', async (on) => {
  await using proxy = await startRtProxy({ target: await echo() });
  const socket = await dial(proxy.port);
  proxy.inject({ on, after: 5, how: 'cut' });
  const received: string[] = [];
  socket.on('data', (data) => received.push(data.toString()));
  const ended = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
  socket.write('abc');
  await once(socket, 'data');
  socket.write('defg');
  await ended;
  expect(received.join('')).toMatch(on === 'sent' ? /^abc(?:de)?$/ : /^abcde$/);
  // Once only.
  const next = await dial(proxy.port);
  next.write('whole again');
  const [data] = (await once(next, 'data')) as [Buffer];
  expect(data.toString()).toBe('whole again');
});

test('a fault lets a connection hang, and nobody is told', async () => {
  await using proxy = await startRtProxy({ target: await echo() });
  const socket = await dial(proxy.port);
  proxy.inject({ on: 'received', after: 2, how: 'hang' });
  socket.write('abc');
  const [data] = (await once(socket, 'data')) as [Buffer];
  expect(data.toString()).toBe('ab');
  let more = false;
  socket.on('data', () => (more = true)).on('close', () => (more = true));
  socket.write('def');
  await sleep(30);
  expect(more).toBe(false);
});
