import { toHex } from './hex.ts';

/** A value of the program as text of SQL that has this value and no other. */
export function literal(value: null | string | number | Uint8Array): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (typeof value === 'number') {
    const text = isPlain(value) ? decimal(value) : exactly(value);
    // In parentheses, because a minus before it would make a comment of both.
    return value < 0 ? `(${text})` : text;
  }
  return `x'${toHex(value)}'`;
}

/** Whether every parser of decimals finds this number: one division or product of two that doubles hold is all it takes. */
function isPlain(value: number): boolean {
  if (Number.isSafeInteger(value)) return true;
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  return digits.replace(/[-.]/g, '').length <= 15 && Math.abs(Number(exponent)) <= 22;
}

/** What is no safe integer is never written as an integer: that would be another number. */
function decimal(value: number): string {
  const text = String(value);
  return Number.isSafeInteger(value) || /[.e]/.test(text) ? text : `${text}.0`;
}

const STEP = 2 ** 30;

/** As a whole number, and the powers of two that take it there without rounding: SQLite reads long decimals a digit wrong. */
function exactly(value: number): string {
  let whole = value;
  let exponent = 0;
  for (; !Number.isInteger(whole); exponent -= 1) whole *= 2;
  for (; !Number.isSafeInteger(whole); exponent += 1) whole /= 2;
  const operator = exponent < 0 ? '/' : '*';
  let text = String(whole);
  for (let left = Math.abs(exponent); left > 0; left -= 30) {
    text += ` ${operator} ${left < 30 ? 2 ** left : STEP}.0`;
  }
  return text;
}
