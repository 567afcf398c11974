import type { Client } from '@libsql/client';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import type { CallOptions, Driver, Unit, UnitResult } from '../../src/driver/driver.ts';
import { checkStatements, within } from '../../src/driver/call.ts';
import { translate } from './errors.ts';
import { LibsqlTransaction } from './transaction.ts';
import { localLimits, remoteLimits, toUnitResult, toWire } from './wire.ts';

/** What the driver uses of a client of `@libsql/client`, be it from `/web`, `/http`, `/ws`, `/sqlite3` or the root. */
export type LibsqlClient = Pick<Client, 'batch' | 'execute' | 'protocol' | 'transaction'>;

/**
 * The driver for libSQL: Turso, sqld, files, `:memory:` and embedded replicas. A unit is one request, or one message over
 * WebSocket. The client's `concurrency` (20 unless told) bounds how many are under way; the others wait in the client.
 * Closing the driver leaves the client open.
 *
 * @example
 * const driver = libsql(createClient({ url: 'libsql://example.turso.io', authToken }))
 */
export function libsql(client: LibsqlClient): Driver<true> {
  const limits = client.protocol === 'file' ? localLimits : remoteLimits;

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
    capabilities: { interactive: true, snapshotReads: true, cancel: false },
    execute,
    begin: async () => new LibsqlTransaction(client, limits, execute),
    close: async () => {},
  };
}
