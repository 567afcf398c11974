import { ConfigurationError } from '../../errors/errors.ts';
import { ColumnBuilder, isColumn, type Column } from '../../schema/column.ts';
import { validate } from './validate.ts';

const WHAT = 'the database makes it, always';

/**
 * A sole integer key that the database makes for every row, and no program gives: an identity ALWAYS on PostgreSQL. On
 * databases without such keys the library refuses them alike.
 *
 * @example
 * class User extends Model('users', { id: generatedAlways(integer()) }) {}
 * // "id" bigint generated always as identity constraint "pk_users" primary key
 *
 * new User({ id: 7 }) // InvalidValueError
 * @throws ConfigurationError for a column of another type than integer() or bigint().
 */
export function generatedAlways<V extends number | bigint>(column: Column<V>): Column<V, 'key' | 'generated'> {
  const kind = isColumn(column) ? column.spec.type.kind : undefined;
  if (kind !== 'integer' && kind !== 'bigint')
    throw new ConfigurationError('generatedAlways(column): `column` is an integer() or a bigint()');
  const guarded: object = validate(column.primaryKey(), () => `${WHAT}; leave it out`);
  const made: object = new ColumnBuilder({ ...(guarded as ColumnBuilder).spec, always: WHAT });
  return made as Column<V, 'key' | 'generated'>;
}
