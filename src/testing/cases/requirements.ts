import type { Driver } from '../../driver/driver.ts';

/** The SQL of a case is that of one family of databases. */
export function sqlite(driver: Driver): string | undefined {
  return driver.dialect.name === 'sqlite' ? undefined : `the case is written in SQLite's SQL`;
}

/** The case needs a transaction that stays open. */
export function interactive(driver: Driver): string | undefined {
  return driver.interactive ? sqlite(driver) : 'the driver has no interactive transactions';
}

/** The case needs read units that see one state of the database. */
export function snapshotReads(driver: Driver): string | undefined {
  return driver.capabilities.snapshotReads ? sqlite(driver) : 'a read unit of the driver is no snapshot';
}
