import { checkStatements } from '../../src/driver/call.ts';
import type { CallOptions, Capabilities, Limits, Unit, UnitResult } from '../../src/driver/driver.ts';
import { ISOLATIONS } from './begin.ts';
import { ROLLBACK, send, type Call } from './send.ts';
import { toStep, type Connection, type Step } from './wire.ts';

/** What the protocol and PostgreSQL's default build take. */
export const postgresLimits: Limits = {
  // Of 16 bits, and postgres.js refuses the last two.
  parameters: 65_533,
  columns: 1664,
  compoundTerms: Infinity,
  depth: 5000,
  statementBytes: 100_000_000,
  valueBytes: 500_000_000,
  statements: Infinity,
};

/** What every way to PostgreSQL can do. */
export const postgresCapabilities: Omit<Capabilities, 'interactive' | 'cancel' | 'oneTrip'> = {
  snapshotReads: true,
  bookmarks: false,
  positionalRows: true,
  exactChanges: true,
  exactIntegers: true,
  explain: true,
  isolations: ISOLATIONS,
  transactionSettings: ['readOnly', 'deferrable', 'identify', 'statementTimeout', 'lockTimeout', 'idleTimeout'],
};

const BEGIN: Step = { text: 'begin', params: [] };
const BEGIN_SNAPSHOT: Step = { text: 'begin isolation level repeatable read read only', params: [] };

/** Hands out a connection, or rejects with a `CinnabarError`. */
export type Acquire = (options: CallOptions) => Promise<Connection>;

/** Runs a unit on a connection of its own: several statements that are one as a transaction. */
export async function executeUnit(acquire: Acquire, unit: Unit, options: CallOptions = {}): Promise<UnitResult> {
  checkStatements(unit.statements, postgresLimits);
  if (unit.statements.length === 0) return { results: [], trips: 0 };
  const connection = await acquire(options);
  const call = callOf(unit);
  const sent = await send(connection, call, options);
  if ('result' in sent) {
    connection.release(false);
    return sent.result;
  }
  let broken = sent.connection === 'lost';
  if (sent.connection === 'failed' && call.begin && !sent.whole) {
    await connection.query(ROLLBACK).catch(() => (broken = true));
  }
  connection.release(broken);
  throw sent.failure;
}

function callOf({ statements, mode, snapshot }: Unit): Call {
  const steps = statements.map(toStep);
  const alone = steps.length === 1 || (mode === 'read' && !snapshot);
  if (alone) return { begin: undefined, statements: steps, durable: mode === 'write' ? 'auto' : 'none' };
  if (mode === 'write') return { begin: BEGIN, statements: steps, durable: 'commit' };
  return { begin: BEGIN_SNAPSHOT, statements: steps, durable: 'commit' };
}
