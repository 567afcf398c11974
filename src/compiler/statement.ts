/** What travels to a database and back: the wire values of every dialect. */
export type WireValue = null | number | string | Uint8Array;

/** A statement ready to send. Its text never depends on a value. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly WireValue[];
  /** Whether the text gives each number its type, however it is bound. */
  readonly typed?: boolean | undefined;
}

/** What one statement or unit may hold. Infinity where there is no limit. */
export interface Limits {
  /** Bound parameters in a statement. */
  readonly parameters: number;
  /**
   * Parameters that the rows of a statement may take, each cell its own, before rows travel as one text. Only where nothing
   * has to travel is that the faster way.
   */
  readonly rowParameters?: number;
  /** Columns in a result. */
  readonly columns: number;
  /** Terms in a compound SELECT. */
  readonly compoundTerms: number;
  /** Depth of an expression. */
  readonly depth: number;
  /** Bytes of a statement's text. */
  readonly statementBytes: number;
  /** Bytes of one bound value. */
  readonly valueBytes: number;
  /** Statements in a unit. */
  readonly statements: number;
}
