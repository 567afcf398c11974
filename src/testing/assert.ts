import { type ErrorCode, isCinnabarError, type CinnabarError } from '../errors/base.ts';

/** Fails a case. */
class ConformanceFailure extends Error {
  override readonly name = 'ConformanceFailure';
}

/** A value as it can be compared and shown: bytes in all their forms are equal, and so are no two kinds of zero. */
function shown(value: unknown, cell?: (value: unknown) => unknown): string {
  return JSON.stringify(value, (_, whole: unknown) => {
    const part = cell ? cell(whole) : whole;
    if (part instanceof ArrayBuffer) return `bytes ${new Uint8Array(part).join()}`;
    if (part instanceof Uint8Array) return `bytes ${part.join()}`;
    if (typeof part === 'bigint') return `bigint ${part}`;
    if (part === undefined) return 'undefined';
    return Object.is(part, -0) ? 'minus zero' : part;
  });
}

/** Both are the same values in the same order. */
function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [shown(actual), shown(expected)];
  if (a !== b) throw new ConformanceFailure(`${what}: expected ${b.slice(0, 500)}, got ${a.slice(0, 500)}`);
}

/**
 * Both are the same values in the same order, where numbers, booleans and bytes may stand for what a driver gives for them.
 *
 * @param cell what a driver gives for a value.
 */
export function sameCells(actual: unknown, expected: unknown, what: string, cell: (value: unknown) => unknown): void {
  const [a, plain, given] = [shown(actual), shown(expected), shown(expected, cell)];
  // What is no cell, like a count of trips, is what it is.
  if (a === plain || a === given) return;
  throw new ConformanceFailure(`${what}: expected ${given.slice(0, 500)}, got ${a.slice(0, 500)}`);
}

/** The condition holds. */
export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ConformanceFailure(what);
}

/** What a refusal must say. */
export interface ExpectedError {
  readonly code?: ErrorCode | readonly ErrorCode[];
  readonly outcome?: CinnabarError['outcome'];
  readonly table?: string;
  readonly columns?: readonly string[];
  readonly constraint?: string;
  readonly retryable?: boolean;
}

/** The work is refused by an error of Cinnabar that says this. */
export async function refuses(work: () => Promise<unknown>, expected: ExpectedError): Promise<CinnabarError> {
  let error: unknown;
  try {
    await work();
  } catch (thrown) {
    error = thrown;
  }
  if (error === undefined) throw new ConformanceFailure('expected an error, and there was none');
  if (!isCinnabarError(error))
    throw new ConformanceFailure('expected an error of Cinnabar, got another', { cause: error });
  const { code, ...rest } = expected;
  const codes = code === undefined || typeof code === 'string' ? code && [code] : code;
  if (codes && !codes.includes(error.code)) {
    throw new ConformanceFailure(`expected ${codes.join(' or ')}, got ${error.code}: ${error.message}`);
  }
  for (const [key, value] of Object.entries(rest)) same(Reflect.get(error, key), value, `${error.code}.${key}`);
  return error;
}
