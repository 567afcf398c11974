import { checkedInteger } from '../../src/dialect/sqlite/checked-integer.ts';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import type { CallOptions, Driver, Unit, UnitResult } from '../../src/driver/driver.ts';
import { runTransaction } from '../../src/driver/run-transaction.ts';
import { ConfigurationError } from '../../src/errors/errors.ts';
import { Connection } from './connection.ts';
import type { DurableObjectStorageLike } from './storage.ts';
import { DurableObjectTransaction } from './transaction.ts';

export { sqliteDialect };

export type { DurableObjectStorageLike, StorageCursor, StorageValue } from './storage.ts';

/** SQLite as it is behind the storage, which rounds integers beyond 2^53 that another program stored. */
const dialect: typeof sqliteDialect = {
  ...sqliteDialect,
  codec: (type) => (type.kind === 'integer' ? checkedInteger : sqliteDialect.codec(type)),
};

/** A storage has one connection, whoever asks for it. */
const connections = new WeakMap<DurableObjectStorageLike, Connection>();

export interface DurableObjectOptions {
  /** How long a call waits while a transaction has the storage, in milliseconds: 5,000 unless told. */
  readonly lockTimeout?: number;
}

/**
 * The driver for the SQLite storage of a Durable Object. A unit runs at once, within the object. A transaction may await
 * anything: it has the storage until it ends, and other calls of the driver wait.
 *
 * @example
 * class Room extends DurableObject {
 *   engine = createEngine(durableObject(this.ctx.storage))
 * }
 * @throws ConfigurationError if `storage` is none, or not of SQLite (`new_sqlite_classes` in wrangler's configuration).
 */
export function durableObject(
  storage: DurableObjectStorageLike,
  { lockTimeout = 5000 }: DurableObjectOptions = {},
): Driver<true> {
  if (typeof storage?.transactionSync !== 'function') {
    throw new ConfigurationError('durableObject(): expected ctx.storage of a Durable Object whose storage is SQLite');
  }
  let found = connections.get(storage);
  if (!found) connections.set(storage, (found = new Connection(storage, lockTimeout)));
  const connection = found;
  const { turns } = connection;

  async function execute({ statements, mode }: Unit, options?: CallOptions): Promise<UnitResult> {
    connection.admit(statements);
    if (statements.length === 0) return { results: [], trips: 0 };
    if (options || !turns.take()) await turns.wait(options ?? {});
    try {
      return { results: mode === 'write' ? connection.transact(statements) : connection.run(statements), trips: 1 };
    } finally {
      turns.pass();
    }
  }

  return {
    name: 'durable-object',
    interactive: true,
    dialect,
    limits: connection.limits,
    capabilities: {
      interactive: true,
      oneTrip: true,
      snapshotReads: true,
      cancel: false,
      bookmarks: false,
      positionalRows: true,
      exactChanges: true,
      exactIntegers: false,
      explain: true,
      isolations: ['serializable'],
      transactionSettings: [],
      survivesRollback: false,
    },
    execute,
    begin: async () => new DurableObjectTransaction(connection),
    runTransaction,
    close: async () => {},
  };
}
