import type { Client } from '@libsql/client';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import { sqliteLimits } from '../../src/dialect/sqlite/limits.ts';
import type { CallOptions, Driver, Unit, UnitResult } from '../../src/driver/driver.ts';
import { checkStatements, within } from '../../src/driver/call.ts';
import { runTransaction } from '../../src/driver/run-transaction.ts';
import { ConfigurationError } from '../../src/errors/errors.ts';
import { translate } from './errors.ts';
import { LibsqlTransaction } from './transaction.ts';
import { remoteLimits, toLocalWire, toRemoteWire, toUnitResult } from './wire.ts';

export { sqliteDialect };

/** What the driver uses of a client of `@libsql/client`, be it from `/web`, `/http`, `/ws`, `/sqlite3` or the root. */
export type LibsqlClient = Pick<Client, 'batch' | 'execute' | 'protocol' | 'transaction'>;

/**
 * The driver for libSQL: Turso, sqld, files, `:memory:` and embedded replicas. A unit is one request, or one message over
 * WebSocket; but the client of an embedded replica sends each statement of a write to the primary on its own, and does
 * not tell. The client's `concurrency` (20 unless told) bounds how many are under way; the others wait in the client.
 * Closing the driver leaves the client open.
 *
 * @example
 * const driver = libsql(createClient({ url: 'libsql://example.turso.io', authToken }))
 * @throws ConfigurationError if `client` is none.
 */
export function libsql(client: LibsqlClient): Driver<true> {
  if (typeof client?.batch !== 'function') {
    throw new ConfigurationError('libsql(): expected a client, like createClient({ url }) of @libsql/client');
  }
  const isLocal = client.protocol === 'file';
  const limits = isLocal ? sqliteLimits : remoteLimits;
  const toWire = isLocal ? toLocalWire : toRemoteWire;

  async function execute({ statements, mode }: Unit, options: CallOptions = {}): Promise<UnitResult> {
    checkStatements(statements, limits);
    const wire = statements.map(toWire);
    const [first] = wire;
    if (!first) return { results: [], trips: 0 };
    const fate = mode === 'read' ? 'not committed' : 'unknown';
    try {
      const sets = await within(options, fate, async () =>
        mode === 'read' && wire.length === 1 ? [await client.execute(first)] : client.batch(wire, mode),
      );
      return toUnitResult(sets, wire.length, fate);
    } catch (error) {
      throw translate(error, fate);
    }
  }

  return {
    name: 'libsql',
    interactive: true,
    dialect: sqliteDialect,
    limits,
    capabilities: {
      interactive: true,
      oneTrip: true,
      snapshotReads: true,
      cancel: false,
      bookmarks: false,
      positionalRows: true,
      exactChanges: true,
      exactIntegers: true,
      explain: !isLocal,
      isolations: ['serializable'],
      transactionSettings: [],
    },
    execute,
    begin: async () => new LibsqlTransaction(client, limits, toWire, execute),
    runTransaction,
    close: async () => {},
  };
}
