import { kindOf } from '../util/brand.ts';
import { isPlainText, scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';

/** The part of Standard Schema that a JSON column uses. */
export interface JsonSchema {
  readonly '~standard': { validate(value: unknown): unknown };
}

/** What a value of JSON may not be beside what no JSON can hold; undefined where it may. */
export type Refuse = (value: number | bigint) => string | undefined;

/** A JSON document, compared by content. `schema` checks it on the way in. */
export function jsonType(schema?: JsonSchema, refuse: Refuse = refuseBigint): SqlType {
  return {
    ...scalarType('json', '', () => true),
    check: (value) => {
      const found = problemOf(value, 0, refuse);
      if (found) return `a JSON document without ${found.what} at $${found.path}`;
      return schema && refusalOf(schema, value);
    },
    equals: sameJson,
    format: (value) => JSON.stringify(sorted(value)),
    parse: parseExact,
  };
}

const refuseBigint: Refuse = (value) => (typeof value === 'bigint' ? 'a bigint' : undefined);

interface Issue {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
}

function placeOf({ path = [] }: Issue): string {
  return ['$', ...path.map((step) => String(typeof step === 'object' ? step.key : step))].join('.');
}

/** What the schema refuses, by path: its messages may quote the value. */
function refusalOf(schema: JsonSchema, value: unknown): string | undefined {
  const result = schema['~standard'].validate(value) as {
    readonly issues?: readonly Issue[];
    readonly value?: unknown;
    readonly then?: unknown;
    readonly catch?: (ignore: () => void) => unknown;
  };
  if (typeof result.then === 'function') {
    result.catch?.(() => {});
    return 'checked by a schema that is synchronous';
  }
  if (result.issues) return `what its schema accepts at ${result.issues.map(placeOf).join(', ')}`;
  return sameJson(result.value, value)
    ? undefined
    : 'what its schema leaves as it is: what a schema makes is not stored';
}

const MAX_DEPTH = 500;

/** What in a value JSON cannot carry, and the way to it from the value. */
interface Problem {
  readonly what: string;
  readonly path: string;
}

/** Undefined where JSON carries all. */
function problemOf(value: unknown, depth: number, refuse: Refuse): Problem | undefined {
  const kind = typeof value;
  if (value === null || kind === 'boolean') return undefined;
  if (kind === 'object') {
    if (depth > MAX_DEPTH) return problem(`more than ${MAX_DEPTH} levels, or a cycle,`);
    return Array.isArray(value)
      ? problemInArray(value, depth, refuse)
      : problemInObject(value as object, depth, refuse);
  }
  if (kind === 'string') return isPlainText(value) ? undefined : problem('a lone surrogate or NUL');
  if (kind !== 'bigint' && !Number.isFinite(value)) return problem(kindOf(value));
  const refused = refuse(value as number | bigint);
  return refused === undefined ? undefined : problem(refused);
}

const problem = (what: string): Problem => ({ what, path: '' });
const within = (step: string, { what, path }: Problem): Problem => ({
  what,
  // Of a cycle it would only repeat itself.
  path: path.length < 200 ? step + path : path,
});

function problemInArray(items: readonly unknown[], depth: number, refuse: Refuse): Problem | undefined {
  // JSON would turn holes into null, and leave out what has a name.
  if (Object.keys(items).length !== items.length) return problem('holes or names in an array');
  for (let at = 0; at < items.length; at++) {
    const found = problemOf(items[at], depth + 1, refuse);
    if (found) return within(`[${at}]`, found);
  }
  return undefined;
}

function problemInObject(object: object, depth: number, refuse: Refuse): Problem | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== null && prototype !== Object.prototype) return problem(kindOf(object));
  if (Object.getOwnPropertySymbols(object).length > 0) return problem('a symbol for a key');
  for (const key of Object.keys(object)) {
    if (key === '__proto__') return problem('the key __proto__');
    if (!isPlainText(key)) return problem('a lone surrogate or NUL in a key');
    const found = problemOf((object as Record<string, unknown>)[key], depth + 1, refuse);
    if (found) return within(`.${shown(key)}`, found);
  }
  return undefined;
}

/** A key as a message may name it: one that is no plain name may be data. */
function shown(key: string): string {
  return /^[a-z_]\w{0,40}$/i.test(key) ? key : '*';
}

/** With keys in order, so that equal documents have one text. What is in order already is not copied. */
export function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Record<string, unknown>;
  const keys = Object.keys(object);
  let isSame = Array.isArray(value) || keys.every((key, at) => at === 0 || keys[at - 1]! < key);
  if (!isSame) keys.sort();
  const items = keys.map((key) => {
    const item = sorted(object[key]);
    isSame &&= item === object[key];
    return item;
  });
  if (isSame) return value;
  if (Array.isArray(value)) return items;
  const result: Record<string, unknown> = {};
  for (let at = 0; at < keys.length; at++) result[keys[at]!] = items[at];
  return result;
}

/** Where some number may be beyond what a double holds. */
const SUSPECT = /\d{16}|e\+?\d{3}/i;

/** The strings and the numbers of a JSON text: what is in a string is no number. */
export const TOKENS: RegExp = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** Reads a document, or throws where a whole number in it, or one too large, would come out as another. */
function parseExact(text: string): unknown {
  if (SUSPECT.test(text)) {
    for (const [token] of text.matchAll(TOKENS)) if (token[0] !== '"') assertHeld(token);
  }
  return JSON.parse(text);
}

/** A whole number is held when it is what the number that is read of it would be written as. */
function assertHeld(token: string): void {
  const number = Number(token);
  if (Number.isFinite(number) && (Number.isSafeInteger(number) || !/^-?\d+$/.test(token) || String(number) === token)) {
    return;
  }
  throw new RangeError('a number that no double holds');
}

/** Deep equality of JSON values; the order of keys does not count, nor the sign of zero. */
function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(right, key) &&
      sameJson((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]),
  );
}
