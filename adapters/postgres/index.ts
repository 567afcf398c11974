import { within } from '../../src/driver/call.ts';
import type { CallOptions, Driver } from '../../src/driver/driver.ts';
import { translate } from '../postgres-shared/errors.ts';
import { interactiveDriver } from '../postgres-shared/pool.ts';
import { ReservedConnection, type Reserved } from './connection.ts';

/** What the driver uses of the client that `postgres()` makes. */
export interface PostgresSql {
  readonly options: { fetch_types: boolean; readonly max_pipeline?: number };
  reserve(): Promise<Reserved>;
}

/**
 * The driver for postgres.js. A unit is one round trip, also the first time: its statements are sent without asking for
 * the types of their parameters before, and unnamed, so that poolers of connections take them too. Closing the driver
 * leaves the client open. It turns on the client's `fetch_types`: without, `reserve()` never answers on a new connection
 * (3.4.9).
 *
 * @example
 * const driver = postgres(postgresClient(url))
 */
export function postgres(sql: PostgresSql): Driver<true> {
  sql.options.fetch_types = true;
  const { max_pipeline: window = 100 } = sql.options;
  return interactiveDriver('postgres', async (options) => new ReservedConnection(await reserve(sql, options), window));
}

/** A connection that comes too late goes back. */
async function reserve(sql: PostgresSql, options: CallOptions): Promise<Reserved> {
  const coming = sql.reserve();
  try {
    return await within(options, 'not sent', () => coming);
  } catch (error) {
    coming.then(
      (late) => late.release(),
      () => undefined,
    );
    throw translate(error, 'not sent');
  }
}
