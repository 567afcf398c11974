import type { Driver } from '../../src/driver/driver.ts';
import { Turns } from '../../src/driver/turns.ts';
import { interactiveDriver } from '../postgres-shared/pool.ts';
import { type PgliteDatabase, PgliteConnection } from './connection.ts';

export type { PgliteDatabase } from './connection.ts';

/** How the driver treats the database. */
export interface PgliteOptions {
  /** How long a call waits for an open transaction to end, in milliseconds. 5,000 unless told. */
  readonly lockTimeout?: number;
}

/** Whoever uses a database has it to themselves: drivers of one share its turns. */
const turnsOf = new WeakMap<PgliteDatabase, Turns>();

/**
 * The driver for PGlite, which is PostgreSQL in the process: nothing to install, start or connect to. There is one
 * connection, which units and transactions have one after the other. Closing the driver leaves the database open.
 *
 * @example
 * const driver = pglite(await PGlite.create())
 */
export function pglite(database: PgliteDatabase, { lockTimeout = 5000 }: PgliteOptions = {}): Driver<true> {
  const turns = turnsOf.get(database) ?? new Turns(lockTimeout);
  turnsOf.set(database, turns);
  const driver = interactiveDriver('pglite', async (options) => {
    await turns.wait(options);
    return new PgliteConnection(database, () => turns.pass());
  });
  return { ...driver, capabilities: { ...driver.capabilities, exactText: false } };
}
