import { TOKENS } from '../../types/json.ts';

/** A document with doubles beyond 21 digits as JavaScript writes them: PostgreSQL writes all digits of a number. */
export function toDoubles(text: string): string {
  return text.replaceAll(TOKENS, (token) => (/^-?\d{22,}$/.test(token) ? toDouble(token) : token));
}

/** Where it is the number that the digits say. */
function toDouble(token: string): string {
  const short = String(Number(token));
  const [digits = '', exponent] = short.replaceAll(/^-|\./g, '').split('e+');
  return digits.padEnd(Number(exponent) + 1, '0') === token.replace('-', '') ? short : token;
}
