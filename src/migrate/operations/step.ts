import { ConfigurationError } from '../../errors/errors.ts';
import type { SchemaSnapshot } from '../snapshot.ts';
import type { Operation, RunSql, Step, StepLock } from './operation.ts';
import { destructive, risksOf } from './consent.ts';

/** A step, with what it may cost. */
export function stepOf(
  operations: readonly Operation[],
  statements: readonly string[],
  schema: SchemaSnapshot,
  { locks = [], transactional = true }: { readonly locks?: readonly StepLock[]; readonly transactional?: boolean } = {},
): Step {
  return {
    operations,
    statements,
    transactional: transactional && operations.every((item) => item.kind !== 'sql' || item.transactional !== false),
    locks,
    rowsAtRisk: operations.flatMap((operation) => risksOf(operation, schema)),
    destructive: destructive(operations),
  };
}

/** The statements of a step of SQL in a dialect. */
export function dialectSql({ up }: RunSql, dialect: string): readonly string[] {
  if (Array.isArray(up)) return up as readonly string[];
  const own = (up as Readonly<Record<string, readonly string[]>>)[dialect];
  if (own) return own;
  throw new ConfigurationError(`a step of SQL says nothing for ${dialect}; it has ${Object.keys(up).join(', ')}`);
}
