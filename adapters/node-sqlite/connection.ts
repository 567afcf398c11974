import type { Statement, StatementResult, WireValue } from '../../src/driver/driver.ts';
import type { Outcome } from '../../src/errors/base.ts';
import { ConnectionLost } from '../../src/errors/errors.ts';
import type { NodeSqliteDatabase, NodeSqliteStatement, NodeSqliteValue } from './client.ts';
import { translate } from './errors.ts';

/** A statement as it was prepared, and what its text tells. */
interface Prepared {
  readonly statement: NodeSqliteStatement;
  readonly yields: boolean;
  /** Whether rows of RETURNING are rows that it wrote. */
  readonly returnsWritten: boolean;
  readonly kind: 'counted' | 'uncounted' | 'schema';
}

/** Statements in one of the two generations of the cache. */
const GENERATION = 128;

/** After these SQLite still says how many rows the statement before has changed. */
const UNCOUNTED = /^\s*(?:analyze|attach|detach|pragma|reindex|release|rollback|savepoint|vacuum)\b/i;
const SCHEMA = /^\s*(?:alter|create|drop)\b/i;

/** A database, the statements prepared on it, and at most one transaction. Every call is synchronous. */
export class Connection {
  readonly #database: NodeSqliteDatabase;
  #recent = new Map<string, Prepared>();
  #older = new Map<string, Prepared>();
  #begun = false;
  #closed = false;

  constructor(database: NodeSqliteDatabase) {
    this.#database = database;
  }

  /** Runs the statements in order. */
  run(statements: readonly Statement[]): StatementResult[] {
    return this.#guarded('not committed', () => statements.map((statement) => this.#run(statement)));
  }

  /** Runs the statements as one transaction. */
  transact(begin: 'begin' | 'begin immediate', statements: readonly Statement[]): StatementResult[] {
    this.begin(begin);
    return this.commit(statements);
  }

  begin(begin: 'begin' | 'begin immediate'): void {
    this.#guarded('not committed', () => this.#prepare(begin).statement.run());
    this.#begun = true;
  }

  /** Runs the statements and commits, or keeps nothing of the transaction. */
  commit(statements: readonly Statement[]): StatementResult[] {
    try {
      const results = this.run(statements);
      this.#guarded('unknown', () => this.#prepare('commit').statement.run());
      this.#begun = false;
      return results;
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  rollback(): void {
    this.#begun = false;
    try {
      this.#prepare('rollback').statement.run();
    } catch {
      // SQLite has ended the transaction by itself, or the database is closed.
    }
  }

  /** Ends what was begun here; the database stays open. */
  close(): void {
    if (this.#begun) this.rollback();
    this.#forget();
    this.#closed = true;
  }

  #forget(): void {
    this.#recent.clear();
    this.#older.clear();
  }

  #guarded<T>(fate: Outcome, work: () => T): T {
    if (this.#closed || !this.#database.isOpen) throw new ConnectionLost('the driver or its database is closed');
    try {
      return work();
    } catch (error) {
      throw translate(error, fate);
    }
  }

  #run({ sql, params, typed }: Statement): StatementResult {
    const { statement, yields, returnsWritten, kind } = this.#prepare(sql);
    const values = typed ? params : bindable(params);
    if (yields) {
      const rows = statement.all(...values) as unknown[][];
      return { rows, changes: returnsWritten ? rows.length : 0 };
    }
    const { changes } = statement.run(...values);
    // In Deno a statement goes on giving the columns that a table had when it was prepared.
    if (kind === 'schema') this.#forget();
    return { rows: [], changes: kind === 'counted' ? Number(changes) : 0 };
  }

  #prepare(sql: string): Prepared {
    const recent = this.#recent.get(sql);
    if (recent) return recent;
    const prepared = this.#older.get(sql) ?? prepare(this.#database, sql);
    if (this.#recent.size >= GENERATION) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(sql, prepared);
    return prepared;
  }
}

function prepare(database: NodeSqliteDatabase, sql: string): Prepared {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  statement.setReadBigInts(false);
  return {
    statement,
    yields: statement.columns().length > 0,
    returnsWritten: /^\s*(?:delete|insert|replace|update)\b/i.test(sql),
    kind: kindOf(sql),
  };
}

function kindOf(sql: string): Prepared['kind'] {
  if (SCHEMA.test(sql)) return 'schema';
  return UNCOUNTED.test(sql) ? 'uncounted' : 'counted';
}

/** `node:sqlite` binds every number as a float, so that `typeof(?)` is real and `?1 || ''` ends in `.0`. */
function bindable(params: readonly WireValue[]): NodeSqliteValue[] {
  const values: NodeSqliteValue[] = params.slice();
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) values[at] = BigInt(value as number);
  }
  return values;
}
