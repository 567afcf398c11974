/** Marks the rows that a statement yields. A type only. */
export declare const rows: unique symbol;

/** A statement that yields rows of `R`. On an Engine a model yields plain rows; only a Session makes entities. */
export interface Select<R> {
  readonly [rows]: R;
}
