import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import { bigintType, booleanType, doubleType, integerType, textType } from '../types/scalar.ts';
import type { CustomCodec, SqlType } from '../types/sql-type.ts';
import { inferredBytes, inferredDate } from '../types/inferred.ts';
import { kindOf } from '../util/brand.ts';

/** Decimals are stored by their scale, and long ones in a form of their own: those of two forms never meet. */
export function assertSameForm(left: SqlType | undefined, right: SqlType | undefined, label: string): void {
  if (!left || !right || left.form === right.form) return;
  throw new ConfigurationError(`${label}: ${nameOf(left)} and ${nameOf(right)} are stored in different forms`);
}

/** The type in which values are stored: a custom one stands over another, or over one in each dialect. */
export function storedType(type: SqlType): SqlType {
  const { custom } = type;
  return custom && 'stored' in custom ? storedType((custom as CustomCodec).stored) : type;
}

/** How a program writes the type. */
export function nameOf({ kind, name }: SqlType): string {
  return name ?? `${kind}()`;
}

/** Of two types that may meet in one value: a number that is whole in one of them only is not whole. */
export function widerType(left: SqlType | undefined, right: SqlType | undefined): SqlType | undefined {
  const widens = right?.kind === 'double' || (right?.kind === 'bigint' && left?.kind === 'integer');
  return left && widens ? right : left;
}

/** The type of what an arithmetic operator makes of the two. */
export function arithmeticType(
  symbol: string,
  left: SqlType | undefined,
  right: SqlType | undefined,
  label: string,
): SqlType | undefined {
  for (const type of [left, right]) {
    // A scale is not the operator's to know, and a remainder is of whole numbers.
    if (type?.form === undefined && (type?.kind !== 'double' || symbol !== '%')) continue;
    throw new ConfigurationError(
      `${label}: '${symbol}' takes no ${nameOf(type)}; use decimalAdd() and its like, or cast()`,
    );
  }
  return widerType(left, right);
}

/** The type of a value that no column stands beside. */
export function inferType(input: unknown, label: string): SqlType {
  switch (typeof input) {
    case 'string':
      return textType;
    case 'number':
      return Number.isSafeInteger(input) ? integerType : doubleType;
    case 'bigint':
      return bigintType;
    case 'boolean':
      return booleanType;
    default:
      if (input instanceof Date) return inferredDate;
      if (input instanceof Uint8Array) return inferredBytes;
      if (input === undefined) return textType;
      throw new InvalidValueError(`${label}: ${kindOf(input)} is no value of SQL; pass a scalar`);
  }
}
