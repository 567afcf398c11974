import type { SourceNode } from './nodes.ts';
import { sourceOf, type Source } from './source.ts';

/** What a select does with a row that another transaction has locked: it waits, leaves it out, or fails at once. */
type Waiting =
  | { readonly skipLocked?: boolean; readonly noWait?: never }
  | { readonly skipLocked?: never; readonly noWait?: boolean };

/** How rows are locked. `of`: the rows of these sources only, where a select joins several. */
export type LockOptions = Waiting & { readonly of?: Source<string> | readonly Source<string>[] };

/** The strengths of row locks, as PostgreSQL names them. */
export type LockStrength = 'update' | 'no key update' | 'share' | 'key share';

/** A lock on the rows that a select yields. */
export interface LockNode {
  readonly strength: LockStrength;
  readonly skipLocked: boolean | undefined;
  readonly noWait: boolean | undefined;
  readonly of: readonly SourceNode[];
}

/**
 * What can lock the rows that it yields, until the end of the transaction. Only inside of `transaction()`, and only where
 * the database has row locks: a CapabilityError elsewhere.
 */
export interface Lockable {
  /**
   * Locks each row against changes, deletions and other locks: read, decide, write.
   *
   * @example
   * await session.transaction(async (tx) => {
   *   const job = await tx.query(Job).filterBy({ state: 'new' }).forUpdate({ skipLocked: true }).first()
   * })
   * // select … from "jobs" where "jobs"."state" = $1 … limit $2 for update skip locked
   */
  forUpdate(options?: LockOptions): this;
  /** As `forUpdate`, but rows that refer to a locked one may still be inserted. */
  forNoKeyUpdate(options?: LockOptions): this;
  /** Keeps each row as it is; others may lock it so too. */
  forShare(options?: LockOptions): this;
  /** Keeps each row there, with its key; its other columns may change. */
  forKeyShare(options?: LockOptions): this;
}

export function lockOf(strength: LockStrength, { skipLocked, noWait, of = [] }: LockOptions = {}): LockNode {
  const sources = [of].flat().flatMap((given) => {
    const { source, joins } = sourceOf(given, 'of');
    return [source, ...joins.map((join) => join.source)];
  });
  return { strength, skipLocked, noWait, of: sources };
}
