import type {
  Driver,
  DriverTransaction,
  Statement,
  StatementResult,
  Unit,
  UnitResult,
  WireValue,
} from '../driver/driver.ts';
import { holds, sameCells } from './assert.ts';
import {
  type Ability,
  type Forms,
  type FormsByDialect,
  formsOf,
  type NewTrigger,
  type Said,
  spell,
} from './forms/forms.ts';
import { postgresForms } from './forms/postgres.ts';
import { sqliteForms } from './forms/sqlite.ts';

/** A statement of a case: its text, then its parameters. */
export type Query = readonly [sql: string, ...params: WireValue[]];

/** What a case has to work with. Texts of SQL may have words that each dialect says in its own way: `id @key`. */
export interface ConformanceContext {
  readonly driver: Driver;
  /** A name that nothing in the database has. */
  readonly name: () => string;
  /** Creates a table of the case's own, dropped after it, and gives its name. */
  readonly table: (columns: string, options?: string) => Promise<string>;
  /** Creates a trigger, dropped with its table. */
  readonly trigger: (trigger: Omit<NewTrigger, 'name'>) => Promise<void>;
  /** Runs a unit of several statements. */
  readonly unit: (mode: Unit['mode'], ...queries: readonly Query[]) => Promise<UnitResult>;
  /** The rows of one statement, run as a read unit. */
  readonly read: (...query: Query) => Promise<StatementResult['rows']>;
  /** The answer to one statement, run as a write unit. */
  readonly write: (...query: Query) => Promise<StatementResult>;
  /** Begins a transaction of an interactive driver, which is over with the case. */
  readonly begin: () => Promise<DriverTransaction>;
  /** A query in the words of the dialect, for a driver. */
  readonly statement: (query: Query) => Statement;
  /** What is said in the words of all dialects, or in those of each, in those of the driver's. */
  readonly said: <V extends readonly unknown[]>(words: Said<V>) => V;
  /** Fails unless both are the same, where numbers, booleans and bytes may stand for what the driver gives for them. */
  readonly same: (actual: unknown, expected: unknown, what: string) => void;
  /**
   * As `same()`, of round trips: a driver that sends statements one by one declares it, and takes no fewer. Of more
   * `statements` than some clients send before they read an answer, a trip for each hundred.
   */
  readonly sameTrips: (actual: number, expected: number, what: string, statements?: number) => void;
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

/** How many statements clients send at once, at the least, BEGIN and COMMIT among them. */
const WINDOW = 100;

const FORMS: FormsByDialect = { sqlite: sqliteForms, postgres: postgresForms };

/** The case needs what some databases have not. */
export const knows =
  (ability: Ability) =>
  (driver: Driver): string | undefined =>
    formsOf(driver, FORMS)?.lacks[ability];

/** Runs one case against a driver, and drops what it created. */
export async function runCase(test: ConformanceCase, driver: Driver): Promise<ConformanceResult> {
  const { name } = test;
  const forms = formsOf(driver, FORMS);
  const reason = forms ? test.requires?.(driver) : `the cases are not written for the dialect ${driver.dialect.name}`;
  if (!forms || reason !== undefined) return { name, status: 'skipped', reason: reason! };
  const drops: string[] = [];
  const transactions: DriverTransaction[] = [];
  try {
    await test.run(contextOf(driver, forms, drops, transactions));
    return { name, status: 'passed' };
  } catch (error) {
    return { name, status: 'failed', error };
  } finally {
    // What a failed case left behind must not hide why it failed, nor lock what is dropped.
    for (const transaction of transactions) await transaction.rollback().catch(() => undefined);
    for (const sql of drops.toReversed()) {
      await driver.execute({ statements: [{ sql, params: [] }], mode: 'write' }).catch(() => undefined);
    }
  }
}

function contextOf(
  driver: Driver,
  forms: Forms,
  drops: string[],
  transactions: DriverTransaction[],
): ConformanceContext {
  const name = (): string => `conformance_${crypto.randomUUID().replaceAll('-', '')}`;
  const statement = ([sql, ...params]: Query): Statement => ({ sql: spell(sql, forms), params });
  const unit = async (mode: Unit['mode'], ...queries: readonly Query[]): Promise<UnitResult> => {
    const answer = await driver.execute({ statements: queries.map(statement), mode, snapshot: mode === 'read' });
    const isGiven = answer.results.every(({ rows }) => rows.every((row) => row.every(forms.isCell)));
    holds(isGiven, 'a cell is nothing that drivers of the dialect give');
    return answer;
  };
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
    statement,
    begin: async () => {
      const transaction = await driver.begin!();
      transactions.push(transaction);
      return transaction;
    },
    said: (words) => forms.said(words),
    same: (actual, expected, what) => sameCells(actual, expected, what, forms.cell),
    sameTrips: (actual, expected, what, statements = 1) => {
      if (driver.capabilities.oneTrip) {
        const most = expected + Math.floor((statements + 2) / WINDOW);
        holds(actual >= expected && actual <= most, `${what}: expected ${expected} or at most ${most}, got ${actual}`);
      } else holds(actual >= expected, `${what}: ${actual} is less than ${expected}`);
    },
    read: async (...query) => (await first('read', query)).rows,
    table: async (columns, options = '') => {
      const table = name();
      drops.push(`drop table if exists ${table}`);
      await write(`create table ${table} (${columns}) ${options}`);
      return table;
    },
    trigger: async (trigger) => {
      const { make, drop } = forms.trigger({ ...trigger, name: name() });
      drops.push(...drop);
      await unit('write', ...make.map((sql): Query => [sql]));
    },
  };
}
