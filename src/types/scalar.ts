import type { SqlType, TypeKind } from './sql-type.ts';

const same = (left: unknown, right: unknown): boolean => Object.is(left, right);
const asIs = (value: unknown): unknown => value;

/** A type whose values are primitives, equal when they are identical. */
export function scalarType(kind: TypeKind, expected: string, holds: (value: unknown) => boolean): SqlType {
  return { kind, check: (value) => (holds(value) ? undefined : expected), equals: same, toJson: asIs };
}

export const integerType: SqlType = /* @__PURE__ */ scalarType('integer', 'a safe integer', Number.isSafeInteger);

export const bigintType: SqlType = /* @__PURE__ */ (() => ({
  ...scalarType('bigint', 'a 64-bit bigint', (v) => typeof v === 'bigint' && v === BigInt.asIntN(64, v)),
  toJson: String,
}))();

export const booleanType: SqlType = /* @__PURE__ */ scalarType(
  'boolean',
  'true or false',
  (v) => typeof v === 'boolean',
);

export const doubleType: SqlType = /* @__PURE__ */ scalarType('double', 'a finite number', Number.isFinite);

/** Text that every database stores and returns whole: well-formed Unicode without NUL. */
export function isPlainText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
}

const TEXT = 'well-formed text without NUL';
export const textType: SqlType = /* @__PURE__ */ scalarType('text', TEXT, isPlainText);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const uuidType: SqlType = /* @__PURE__ */ scalarType(
  'uuid',
  'a UUID in lower case',
  (v) => typeof v === 'string' && UUID.test(v),
);

export function enumerationType(labels: readonly string[]): SqlType {
  const known = new Set<unknown>(labels);
  return { ...scalarType('enumeration', `one of ${labels.join(', ')}`, (v) => known.has(v)), labels };
}

/** A decimal as text, written without exponent, leading zeros or a sign on zero. */
export function numericType(precision: number, scale: number): SqlType {
  const fraction = scale > 0 ? `(?:\\.\\d{1,${scale}})?` : '';
  const digits = precision - scale;
  const form = new RegExp(`^-?(?:0|[1-9]\\d{0,${Math.max(digits - 1, 0)}})${fraction}$`);
  const expected = `a decimal as text, with at most ${digits} digits before the point and ${scale} after`;
  return {
    ...scalarType('numeric', expected, (v) => typeof v === 'string' && form.test(v)),
    precision,
    scale,
    equals: (left, right) => left === right || canonicalDecimal(left, scale) === canonicalDecimal(right, scale),
  };
}

/** `1.5` and `1.50` are one decimal: the form with all `scale` digits. */
export function canonicalDecimal(value: unknown, scale: number): string {
  const [whole = '0', fraction = ''] = String(value).split('.');
  const text = scale > 0 ? `${whole}.${fraction.padEnd(scale, '0')}` : whole;
  return /^-[0.]*$/.test(text) ? text.slice(1) : text;
}
