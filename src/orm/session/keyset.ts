import type { Codec, Dialect } from '../../compiler/dialect.ts';
import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { Bind, ColumnNode, Fragment, OPERATOR, Order, joined, logical, type Expression } from '../../sql/expression.ts';
import { booleanType } from '../../types/scalar.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { toHex } from '../../util/hex.ts';

/** A term of an order by which rows are told from those before and after them. */
export interface Term {
  readonly expression: Expression;
  readonly descending: boolean;
  /** Whether it may be NULL, and then whether those rows are the last. */
  readonly nulls: 'first' | 'last' | undefined;
  readonly type: SqlType;
  readonly codec: Codec;
}

export function termsOf(orderBy: readonly Order[], dialect: Dialect): Term[] {
  return orderBy.map(({ expression, descending, nulls }) => {
    const { type } = expression;
    if (!type)
      throw new ConfigurationError(
        `paginate(): the type of '${expression.label}' in orderBy() is not known, so no cursor can carry it; typed() gives it one`,
      );
    const isNullable = !(expression instanceof ColumnNode) || (expression.column?.nullable ?? true);
    const last = nulls ? nulls === 'last' : (dialect.nullsAreLargest ?? false) !== descending;
    return {
      expression,
      descending,
      nulls: isNullable ? (last ? 'last' : 'first') : undefined,
      type,
      codec: dialect.codec(type),
    };
  });
}

/** The same order, from its end. */
export function reversed(orderBy: readonly Order[]): Order[] {
  return orderBy.map(({ expression, descending, nulls }) => {
    const other = nulls === 'first' ? 'last' : 'first';
    return new Order(expression, !descending, nulls && other);
  });
}

/** Rows beyond the one with these values: later in the first term, or equal there and later in the next, and so on. */
export function beyond(terms: readonly Term[], values: readonly unknown[]): Expression {
  const descending = terms[0]!.descending;
  if (terms.length > 1 && terms.every((term) => term.nulls === undefined && term.descending === descending))
    return rowBeyond(terms, values, descending ? '<' : '>');
  const later = terms.flatMap((term, at) => {
    const next = after(term, values[at]);
    return next
      ? [logical('and', [...terms.slice(0, at).map((before, index) => equal(before, values[index])), next])]
      : [];
  });
  return later.length > 0 ? logical('or', later) : new Fragment(['1 = 0'], booleanType, OPERATOR);
}

/** An index serves the comparison of rows. */
function rowBeyond(terms: readonly Term[], values: readonly unknown[], sign: string): Expression {
  const left = joined(
    terms.map((term) => term.expression),
    ', ',
  );
  const right = joined(
    terms.map((term, at) => new Bind(values[at], term.type)),
    ', ',
  );
  return new Fragment(['(', ...left, `) ${sign} (`, ...right, ')'], booleanType, OPERATOR);
}

function equal({ expression }: Term, value: unknown): Expression {
  return value === null ? expression.isNull() : expression.eq(value);
}

function after({ expression, descending, nulls }: Term, value: unknown): Expression | undefined {
  if (value === null) return nulls === 'first' ? expression.isNotNull() : undefined;
  const next = descending ? expression.lt(value) : expression.gt(value);
  return nulls === 'last' ? logical('or', [next, expression.isNull()]) : next;
}

// ── cursors

/** The values of a row's terms as text, with what says which order they are of. */
export function toCursor(mark: string, raw: readonly unknown[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify([mark, ...raw.map(carried)]));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function carried(raw: unknown): unknown {
  if (raw instanceof ArrayBuffer) return { hex: toHex(new Uint8Array(raw)) };
  if (raw instanceof Uint8Array || Array.isArray(raw)) return { hex: toHex(Uint8Array.from(raw as Uint8Array)) };
  return raw;
}

/** @throws InvalidValueError for what is no cursor, or one of another query. */
export function fromCursor(mark: string, terms: readonly Term[], cursor: unknown, where: string): unknown[] {
  const [of, ...raw] = partsOf(cursor, where);
  if (of !== mark || raw.length !== terms.length)
    throw new InvalidValueError(`${where}: the cursor is of another query: of another model, order or filter`);
  return terms.map((term, at) => valueOf(term, raw[at], where));
}

function partsOf(cursor: unknown, where: string): unknown[] {
  try {
    const text = atob((cursor as string).replaceAll('-', '+').replaceAll('_', '/'));
    const parts: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (char) => char.charCodeAt(0))));
    if (Array.isArray(parts)) return parts;
  } catch {
    // Said below, without what was given.
  }
  throw new InvalidValueError(`${where}: expected a cursor that paginate() gave`);
}

function valueOf({ type, codec, nulls }: Term, carriedRaw: unknown, where: string): unknown {
  if (carriedRaw === null && nulls) return null;
  const raw =
    typeof carriedRaw === 'object' && carriedRaw !== null
      ? fromHex((carriedRaw as { readonly hex?: unknown }).hex)
      : carriedRaw;
  let value: unknown;
  try {
    value = codec.decode(raw);
  } catch {
    value = undefined;
  }
  if (value !== undefined && value !== null && type.check(value) === undefined) return value;
  throw new InvalidValueError(`${where}: expected a cursor that paginate() gave`);
}

function fromHex(hex: unknown): Uint8Array {
  return Uint8Array.from(String(hex).match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** A short text that differs where the order does. */
export function markOf(texts: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const char of texts.join('\n')) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  return (hash >>> 0).toString(36);
}
