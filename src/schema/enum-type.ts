import { ConfigurationError } from '../errors/errors.ts';
import { enumerationType, isPlainText } from '../types/scalar.ts';
import type { Column } from './column.ts';
import { column } from './columns.ts';

/** A type of labels: called, it is a column of the type. */
export interface EnumType<V extends string> {
  (): Column<V>;
  /** In the order in which PostgreSQL sorts them. */
  readonly labels: readonly V[];
}

export interface EnumTypeOptions {
  /** The schema that the type is in, where that is not the default one. */
  readonly schema?: string;
}

/**
 * A closed list of labels that is a type of the database, for any number of columns: on PostgreSQL an enum, which sorts by
 * the order of its labels; on SQLite text with a check. `enumeration()` is text everywhere.
 *
 * @example
 * const mood = enumType('mood', ['sad', 'ok', 'happy'])
 * class Person extends Model('people', { id: integer().primaryKey(), mood: mood(), past: array(mood()) }) {}
 * // create type "mood" as enum ('sad', 'ok', 'happy')
 * // create table "people" (…, "mood" "mood" not null, "past" "mood"[] not null)
 * @throws ConfigurationError without a name, without labels, or where one is there twice.
 */
export function enumType<const V extends string>(
  name: string,
  labels: readonly V[],
  { schema }: EnumTypeOptions = {},
): EnumType<V> {
  if (typeof name !== 'string' || name === '')
    throw new ConfigurationError(`enumType(name, labels): it needs a name, like 'mood'`);
  const given: unknown = labels;
  if (!Array.isArray(given) || given.length === 0)
    throw new ConfigurationError(`enumType('${name}', labels): at least one label, in an array`);
  if (!labels.every(isPlainText))
    throw new ConfigurationError(`enumType('${name}'): a label is well-formed text without NUL`);
  const twice = labels.find((label, at) => labels.indexOf(label) < at);
  if (twice !== undefined) throw new ConfigurationError(`enumType('${name}'): the label '${twice}' is there twice`);
  const own = Object.freeze([...labels]);
  const type = enumerationType(own, { schema, name });
  return Object.assign((): Column<V> => column(type), { labels: own });
}
