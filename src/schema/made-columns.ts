import { ConfigurationError } from '../errors/errors.ts';
import { arrayType } from '../types/array.ts';
import { cidrType, inetType } from '../types/network.ts';
import { type Range, rangeable, rangeType } from '../types/range.ts';
import { vectorType } from '../types/vector.ts';
import { type Column, isColumn } from './column.ts';
import { column } from './columns.ts';

export type { Range } from '../types/range.ts';

/**
 * An array of another type's values, which may be null where that is nullable. An array of arrays has a dimension more, and
 * its members are of one length. SQLite stores it as text of JSON, but for doubles, bytes and documents.
 *
 * @example
 * array(text())                     // text[]        ['a', 'b']
 * array(array(integer().nullable())) // bigint[][]    [[1, null], [2, 3]]
 *
 * @throws ConfigurationError for what is no column, or one that says more than its type.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a column of any flags
export function array<V>(of: Column<V, any>): Column<readonly V[]> {
  if (!isColumn(of)) throw new ConfigurationError('array(): its members are a column, like array(text())');
  const { type, nullable, key, unique, references } = of.spec;
  if (key || unique || references) throw new ConfigurationError('array(): its members have a type, and no constraints');
  if (type.array && nullable) throw new ConfigurationError('array(): an array in an array cannot be null');
  const inner = type.array ?? { element: type, depth: 0, nullable };
  return column(arrayType(inner.element, inner.depth + 1, inner.nullable));
}

/**
 * A range of whole numbers, decimals, days or times: `{ lower, upper, bounds: '[)' }`, where null is no bound. Ranges of
 * whole numbers and of days come back in their one form, which ends before its upper bound. PostgreSQL alone has it.
 *
 * @example
 * range(timestamp())    // tstzrange
 * range(plainDate())    // daterange   { lower: '2024-01-01', upper: '2024-02-01', bounds: '[)' }
 *
 * @throws ConfigurationError for a type that has no ranges.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a column of any flags
export function range<V>(of: Column<V, any>): Column<Range<V>> {
  if (isColumn(of) && rangeable(of.spec.type.kind)) return column(rangeType(of.spec.type));
  throw new ConfigurationError(
    'range(): of integer(), bigint(), numeric(), plainDate(), plainDateTime() or timestamp()',
  );
}

/** An address of IPv4 or IPv6, perhaps with the length of its network: `'10.0.0.1'`, `'2001:db8::1/64'`. On SQLite it is text. */
export function inet(): Column<string> {
  return column(inetType);
}

/** A network of IPv4 or IPv6: `'10.0.0.0/8'`. On SQLite it is text. */
export function cidr(): Column<string> {
  return column(cidrType);
}

/**
 * A list of so many numbers of 32 bits, as the extension pgvector stores them. `create extension vector` is the program's.
 *
 * @example
 * embedding: vector(1536)   // vector(1536)
 */
export function vector(dimensions: number): Column<readonly number[]> {
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > 16_000) {
    throw new ConfigurationError('vector(): as many dimensions as a whole number from 1 to 16000 says');
  }
  return column(vectorType(dimensions));
}
