import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { isColumn, type Column, type ColumnSpec } from '../../schema/column.ts';
import { kindOf } from '../../util/brand.ts';
import type { Expr } from '../expr.ts';
import { Bind, Fragment, expressionOf } from '../expression.ts';

/** A column that gives its type to an expression: `integer()`, `text()`, … with any flags. */
// oxlint-disable-next-line typescript/no-explicit-any -- any flags
export type ColumnType<V> = Column<V, any>;

/** What the column says, or a `ConfigurationError`: a name of a type is no type. */
export function specOf(column: unknown, where: string): ColumnSpec {
  if (isColumn(column)) return column.spec;
  throw new ConfigurationError(`${where}: its type is a column, like integer(), not ${kindOf(column)}`);
}

/**
 * A fragment of SQL with the type of its value, by which it is read.
 *
 * @example
 * typed(sql`${Order.c.placedAt}`, timestamp())
 *
 * @throws ConfigurationError for an expression that has a type: `cast()` changes it.
 */
export function typed<V, S extends string>(expr: Expr<unknown, S>, type: ColumnType<V>): Expr<V, S> {
  const item = expressionOf(expr, 'typed()');
  const { type: known } = specOf(type, 'typed()');
  if (item.type === undefined) return new Fragment([item], known, item.level, 'typed()');
  throw new ConfigurationError(`typed(): ${item.label} has a type; cast() changes it`);
}

/**
 * A value of a type of its own, where no column stands beside it.
 *
 * @example
 * decimalMultiply(Order.c.total, literal('1.15', numeric(4, 2)))
 * // "orders"."total" * cast(?1 as integer)
 *
 * @throws InvalidValueError for a value that the type cannot hold.
 */
export function literal<V>(value: V, type: ColumnType<V>): Expr<V> {
  const { type: known, nullable } = specOf(type, 'literal()');
  const expected = value === null && nullable ? undefined : known.check(value);
  if (expected === undefined) return new Bind(value, known);
  throw new InvalidValueError(`literal(): expected ${expected}, got ${kindOf(value)}`);
}
