/** What the library's own objects carry, mostly on their prototype: a registered symbol. */
export interface Branded {
  readonly brand: symbol;
}

/**
 * Whether `value` is an object with the brand `mark`. JSON cannot forge a symbol, and a registered one survives two
 * copies of the package in one program.
 */
export function isBranded(value: unknown, mark: symbol): boolean {
  return typeof value === 'object' && value !== null && (value as Partial<Branded>).brand === mark;
}

/** How a message names a value: by its type, never by its content. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number' && !Number.isInteger(value))
    return Number.isFinite(value) ? 'a fraction' : 'not finite';
  if (typeof value !== 'object') return value === undefined ? 'undefined' : `a ${typeof value}`;
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== 'Object' && name !== '' ? `a ${name}` : 'an object';
}
