import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What the network does to the traffic, once. */
export interface Fault {
  /** `sent` by the client, or `received` by it. */
  readonly on: 'sent' | 'received';
  /** Bytes that still pass in that direction, on all connections together. */
  readonly after: number;
  /** `cut`: both sides see the connection reset. `hang`: nothing passes any more, and nobody is told. */
  readonly how: 'cut' | 'hang';
}

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
  /** Lets the fault happen once, from now on; `undefined` takes it back. */
  inject(fault: Fault | undefined): void;
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
  let fault: Fault | undefined;

  /** How much of the data passes, and what happens then. */
  function admit(on: Fault['on'], data: Buffer): { readonly data: Buffer; readonly next?: Fault['how'] } {
    if (fault?.on !== on) return { data };
    if (data.length < fault.after) {
      fault = { ...fault, after: fault.after - data.length };
      return { data };
    }
    const { after, how } = fault;
    fault = undefined;
    return { data: data.subarray(0, after), next: how };
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    count.connections += 1;
    const remote = connect({ host: upstream.hostname, port: Number(upstream.port), allowHalfOpen: true });
    let clientSpeaks = false;
    let hangs = false;

    /** Passes on what the fault, if there is one, lets through. */
    const pass = (on: Fault['on'], whole: Buffer, to: Socket): void => {
      if (hangs) return;
      const { data, next } = admit(on, whole);
      if (next) hangs = true;
      after(latency, () => {
        if (on === 'received') clientSpeaks = false;
        to.write(data, () => {
          if (next !== 'cut') return;
          client.resetAndDestroy();
          remote.resetAndDestroy();
        });
      });
    };
    client.on('data', (data) => {
      if (!clientSpeaks) count.trips += 1;
      clientSpeaks = true;
      count.bytesSent += data.length;
      pass('sent', data, remote);
    });
    remote.on('data', (data) => {
      count.bytesReceived += data.length;
      pass('received', data, client);
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
    inject: (planned) => void (fault = planned),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function after(milliseconds: number, act: () => void): void {
  if (milliseconds === 0) act();
  else setTimeout(act, milliseconds);
}
