import type { SqlType, TextForm, TypeKind } from './sql-type.ts';

/** Of numbers: 0 and -0 are one. */
const same = (left: unknown, right: unknown): boolean => left === right;
const asIs = (value: unknown): unknown => value;

/** A type whose values are primitives, equal when they are identical. */
export function scalarType(kind: TypeKind, expected: string, holds: (value: unknown) => boolean): SqlType {
  return { kind, check: (value) => (holds(value) ? undefined : expected), equals: same, toJson: asIs };
}

/** A type whose values are stored in a form of their own: equal when those are. */
export function formattedType(type: SqlType, form: Pick<TextForm, 'format'> & Partial<TextForm>): SqlType {
  const { format } = form;
  const equals = (left: unknown, right: unknown): boolean =>
    left === right || (!type.check(left) && !type.check(right) && format(left) === format(right));
  return { ...type, ...form, equals };
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

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** A UUID as text. It is stored, and so comes back, in lower case. */
export const uuidType: SqlType = /* @__PURE__ */ formattedType(
  /* @__PURE__ */ scalarType(
    'uuid',
    'a UUID, like 018f3c9e-5d7a-7c3b-8f21-3d5e7a9b1c2d',
    (v) => typeof v === 'string' && UUID.test(v),
  ),
  { format: (value) => (value as string).toLowerCase() },
);

/** @param named what the type is called in databases that have types of labels. */
export function enumerationType(labels: readonly string[], named?: SqlType['enum']): SqlType {
  const known = new Set<unknown>(labels);
  return {
    ...scalarType('enumeration', `one of ${labels.join(', ')}`, (v) => known.has(v)),
    labels,
    ...(named && { enum: named }),
    parse: (label) => {
      if (known.has(label)) return label;
      throw new TypeError('a label of another list');
    },
  };
}
