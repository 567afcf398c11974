import { typeParts } from '../operations/type-change.ts';

/** A type as text that is equal where two names mean one type; the database quotes names only where it has to. */
export function typeKey(declared: string): string {
  const { name, sizes, array } = typeParts(declared.replaceAll(/"([a-z_][a-z\d_]*)"/g, '$1'));
  return `${name}${sizes.length > 0 ? `(${sizes.join(',')})` : ''}${array}`;
}
