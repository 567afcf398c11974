import { formattedType, scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';
import { unorderedType } from './unordered.ts';

/** Digits of a decimal that a 64-bit integer holds. */
const SCALED_DIGITS = 18;

/** A decimal as text, written without exponent, leading zeros or a plus sign. */
export function numericType(precision: number, scale: number): SqlType {
  const fraction = scale > 0 ? `(?:\\.\\d{1,${scale}})?` : '';
  const digits = precision - scale;
  const form = new RegExp(`^-?(?:0|[1-9]\\d{0,${Math.max(digits - 1, 0)}})${fraction}$`);
  const isDecimal = (value: unknown): boolean => typeof value === 'string' && form.test(value);
  const format = (value: unknown): string => canonical(value as string, scale);
  const expected = `a decimal as text, with at most ${digits} digits before the point and ${scale} after`;
  const isLong = precision > SCALED_DIGITS;
  const base: SqlType = {
    ...scalarType('numeric', expected, isDecimal),
    name: `numeric(${precision}, ${scale})`,
    form: `${isLong ? 'long ' : ''}${scale}`,
    precision,
    scale,
  };
  if (isLong) {
    const parse = (text: string): string => {
      if (isDecimal(text)) return format(text);
      throw new TypeError('another form');
    };
    return unorderedType(formattedType(base, { format, parse }));
  }
  const scaled = {
    format: (value: unknown) => String(BigInt(format(value).replace('.', ''))),
    parse: (whole: string) => fromScaled(String(BigInt(whole)), scale),
  };
  return { ...formattedType(base, { format }), scaled };
}

/** `1.5` and `1.50` are one decimal, and so are `-0` and `0`: the form with all `scale` digits, and zero without a sign. */
function canonical(value: string, scale: number): string {
  const [whole = '0', fraction = ''] = value.split('.');
  const text = scale > 0 ? `${whole}.${fraction.padEnd(scale, '0')}` : whole;
  return /^-[0.]*$/.test(text) ? text.slice(1) : text;
}

function fromScaled(digits: string, scale: number): string {
  if (scale === 0) return digits;
  const sign = digits.startsWith('-') ? '-' : '';
  const padded = digits.slice(sign.length).padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}
