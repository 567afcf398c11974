import { scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';

// The types of values beside which no column stands. Those of columns do more, and only programs with such columns carry
// them.

/** A `Date`, in the form of text that `timestamp()` gives it. */
export const inferredDate: SqlType = /* @__PURE__ */ (() => ({
  ...scalarType('timestamp', 'a valid Date in the years 0 to 9999', isInstant),
  format: toText,
  // What names no zone, as SQLite's own functions make it, is of UTC and not of the process's zone.
  parse: (text: string) => new Date(toText(new Date(ZONED.test(text) ? text : `${text.replace(' ', 'T')}Z`))),
}))();

const ZONED = /(?:Z|[+-]\d\d:\d\d)$/;

/** Throws on what is no date. */
function toText(value: unknown): string {
  return Date.prototype.toISOString.call(value);
}

function isInstant(value: unknown): boolean {
  try {
    return /^\d/.test(toText(value));
  } catch {
    return false;
  }
}

export const inferredBytes: SqlType = /* @__PURE__ */ scalarType(
  'bytes',
  'a Uint8Array',
  (value) => value instanceof Uint8Array && ArrayBuffer.isView(value) && !isDetached(value),
);

function isDetached({ buffer }: Uint8Array): boolean {
  return (buffer as { readonly detached?: boolean }).detached === true;
}
