import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import { sqliteLimits } from '../../src/dialect/sqlite/limits.ts';
import type { CallOptions, Driver, Limits, Unit, UnitResult } from '../../src/driver/driver.ts';
import { checkStatements } from '../../src/driver/call.ts';
import { runTransaction } from '../../src/driver/run-transaction.ts';
import { Turns } from '../../src/driver/turns.ts';
import { ConfigurationError } from '../../src/errors/errors.ts';
import type { NodeSqliteDatabase } from './client.ts';
import { Connection } from './connection.ts';
import { NodeSqliteTransaction } from './transaction.ts';

export { sqliteDialect };

export type { NodeSqliteDatabase, NodeSqliteStatement, NodeSqliteValue } from './client.ts';

/** Binding a parameter costs less here than reading it out of a text. */
const limits: Limits = { ...sqliteLimits, rowParameters: 2000 };

export interface NodeSqliteOptions {
  /** How long a call waits while a transaction has the connection, in milliseconds: 5,000 unless told. */
  readonly lockTimeout?: number;
}

/**
 * The driver for `node:sqlite`, which Node (22.16 or newer), Deno and Bun have built in. A unit runs at once, without
 * leaving the process. An open transaction has the connection for itself: other calls wait for its end, and are refused
 * with a `LockTimeout` when that takes too long. Closing the driver rolls back a transaction that is open, and leaves the
 * database open. Foreign keys are enforced unless the database was opened without.
 *
 * @example
 * const driver = nodeSqlite(new DatabaseSync('app.db'))
 * @throws ConfigurationError if `database` is no `DatabaseSync`.
 */
export function nodeSqlite(database: NodeSqliteDatabase, { lockTimeout = 5000 }: NodeSqliteOptions = {}): Driver<true> {
  if (typeof database?.prepare !== 'function') {
    throw new ConfigurationError('nodeSqlite(): expected a database, like new DatabaseSync(path) of node:sqlite');
  }
  const connection = new Connection(database);
  const turns = new Turns(lockTimeout);

  async function execute({ statements, mode }: Unit, options?: CallOptions): Promise<UnitResult> {
    checkStatements(statements, limits);
    if (statements.length === 0) return { results: [], trips: 0 };
    if (options || !turns.take()) await turns.wait(options ?? {});
    try {
      if (mode === 'write') return { results: connection.transact('begin immediate', statements), trips: 1 };
      // One statement sees one state of the database by itself.
      const results = statements.length === 1 ? connection.run(statements) : connection.transact('begin', statements);
      return { results, trips: 1 };
    } finally {
      turns.pass();
    }
  }

  return {
    name: 'node-sqlite',
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
      explain: true,
      isolations: ['serializable'],
      transactionSettings: [],
    },
    execute,
    begin: async () => new NodeSqliteTransaction(connection, turns, limits),
    runTransaction,
    close: async () => connection.close(),
  };
}
