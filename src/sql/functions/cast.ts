import { ConfigurationError } from '../../errors/errors.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { Expr } from '../expr.ts';
import { Fragment, OPERATOR, expressionOf, grouped, type Expression, type Piece } from '../expression.ts';
import { nameOf, storedType } from '../forms.ts';
import { scaleOf, scaled } from './decimal.ts';
import { DialectCall, pieces, type Forms } from './dialect-call.ts';
import { specOf, type ColumnType } from './typed.ts';

/**
 * The value as another type. To `integer()`, `bigint()`, `double()`, `text()`, `boolean()`, `bytes()` and `numeric()`, from
 * those that have such a value: decimals by their value and not by their stored form. A fraction is cut off; of text that is
 * no number, SQLite takes what is one at its start, or 0; PostgreSQL refuses it.
 *
 * @example
 * cast(Post.c.views, double())       // cast("posts"."views" as real)
 * cast(Post.c.views, text())         // cast("posts"."views" as text)
 * cast(Order.c.total, integer())     // "orders"."total" / 100
 *
 * @throws ConfigurationError for a type that is no column, and for two between which no database casts.
 */
export function cast<V, S extends string, N>(expr: Expr<N, S>, type: ColumnType<V>): Expr<V | Extract<N, null>, S> {
  const item = expressionOf(expr, 'cast()');
  const { type: to } = specOf(type, 'cast()');
  const result = item.type?.kind === 'numeric' || to.kind === 'numeric' ? ofDecimal(item, to) : plain(item, to);
  if (result) return result;
  const from = item.type ? nameOf(item.type) : 'a fragment';
  throw new ConfigurationError(`cast(): ${item.label} is ${from}, which has no value as ${nameOf(to)}`);
}

const WHOLE = ['integer', 'bigint', 'boolean'];
const TEXTS = ['text', 'uuid', 'enumeration', 'plainDateTime', 'plainDate', 'plainTime', 'timestamp', 'json'];

const TO_WHOLE: Forms = {
  sqlite: (item) => pieces`cast(${item} as integer)`,
  postgres: (item) =>
    item.type?.kind === 'double' ? pieces`cast(trunc(${item}) as bigint)` : ['cast(', ...numberOf(item), ' as bigint)'],
};

function isBoolean({ type }: Expression): boolean {
  return type?.kind === 'boolean';
}

/** PostgreSQL casts a boolean to one type of number. */
function numberOf(item: Expression): Piece[] {
  return isBoolean(item) ? pieces`cast(${item} as integer)` : [item];
}

/** As ISO 8601 has them, of UTC: PostgreSQL writes its own form, by the settings of the session. */
function textOf(item: Expression): Piece[] {
  const kind = item.type && storedType(item.type).kind;
  if (kind === 'timestamp')
    return pieces`to_char(${grouped(item)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  return kind === 'plainDateTime' ? pieces`replace(cast(${item} as text), ' ', 'T')` : pieces`cast(${item} as text)`;
}

/** From which kinds, and how, by the kind of the target. */
const CASTS: Readonly<Record<string, { readonly from: readonly string[]; readonly forms: Forms }>> = {
  integer: { from: [...WHOLE, 'double', 'text'], forms: TO_WHOLE },
  bigint: { from: [...WHOLE, 'double', 'text'], forms: TO_WHOLE },
  double: {
    from: [...WHOLE, 'double', 'text'],
    forms: {
      sqlite: (item) => pieces`cast(${item} as real)`,
      postgres: (item) => ['cast(', ...numberOf(item), ' as double precision)'],
    },
  },
  boolean: {
    from: WHOLE,
    forms: {
      sqlite: (item) => pieces`(${grouped(item)} <> 0)`,
      postgres: (item) => (isBoolean(item) ? [item] : pieces`(${grouped(item)} <> 0)`),
    },
  },
  text: {
    from: ['integer', 'bigint', 'double', ...TEXTS],
    forms: { sqlite: (item) => pieces`cast(${item} as text)`, postgres: textOf },
  },
  bytes: {
    from: ['text', 'bytes'],
    forms: {
      sqlite: (item) => pieces`cast(${item} as blob)`,
      postgres: (item) => (item.type?.kind === 'bytes' ? [item] : pieces`convert_to(${item}, 'UTF8')`),
    },
  },
};

function plain(item: Expression, to: SqlType): Expression | undefined {
  const way = CASTS[to.kind];
  if (!way || (item.type && !way.from.includes(item.type.kind))) return undefined;
  return new DialectCall('cast', way.forms, [item], to);
}

/** Decimals are stored as integers by their scale, and above 18 digits as text. */
function ofDecimal(item: Expression, to: SqlType): Expression | undefined {
  if (isLong(item.type)) return to.kind === 'text' ? new Fragment([item], to, item.level) : undefined;
  const counts = ['numeric', 'integer', 'bigint'].includes(item.type?.kind ?? '') && !isLong(to);
  return counts ? DECIMALS[to.kind]?.(item, scaleOf(item, 'cast()'), to) : undefined;
}

function isLong(type: SqlType | undefined): boolean {
  return (type?.precision ?? 0) > 18;
}

/** To each kind from an integer that is stored with so many digits after the point. */
const DECIMALS: Readonly<Record<string, (item: Expression, scale: number, to: SqlType) => Expression>> = {
  numeric: (item, scale, to) => {
    if (to.scale! >= scale) return scaled('cast()', item, scale, to.scale!, to);
    throw new ConfigurationError('cast(): to fewer digits after the point by decimalRound(), which says how');
  },
  double: (item, scale, to) => new DialectCall('cast', realForms(scale), [item], to, OPERATOR),
  integer: cut,
  bigint: cut,
};

function cut(item: Expression, scale: number, to: SqlType): Expression {
  const forms: Forms = {
    sqlite: (value) => (scale === 0 ? [value] : [grouped(value), ` / 1${'0'.repeat(scale)}`]),
    postgres: (value) => pieces`cast(trunc(${value}) as bigint)`,
  };
  return new DialectCall('cast', forms, [item], to, scale === 0 ? item.level : OPERATOR);
}

function realForms(scale: number): Forms {
  return {
    sqlite: (item) => ['cast(', item, ` as real) / 1${'0'.repeat(scale)}`],
    postgres: (item) => pieces`cast(${item} as double precision)`,
  };
}
