import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What happens to what the client sends next. */
export type Fault =
  /** The request is dropped and the connection cut. */
  | { readonly kind: 'cut request' }
  /** The server gets the request, does it, and the connection is cut instead of its reply. */
  | { readonly kind: 'cut reply' }
  /** The reply is cut in the middle. */
  | { readonly kind: 'truncate reply' }
  /** The server gets the request, and its reply never arrives. */
  | { readonly kind: 'hold reply' }
  /** The server gets the request, and this arrives in place of its reply. */
  | { readonly kind: 'replace reply'; readonly status: number; readonly type: string; readonly body: string };

/** A TCP proxy before a server of HTTP or WebSocket, which does harm when told to. */
export interface FaultProxy extends AsyncDisposable {
  /** The host and the port. */
  readonly address: string;
  /** Does this once, to what the client sends next. */
  next(fault: Fault): void;
}

/** Starts a proxy before `target` on a free loopback port. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const upstream = new URL(target);
  const sockets = new Set<Socket>();
  let next: Fault | undefined;

  const server = createServer((client) => {
    const remote = connect({ host: upstream.hostname, port: Number(upstream.port) });
    let fault: Fault | undefined;
    for (const socket of [client, remote]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        remote.destroy();
      });
    }
    client.on('data', (data) => {
      if (next) [fault, next] = [next, undefined];
      if (fault?.kind === 'cut request') client.destroy();
      else remote.write(data);
    });
    remote.on('data', (data) => {
      if (fault) spoil(client, data, fault);
      else client.write(data);
    });
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: (fault) => {
      next = fault;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function spoil(client: Socket, data: Uint8Array, fault: Fault): void {
  if (fault.kind === 'cut reply') client.destroy();
  else if (fault.kind === 'truncate reply') client.end(data.subarray(0, data.length - 20));
  else if (fault.kind === 'replace reply') client.end(httpReply(fault));
}

function httpReply({ status, type, body }: Extract<Fault, { kind: 'replace reply' }>): string {
  const head = [`HTTP/1.1 ${status} Reply`, `content-type: ${type}`, `content-length: ${body.length}`];
  return `${head.join('\r\n')}\r\nconnection: close\r\n\r\n${body}`;
}
