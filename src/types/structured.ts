import { isPlainText, scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';

/** Bytes: a `Uint8Array`. In JSON, base64. */
export const bytesType: SqlType = /* @__PURE__ */ (() => ({
  ...scalarType('bytes', 'a Uint8Array', (v) => v instanceof Uint8Array),
  equals: (left: unknown, right: unknown) =>
    left === right || (left instanceof Uint8Array && right instanceof Uint8Array && sameBytes(left, right)),
  toJson: (value: unknown) => toBase64(value as Uint8Array),
}))();

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The part of Standard Schema that a JSON column uses. */
export interface JsonSchema {
  readonly '~standard': { validate(value: unknown): unknown };
}

/** A JSON document, compared by content. `schema` checks it on the way in. */
export function jsonType(schema?: JsonSchema): SqlType {
  return {
    ...scalarType('json', 'a JSON value', (v) => isJson(v, 0)),
    check: (value) => {
      if (!isJson(value, 0)) return 'a JSON value (no undefined, bigint, function, Date or lone surrogate within it)';
      const result = schema?.['~standard'].validate(value);
      if (result instanceof Promise) return 'checked by a schema that is synchronous';
      const issues = (result as { issues?: readonly { message: string }[] } | undefined)?.issues;
      return issues ? `what its schema accepts (${issues.map((issue) => issue.message).join('; ')})` : undefined;
    },
    equals: sameJson,
  };
}

const MAX_DEPTH = 500;

function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return isPlainText(value);
  if (typeof value !== 'object' || depth > MAX_DEPTH) return false;
  // By index: `every` skips the holes of an array, which JSON would turn into null.
  if (Array.isArray(value)) return Array.from(value, (item) => isJson(item, depth + 1)).every(Boolean);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return false;
  return Object.entries(value).every(([key, item]) => isPlainText(key) && isJson(item, depth + 1));
}

/** Deep equality of JSON values; the order of keys does not count. */
function sameJson(left: unknown, right: unknown): boolean {
  if (Object.is(left, right) || (left === 0 && right === 0)) return true;
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
