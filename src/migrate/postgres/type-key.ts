import { typeParts } from '../operations/type-change.ts';
import type { ObjectName } from '../snapshot.ts';
import { qualified } from '../text/quote.ts';

/** A type as text that is equal where two names mean one type; the database quotes names only where it has to. */
export function typeKey(declared: string): string {
  const { name, sizes, array } = typeParts(declared.replaceAll(/"([a-z_][a-z\d_]*)"/g, '$1'));
  return `${name}${sizes.length > 0 ? `(${sizes.join(',')})` : ''}${array}`;
}

/** Whether a type is this type of labels, or an array of it. */
export function isOfEnum(of: ObjectName, type: string): boolean {
  return typeKey(type.replace(/(?:\[\])+$/, '')) === typeKey(qualified(of));
}
