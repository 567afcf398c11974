/** What SQL of a Durable Object binds. */
export type StorageValue = null | number | string | ArrayBuffer;

/** What the driver uses of the rows that a statement yields. */
export interface StorageCursor {
  readonly columnNames: readonly string[];
  /** Rows as arrays. */
  raw(): Iterable<readonly unknown[]>;
}

/** What the driver uses of `ctx.storage` of a Durable Object whose storage is SQLite. */
export interface DurableObjectStorageLike {
  readonly sql: { exec(sql: string, ...params: StorageValue[]): StorageCursor };
  /** Runs a function as one transaction. */
  transactionSync<T>(work: () => T): T;
  /** Runs a function as one transaction, or within another as a savepoint, for as long as its promise takes. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
}
