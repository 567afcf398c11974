import type { Driver } from '../../src/driver/driver.ts';
import { interactiveDriver } from '../postgres-shared/pool.ts';
import { ReservedConnection, type Reserved } from './connection.ts';
import { reserve } from './reserve.ts';
import { sendAtOnce, type SocketOptions } from './socket.ts';

/** What the driver uses of the client that `postgres()` makes. */
export interface PostgresSql {
  readonly options: SocketOptions & { fetch_types: boolean; readonly max_pipeline?: number };
  reserve(): Promise<Reserved>;
}

/**
 * The driver for postgres.js. A unit is one round trip, also the first time: its statements are sent without asking for
 * the types of their parameters before, and unnamed, so that poolers of connections take them too. Closing the driver
 * leaves the client open. It sets two options of the client: `fetch_types`, without which `reserve()` never answers on a
 * new connection (3.4.9), and in Node a `socket` without delays.
 *
 * @example
 * const driver = postgres(postgresClient(url))
 */
export function postgres(sql: PostgresSql): Driver<true> {
  sql.options.fetch_types = true;
  sendAtOnce(sql.options);
  const { max_pipeline: window = 100 } = sql.options;
  return interactiveDriver('postgres', async (options) => new ReservedConnection(await reserve(sql, options), window));
}
