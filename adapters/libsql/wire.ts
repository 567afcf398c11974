import type { InValue, ResultSet } from '@libsql/client';
import { sqliteLimits } from '../../src/dialect/sqlite/limits.ts';
import type { Limits, Statement, StatementResult, UnitResult, WireValue } from '../../src/driver/driver.ts';
import type { Outcome } from '../../src/errors/base.ts';
import { CapabilityError, InvalidValueError } from '../../src/errors/errors.ts';
import { lost } from '../../src/driver/call.ts';

/** A statement as the client takes it. */
export interface LibsqlStatement {
  readonly sql: string;
  readonly args: InValue[];
}

/** What sqld takes: 0.24 refuses a value above 5,000,000 bytes. */
export const remoteLimits: Limits = { ...sqliteLimits, valueBytes: 5_000_000 };

export type ToWire = (statement: Statement) => LibsqlStatement;

export const toRemoteWire: ToWire = ({ sql, params }) => ({ sql, args: params.map(bindable) });

/** After EXPLAIN the client (0.18) keeps its statement open, and a file locked, even when it is closed. */
export const toLocalWire: ToWire = (statement) => {
  if (!/^\s*explain\b/i.test(statement.sql)) return toRemoteWire(statement);
  throw new CapabilityError(
    'EXPLAIN: the client of libSQL would leave the database locked. Ask through node:sqlite, or a server',
  );
};

/** The client binds every number as a float, so that `typeof(?)` is real and `?1 || ''` ends in `.0`. */
function bindable(value: WireValue): InValue {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(Number(value)) : value;
}

/** The results of a unit, once the reply has one for each statement. */
export function toUnitResult(sets: readonly ResultSet[], expected: number, fate: Outcome): UnitResult {
  if (sets.length !== expected) {
    throw lost(fate, new Error(`the reply has ${sets.length} results for ${expected} statements`));
  }
  return { results: sets.map((set) => toResult(set, fate)), trips: 1 };
}

/** On `file:` the client does not count the rows of a statement with RETURNING: `changes` is 0 there. */
function toResult({ columns, rows, rowsAffected }: ResultSet, fate: Outcome): StatementResult {
  const width = columns.length;
  return {
    rows: rows.map((row) => {
      // The client's cells by position are not enumerable, and its rows are objects of many hidden properties.
      const cells: unknown[] = [];
      for (let at = 0; at < width; at++) {
        const cell = row[at];
        cells.push(typeof cell === 'bigint' ? toNumber(cell, fate) : cell);
      }
      return cells;
    }),
    changes: rowsAffected,
  };
}

/** A client made with `intMode: 'bigint'` gives every integer as one. */
function toNumber(value: bigint, outcome: Outcome): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new InvalidValueError(BEYOND, { outcome });
}

export const BEYOND = 'a result holds an integer beyond ±(2^53-1): use bigint()';
