import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that counts network round trips: on each connection, a burst from the client and the answer to it. */
export interface RtProxy extends AsyncDisposable {
  /** The target's URL, through the proxy. */
  readonly url: string;
  readonly port: number;
  /** Since the start, or since the last `reset()`. */
  readonly trips: number;
  readonly connections: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  reset(): void;
  /** Closes the proxy with all its connections. */
  close(): Promise<void>;
}

export interface RtProxyOptions {
  /** Where the server is, for example `http://127.0.0.1:8080`. */
  readonly target: string;
  /** Milliseconds that each direction takes, so that one round trip costs twice as much. */
  readonly latency?: number;
}

/** Starts a proxy before `target` on a free loopback port. */
export async function startRtProxy({ target, latency = 0 }: RtProxyOptions): Promise<RtProxy> {
  const upstream = new URL(target);
  const count = { trips: 0, connections: 0, bytesSent: 0, bytesReceived: 0 };
  const sockets = new Set<Socket>();

  const server = createServer({ allowHalfOpen: true }, (client) => {
    count.connections += 1;
    const remote = connect({ host: upstream.hostname, port: Number(upstream.port), allowHalfOpen: true });
    let clientSpeaks = false;

    client.on('data', (data) => {
      if (!clientSpeaks) count.trips += 1;
      clientSpeaks = true;
      count.bytesSent += data.length;
      after(latency, () => remote.write(data));
    });
    remote.on('data', (data) => {
      count.bytesReceived += data.length;
      after(latency, () => {
        clientSpeaks = false;
        client.write(data);
      });
    });
    link(client, remote);
    link(remote, client);
  });

  /** What ends or breaks on one side does so on the other, after what is still on its way. */
  function link(socket: Socket, other: Socket): void {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => other.destroy());
    socket.on('end', () => after(latency, () => other.end()));
    socket.on('close', () => {
      sockets.delete(socket);
      after(latency, () => other.destroySoon());
    });
  }

  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href.replace(/\/$/, ''),
    port,
    get trips() {
      return count.trips;
    },
    get connections() {
      return count.connections;
    },
    get bytesSent() {
      return count.bytesSent;
    },
    get bytesReceived() {
      return count.bytesReceived;
    },
    reset: () => void Object.assign(count, { trips: 0, connections: 0, bytesSent: 0, bytesReceived: 0 }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function after(milliseconds: number, act: () => void): void {
  if (milliseconds === 0) act();
  else setTimeout(act, milliseconds);
}
