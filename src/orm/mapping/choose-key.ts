import { ConfigurationError } from '../../errors/errors.ts';
import type { ForeignKey } from '../../schema/foreign-key.ts';
import type { TableColumn } from '../../schema/table.ts';
import type { MappedColumn, Mapper } from './mapper.ts';

/** The attributes that `by` or `inverse` names. */
export function namesOf(names: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof names === 'string' ? [names] : names;
}

/** The foreign key with the columns named, or the only one; undefined where there is none, or a choice. */
export function chooseKey(keys: readonly ForeignKey[], names: readonly string[] | undefined): ForeignKey | undefined {
  const found = names ? keys.filter((key) => attributesOf(key) === names.join(', ')) : keys;
  return found.length === 1 ? found[0] : undefined;
}

/** For messages: `'authorId' or 'editorId'`. */
export function choices(keys: readonly ForeignKey[]): string {
  return keys.map((key) => `'${attributesOf(key)}'`).join(' or ') || 'none';
}

function attributesOf({ columns }: ForeignKey): string {
  return columns.map(({ attribute }) => attribute).join(', ');
}

/** The attributes of a model for columns of a foreign key, or for those that it refers to. */
export function attributesFor(mapper: Mapper, columns: readonly TableColumn[], path: string): MappedColumn[] {
  return columns.map((column) => {
    // The key of a subclass's own table is its base's.
    const mapped =
      mapper.attributeOf(column) ?? (column.spec.key ? mapper.key[column.table.primaryKey.indexOf(column)] : undefined);
    if (mapped) return mapped;
    throw new ConfigurationError(`${path}: '${column.path}' is no attribute of ${mapper.name}`);
  });
}
