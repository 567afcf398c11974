import type { Driver, Statement, StatementResult, Unit, UnitResult, WireValue } from '../driver/driver.ts';

/** A statement of a case: its text, then its parameters. */
export type Query = readonly [sql: string, ...params: WireValue[]];

/** What a case has to work with. */
export interface ConformanceContext {
  readonly driver: Driver;
  /** A name that nothing in the database has. */
  readonly name: () => string;
  /** Creates a table of the case's own, dropped after it, and gives its name. */
  readonly table: (columns: string, options?: string) => Promise<string>;
  /** Runs a unit of several statements. */
  readonly unit: (mode: Unit['mode'], ...queries: readonly Query[]) => Promise<UnitResult>;
  /** The rows of one statement, run as a read unit. */
  readonly read: (...query: Query) => Promise<StatementResult['rows']>;
  /** The answer to one statement, run as a write unit. */
  readonly write: (...query: Query) => Promise<StatementResult>;
}

/** One thing that a driver must do, or declare that it cannot. */
export interface ConformanceCase {
  readonly name: string;
  /** The reason to skip the case, when the driver declares that it lacks what the case needs. */
  requires?(driver: Driver): string | undefined;
  /** Throws when the driver does not do it. */
  run(context: ConformanceContext): Promise<void>;
}

/** What became of a case. */
export interface ConformanceResult {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped. */
  readonly reason?: string;
  /** Why it failed. */
  readonly error?: unknown;
}

/** How many cases passed, failed and were skipped. */
export interface ConformanceTotals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** `[sql, ...params]` as a statement. */
export function statement([sql, ...params]: Query): Statement {
  return { sql, params };
}

/** Runs one case against a driver, and drops what it created. */
export async function runCase(test: ConformanceCase, driver: Driver): Promise<ConformanceResult> {
  const { name } = test;
  const reason = test.requires?.(driver);
  if (reason !== undefined) return { name, status: 'skipped', reason };
  const tables: string[] = [];
  try {
    await test.run(contextOf(driver, tables));
    return { name, status: 'passed' };
  } catch (error) {
    return { name, status: 'failed', error };
  } finally {
    for (const table of tables.toReversed()) {
      const drop = statement([`drop table if exists ${table}`]);
      // What a failed case left behind must not hide why it failed.
      await driver.execute({ statements: [drop], mode: 'write' }).catch(() => undefined);
    }
  }
}

function contextOf(driver: Driver, tables: string[]): ConformanceContext {
  const name = (): string => `conformance_${crypto.randomUUID().replaceAll('-', '')}`;
  const unit = (mode: Unit['mode'], ...queries: readonly Query[]): Promise<UnitResult> =>
    driver.execute({ statements: queries.map(statement), mode, snapshot: mode === 'read' });
  const first = async (mode: Unit['mode'], query: Query): Promise<StatementResult> => {
    const [result] = (await unit(mode, query)).results;
    if (!result) throw new Error('the driver gave no result for a statement');
    return result;
  };
  const write = (...query: Query): Promise<StatementResult> => first('write', query);
  return {
    driver,
    name,
    unit,
    write,
    read: async (...query) => (await first('read', query)).rows,
    table: async (columns, options = '') => {
      const table = name();
      tables.push(table);
      await write(`create table ${table} (${columns}) ${options}`);
      return table;
    },
  };
}
