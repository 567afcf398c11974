/** What the driver uses of a prepared statement of D1. */
export interface D1LikeStatement {
  /** A copy with the values of its parameters. */
  bind(...values: unknown[]): D1LikeStatement;
  /** Runs it, and gives rows as arrays. */
  raw(): Promise<unknown[][]>;
}

/** What D1 answers to a statement of a batch. */
export interface D1LikeResult {
  /** Rows as objects. */
  readonly results: readonly unknown[];
  /** Counts, among other things. */
  readonly meta: { readonly changes?: number };
}

/** A binding of D1 (`env.DB`), or a session of one. */
export interface D1Like {
  /** A statement without the values of its parameters. */
  prepare(sql: string): D1LikeStatement;
  /** Runs the statements in order, as one transaction, in one call. */
  batch(statements: D1LikeStatement[]): Promise<D1LikeResult[]>;
  /** Starts a session: a binding has it. */
  withSession?(start: string): D1Like;
  /** How far the database was at the last answer: a session has it. */
  getBookmark?(): string | null;
}
