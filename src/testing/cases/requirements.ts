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

/** The case makes SQLite roll back by itself. */
export function survivesRollback(driver: Driver): string | undefined {
  return driver.capabilities.survivesRollback === false
    ? 'what SQLite rolls back by itself ends the object'
    : sqlite(driver);
}

const LACKS = {
  bookmarks: 'the driver has no bookmarks',
  positionalRows: 'rows of a unit come by the names of their columns',
  exactChanges: 'the driver counts what triggers and cascades write',
  exactIntegers: 'the driver rounds integers beyond 2^53',
  explain: 'the client leaves the database locked after EXPLAIN',
} as const;

/** The case needs what some drivers declare to lack. */
export const needs =
  (capability: keyof typeof LACKS) =>
  (driver: Driver): string | undefined =>
    driver.capabilities[capability] ? sqlite(driver) : LACKS[capability];
