/** The options of postgres.js that say where it connects. */
export interface SocketOptions {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: unknown;
  /** Makes the socket, connected or about to be, where the client is not to do it by itself. */
  socket?: unknown;
}

interface NodeNet {
  connect(options: { host: string; port: number; noDelay: boolean }): object;
}

interface NodeProcess {
  getBuiltinModule?(name: 'node:net'): NodeNet | undefined;
}

/**
 * The client writes a unit of more than 1 KiB in pieces, of which TCP would hold back the second until the first is
 * acknowledged: a round trip. Where sockets are Node's, this has them sent at once. What the program says of sockets,
 * several hosts and paths are left to the client.
 */
export function sendAtOnce(options: SocketOptions): void {
  const { process, Cloudflare } = globalThis as { process?: NodeProcess; Cloudflare?: unknown };
  const net = Cloudflare ? undefined : process?.getBuiltinModule?.('node:net');
  if (!net || options.socket || options.path || options.host.length !== 1) return;
  options.socket = ({ host: [host = ''], port: [port = 0] }: SocketOptions) =>
    // By its name the client checks the certificate of the server.
    Object.assign(net.connect({ host, port, noDelay: true }), { host, port });
}
