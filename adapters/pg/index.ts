import type { Client, Pool } from 'pg';
import type { Driver } from '../../src/driver/driver.ts';
import { pooledDriver, singleDriver } from '../postgres-shared/pool.ts';

/** What the driver uses of a client of `pg`, which the program connects. */
export type PgClient = Pick<Client, 'off' | 'on' | 'query'>;
/** What the driver uses of a pool of `pg`. */
export type PgPool = Pick<Pool, 'connect' | 'on' | 'totalCount'>;

/**
 * The driver for `pg`. With `pipeline: true` in the options of the pool or the client, a unit is one round trip: BEGIN,
 * the statements and COMMIT leave together. Without it each of them is a round trip of its own. Closing the driver
 * leaves the pool or client open.
 *
 * @example
 * const driver = pg(new Pool({ connectionString, pipeline: true }))
 */
export function pg(source: PgPool | PgClient): Driver<true> {
  return 'totalCount' in source ? pooledDriver('pg', source) : singleDriver('pg', source);
}
