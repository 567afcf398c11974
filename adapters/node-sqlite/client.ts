/** What the driver uses of a prepared statement of `node:sqlite`. */
export interface NodeSqliteStatement {
  all(...params: NodeSqliteValue[]): unknown[];
  run(...params: NodeSqliteValue[]): { readonly changes: number | bigint };
  columns(): readonly unknown[];
  setReturnArrays(enabled: boolean): void;
  setReadBigInts(enabled: boolean): void;
}

/** What `node:sqlite` binds. */
export type NodeSqliteValue = null | number | bigint | string | Uint8Array;

/** What the driver uses of a `DatabaseSync` of `node:sqlite`. */
export interface NodeSqliteDatabase {
  readonly isOpen: boolean;
  prepare(sql: string): NodeSqliteStatement;
}
