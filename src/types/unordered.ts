import { CapabilityError } from '../errors/errors.ts';
import type { SqlType } from './sql-type.ts';

/** A type whose text has not the order of its values. */
export function unorderedType(type: SqlType): SqlType {
  const { name = `${type.kind}()` } = type;
  const unordered = (database: string): Error =>
    new CapabilityError(`${database} keeps ${name} as text: it has no order and no sums there`);
  return { ...type, unordered };
}
