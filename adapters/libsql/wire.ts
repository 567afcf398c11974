import type { InValue, ResultSet } from '@libsql/client';
import type { Limits, Statement, StatementResult, UnitResult, WireValue } from '../../src/driver/driver.ts';
import type { Outcome } from '../../src/errors/base.ts';
import { lost } from '../../src/driver/call.ts';

/** A statement as the client takes it. */
export interface LibsqlStatement {
  readonly sql: string;
  readonly args: InValue[];
}

/** What SQLite takes when the client opens the file itself. */
export const localLimits: Limits = {
  parameters: 32_766,
  columns: 2000,
  compoundTerms: 500,
  depth: 1000,
  statementBytes: 1_000_000,
  valueBytes: 1_000_000_000,
  statements: Infinity,
};

/** What sqld takes: 0.24 refuses a value above 5,000,000 bytes. */
export const remoteLimits: Limits = { ...localLimits, valueBytes: 5_000_000 };

export function toWire({ sql, params }: Statement): LibsqlStatement {
  return { sql, args: params.map(bindable) };
}

/** The client binds every number as a float, so that `typeof(?)` is real and `?1 || ''` ends in `.0`. */
function bindable(value: WireValue): InValue {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(Number(value)) : value;
}

/** The results of a unit, once the reply has one for each statement. */
export function toUnitResult(sets: readonly ResultSet[], expected: number, fate: Outcome): UnitResult {
  if (sets.length !== expected) {
    throw lost(fate, new Error(`the reply has ${sets.length} results for ${expected} statements`));
  }
  return { results: sets.map(toResult), trips: 1 };
}

/** On `file:` the client does not count the rows of a statement with RETURNING: `changes` is 0 there. */
function toResult({ columns, rows, rowsAffected }: ResultSet): StatementResult {
  const width = columns.length;
  return {
    rows: rows.map((row) => {
      // The client's cells by position are not enumerable, and its rows are objects of many hidden properties.
      const cells: unknown[] = [];
      for (let at = 0; at < width; at++) cells.push(row[at]);
      return cells;
    }),
    changes: rowsAffected,
  };
}
