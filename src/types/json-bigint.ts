import { jsonType, sorted, TOKENS, type JsonSchema, type Refuse } from './json.ts';
import type { SqlType } from './sql-type.ts';

/** No value holds one, so that it can stand for a bigint on the way. */
const MARK = '\0';
const MARKED = /"\\u0000(-?\d+)"/g;

/**
 * A JSON document in which whole numbers beyond 2^53 are bigints: written as JSON's own numbers, and read back as they
 * were.
 */
export function jsonBigintType(schema?: JsonSchema): SqlType {
  return {
    ...jsonType(schema, refuseOther),
    format: (value) => JSON.stringify(sorted(value), mark).replace(MARKED, '$1'),
    parse: (text) => JSON.parse(text.replace(TOKENS, markToken), unmark),
    toJson: (value) =>
      JSON.parse(JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item))),
  };
}

/** Each number has one form, by which it is read: what a number holds is none, and what JSON writes as digits alone is one. */
const refuseOther: Refuse = (value) => {
  if (typeof value === 'bigint') {
    return isSafe(value) ? 'a bigint that a number holds' : undefined;
  }
  const isDigits = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21;
  return isDigits ? 'a whole number beyond 2^53 that is no bigint' : undefined;
};

const isSafe = (value: bigint): boolean => Number.isSafeInteger(Number(value));

function mark(_: string, item: unknown): unknown {
  return typeof item === 'bigint' ? MARK + String(item) : item;
}

function markToken(token: string): string {
  if (/^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token))) return `"\\u0000${token}"`;
  if (token.startsWith(String.raw`"\u0000`) || (token[0] !== '"' && !Number.isFinite(Number(token)))) {
    throw new RangeError('a text or a number that no value of the type is');
  }
  return token;
}

function unmark(_: string, item: unknown): unknown {
  return typeof item === 'string' && item.startsWith(MARK) ? BigInt(item.slice(1)) : item;
}
