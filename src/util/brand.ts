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
  return classOf(value) ?? 'an object';
}

/** The class behind an object, never a `constructor` that came with the data. */
function classOf(value: object): string | undefined {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== 'Object' && name !== '' ? `a ${name}` : undefined;
}

/** Whether `value` holds values by name: no array, and no `Map`, `Date` or boxed value, whose names would be none. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null || Object.keys(value).length > 0;
}
