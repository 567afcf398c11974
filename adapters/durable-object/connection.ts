import { classifySqliteError } from '../../src/dialect/sqlite/errors.ts';
import { checkStatements } from '../../src/driver/call.ts';
import type { Limits, Statement, StatementResult, WireValue } from '../../src/driver/driver.ts';
import { Turns } from '../../src/driver/turns.ts';
import { isCinnabarError, type CinnabarError } from '../../src/errors/base.ts';
import { CapabilityError, ForeignKeyViolation } from '../../src/errors/errors.ts';
import type { DurableObjectStorageLike, StorageValue } from './storage.ts';

/** Statements after which SQLite still says how many rows the one before has changed. */
const UNCOUNTED =
  /^\s*(?:alter|analyze|create|drop|explain|pragma|reindex|release|rollback|savepoint|select|vacuum|values)\b/i;
const WRITES = /^\s*(?:delete|insert|replace|update)\b/i;
const SCHEMA = /^\s*(?:alter|create|drop)\b/i;
/** It would end the transaction that the object itself is in, and take with it what other calls have written. */
const ENDS = /\b(?:or|on\s+conflict)\s+rollback\b|\braise\s*\(\s*rollback\b/i;

/** What puts checks of references off to the end. */
export const DEFERS: RegExp = /^\s*pragma\s+defer_foreign_keys\b/i;

const limits: Limits = {
  parameters: 100,
  columns: 100,
  compoundTerms: 5,
  depth: 100,
  statementBytes: 100_000,
  valueBytes: 2_000_000,
  statements: Infinity,
};

/** The storage of an object: one connection, whoever asks for it. */
export class Connection {
  declare readonly storage: DurableObjectStorageLike;
  readonly limits: Limits = limits;
  declare readonly turns: Turns;
  /** Whether a table puts checks of references off by itself; undefined until that is looked up. */
  #defers: boolean | undefined;

  constructor(storage: DurableObjectStorageLike, lockTimeout: number) {
    this.storage = storage;
    this.turns = new Turns(lockTimeout);
  }

  /** Refuses before anything runs what the storage would refuse, or worse, undo. */
  admit(statements: readonly Statement[]): void {
    checkStatements(statements, limits);
    if (!statements.some(({ sql }) => ENDS.test(sql))) return;
    throw new CapabilityError(
      'a Durable Object cannot roll back by a clause of SQL: use `abort`, which is the default',
    );
  }

  /** Runs statements in order, each at once: the database is in the same process. */
  run(statements: readonly Statement[]): StatementResult[] {
    return typed(() => statements.map((statement) => this.#run(statement)));
  }

  /** Runs statements as one transaction. */
  transact(statements: readonly Statement[]): StatementResult[] {
    return typed(() =>
      this.storage.transactionSync(() => {
        const isDeferred = statements.some(({ sql }) => DEFERS.test(sql));
        try {
          const results = statements.map((statement) => this.#run(statement));
          this.checkReferences(isDeferred);
          return results;
        } finally {
          if (isDeferred) this.checkAtOnce();
        }
      }),
    );
  }

  /**
   * The object stores its writes later, together, and breaks off as a whole when a reference that was put off leads
   * nowhere: whoever may have put one off looks before.
   */
  checkReferences(isDeferred: boolean): void {
    this.#defers ??= this.#rows(`select 1 from sqlite_master where sql like '%initially%deferred%' limit 1`).length > 0;
    if (!isDeferred && !this.#defers) return;
    const [broken] = this.#rows('pragma foreign_key_check');
    if (!broken) return;
    throw new ForeignKeyViolation('a row refers to one that is not there', {
      outcome: 'not committed',
      table: String(broken[0]),
    });
  }

  /** The pragma holds until the object stores its writes, which others may come before. */
  checkAtOnce(): void {
    this.storage.sql.exec('pragma defer_foreign_keys = off');
  }

  #rows(sql: string): (readonly unknown[])[] {
    return Array.from(this.storage.sql.exec(sql).raw());
  }

  #run({ sql, params }: Statement): StatementResult {
    const cursor = this.storage.sql.exec(sql, ...params.map(bindable));
    const rows = Array.from(cursor.raw());
    if (SCHEMA.test(sql)) this.#defers = undefined;
    if (cursor.columnNames.length > 0) return { rows, changes: WRITES.test(sql) ? rows.length : 0 };
    return { rows, changes: UNCOUNTED.test(sql) ? 0 : Number(this.#rows('select changes()')[0]?.[0]) };
  }
}

/** Gives a failure its type. Whatever fails here was refused: nothing of it is kept. */
function typed<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): CinnabarError {
  if (isCinnabarError(error)) return error;
  const message = error instanceof Error ? error.message : '';
  return classifySqliteError(message, { outcome: 'not committed', cause: error });
}

/** A view may be of a part of its buffer. */
function bindable(value: WireValue): StorageValue {
  return value instanceof Uint8Array ? value.slice().buffer : value;
}
