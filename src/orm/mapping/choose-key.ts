import type { ForeignKey } from '../../schema/foreign-key.ts';

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
