import type { NamingStrategy } from './naming.ts';

type ConstraintNaming = Pick<NamingStrategy, 'primaryKey' | 'unique' | 'foreignKey' | 'check' | 'index'>;

const DEFAULT: ConstraintNaming = {
  primaryKey: (table) => `pk_${table}`,
  unique: (table, columns) => ['uq', table, ...columns].join('_'),
  foreignKey: (table, columns, target) => ['fk', table, ...columns, target].join('_'),
  check: (table, rule) => `ck_${table}_${rule}`,
  index: (table, parts, unique) => [unique ? 'uq' : 'ix', table, ...parts].join('_'),
};

/** The name that the strategy gives a constraint or an index, no longer than every database takes. */
export function constraintName<K extends keyof ConstraintNaming>(
  naming: Partial<NamingStrategy>,
  kind: K,
  ...parts: Parameters<ConstraintNaming[K]>
): string {
  const own = naming[kind] as ((...args: Parameters<ConstraintNaming[K]>) => string) | undefined;
  const made = own ?? (DEFAULT[kind] as (...args: Parameters<ConstraintNaming[K]>) => string);
  return shortened(made(...parts));
}

/** What PostgreSQL takes; MySQL takes 64 characters. */
const NAME_BYTES = 63;

/** A longer name is its beginning and a hash of the whole, so that it is the same each time. */
function shortened(name: string): string {
  if (byteLength(name) <= NAME_BYTES) return name;
  let start = '';
  for (const character of name) {
    if (byteLength(start + character) > NAME_BYTES - 9) break;
    start += character;
  }
  return `${start}_${hash(name).toString(16).padStart(8, '0')}`;
}

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** FNV-1a, 32 bits, over the UTF-8 bytes. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}
