import type { Driver } from '../../src/driver/driver.ts';
import { type FamilyClient, type FamilyPool, pooledDriver, singleDriver } from '../postgres-shared/pool.ts';

/** What the driver uses of a client of `pg`, which the program connects. */
export interface PgClient extends FamilyClient {}

/** What the driver uses of a pool of `pg`. */
export interface PgPool extends FamilyPool {
  readonly totalCount: number;
  readonly options: { readonly pipeline?: boolean | undefined };
}

/** How the driver treats a pool or client. */
export interface PgOptions {
  /** Told once of a pool or client that sends one statement at a time; `console.warn` unless given. */
  readonly onWarning?: (message: string) => void;
}

const warned = new WeakSet<object>();

/**
 * The driver for `pg`. With `pipeline: true` in the options of the pool or the client (8.23 and newer), a unit is one
 * round trip: BEGIN, the statements and COMMIT leave together. Without it each of them is a round trip of its own, which
 * a warning says. Closing the driver leaves the pool or client open.
 *
 * @example
 * const driver = pg(new Pool({ connectionString, pipeline: true }))
 */
export function pg(source: PgPool | PgClient, { onWarning = toConsole }: PgOptions = {}): Driver<true> {
  const driver =
    'totalCount' in source ? pooledDriver('pg', source, source.options.pipeline === true) : singleDriver('pg', source);
  if (!driver.capabilities.oneTrip && !warned.has(source)) {
    warned.add(source);
    onWarning(
      'cinnabar/pg: without `pipeline: true` in the options of the pool or client (pg 8.23), BEGIN, each statement and COMMIT are a round trip each',
    );
  }
  return driver;
}

function toConsole(message: string): void {
  // oxlint-disable-next-line no-console -- slow for a reason that nothing else shows, and said once
  console.warn(message);
}
