import type { ObjectName, SchemaSnapshot, TableSnapshot } from './snapshot.ts';
import { ConfigurationError } from '../errors/errors.ts';

/** For maps: what tells two objects apart. */
export function keyOf({ schema = '', name }: ObjectName): string {
  return `${schema}\0${name}`;
}

/** The name alone, without what else the object says. */
export function nameOf({ schema, name }: ObjectName): ObjectName {
  return schema === undefined ? { name } : { schema, name };
}

/** For messages, and for consent: `users`, `archive.users`. */
export function shown({ schema, name }: ObjectName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

export function isSame(left: ObjectName, right: ObjectName): boolean {
  return left.name === right.name && left.schema === right.schema;
}

export function findTable(snapshot: SchemaSnapshot, name: ObjectName): TableSnapshot | undefined {
  return snapshot.tables.find((table) => isSame(table, name));
}

export function tableOf(snapshot: SchemaSnapshot, name: ObjectName): TableSnapshot {
  const found = findTable(snapshot, name);
  if (found) return found;
  const known = snapshot.tables.map(shown).join(', ') || 'none';
  throw new ConfigurationError(`an operation names the table '${shown(name)}', which is not there; there are ${known}`);
}

/** An object without the fields that are undefined: JSON would lose them. */
export function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
