import type { BeginOptions, Isolation } from '../../src/driver/transaction-options.ts';
import { CapabilityError } from '../../src/errors/errors.ts';
import type { Step } from './wire.ts';

export const ISOLATIONS: readonly Isolation[] = ['read committed', 'repeatable read', 'serializable'];

const TIMEOUTS = [
  ['statement_timeout', 'statementTimeout'],
  ['lock_timeout', 'lockTimeout'],
  ['idle_in_transaction_session_timeout', 'idleTimeout'],
] as const;

/**
 * BEGIN, with all that the transaction is told. Its settings end with it. Without parameters clients send all of it as
 * one message; the only values in the text are numbers.
 */
export function beginStep({ isolation, readOnly, deferrable, identify, ...times }: BeginOptions): Step {
  if (isolation && !ISOLATIONS.includes(isolation)) throw new CapabilityError('there is no such level of isolation');
  let text = 'begin';
  if (isolation) text += ` isolation level ${isolation}`;
  if (readOnly) text += ' read only';
  if (deferrable) text += ' deferrable';
  for (const [name, option] of TIMEOUTS) {
    const value = times[option];
    if (value !== undefined) text += `; set local ${name} = ${Math.trunc(value)}`;
  }
  if (identify) text += '; select pg_current_xact_id()';
  return { text, params: [] };
}
