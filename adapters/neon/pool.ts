import type { Driver } from '../../src/driver/driver.ts';
import { type FamilyPool, pooledDriver } from '../postgres-shared/pool.ts';

/** What the driver uses of a `Pool` of `@neondatabase/serverless`. */
export interface NeonPool extends FamilyPool {}

/**
 * The driver for Neon over WebSocket, with interactive transactions. The client sends one statement at a time: BEGIN,
 * each statement and COMMIT are a round trip each.
 *
 * @example
 * const driver = neonPool(new Pool({ connectionString: env.DATABASE_URL }))
 */
export function neonPool(pool: NeonPool): Driver<true> {
  return pooledDriver('neon-pool', pool, false);
}
