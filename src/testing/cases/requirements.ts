import type { Driver } from '../../driver/driver.ts';

/** The case needs a transaction that stays open. */
export function interactive(driver: Driver): string | undefined {
  return driver.interactive ? undefined : 'the driver has no interactive transactions';
}

/** The case needs read units that see one state of the database. */
export function snapshotReads(driver: Driver): string | undefined {
  return driver.capabilities.snapshotReads ? undefined : 'a read unit of the driver is no snapshot';
}

/** The case makes SQLite roll back by itself. */
export function survivesRollback(driver: Driver): string | undefined {
  return driver.capabilities.survivesRollback === false
    ? 'what SQLite rolls back by itself ends the object'
    : undefined;
}

/** The case begins a text with what some clients take for a mark, and not for text. */
export function exactText(driver: Driver): string | undefined {
  return driver.capabilities.exactText === false ? 'the client drops a mark that a text begins with' : undefined;
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
    driver.capabilities[capability] ? undefined : LACKS[capability];

/** The case needs all of it; the reason is that of the first that is missing. */
export const all =
  (...requirements: readonly ((driver: Driver) => string | undefined)[]) =>
  (driver: Driver): string | undefined => {
    for (const requirement of requirements) {
      const reason = requirement(driver);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };
