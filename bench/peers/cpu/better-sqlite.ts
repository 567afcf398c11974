import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** What drivers made for better-sqlite3 ask of a statement. */
class Statement {
  readonly #statement: StatementSync;
  readonly reader: boolean;

  constructor(statement: StatementSync) {
    this.#statement = statement;
    this.reader = statement.columns().length > 0;
  }
  all(...values: unknown[]): unknown[] {
    return this.#statement.all(...bindable(values));
  }
  get(...values: unknown[]): unknown {
    return this.#statement.get(...bindable(values));
  }
  run(...values: unknown[]): unknown {
    const { changes, lastInsertRowid } = this.#statement.run(...bindable(values));
    return { changes, lastInsertRowid };
  }
  raw(): this {
    this.#statement.setReturnArrays(true);
    return this;
  }
}

/** Kysely passes an array, drizzle the values. */
function bindable(values: unknown[]): SQLInputValue[] {
  return (Array.isArray(values[0]) ? values[0] : values) as SQLInputValue[];
}

/** A database of node:sqlite, as those who know only better-sqlite3 see it: every contender has the same driver. */
export class BetterSqlite {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }
  prepare(sql: string): Statement {
    return new Statement(this.#database.prepare(sql));
  }
  transaction(work: (argument: unknown) => unknown): Record<'deferred', (argument: unknown) => unknown> {
    return {
      deferred: (argument) => {
        this.#database.exec('begin');
        const result = work(argument);
        this.#database.exec('commit');
        return result;
      },
    };
  }
  close(): void {}
}
