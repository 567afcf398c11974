import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { booleanType, integerType, isPlainText, textType } from '../../types/scalar.ts';
import type { CustomCodec, SqlType } from '../../types/sql-type.ts';
import { jsonType } from '../../types/json.ts';
import { customType } from '../../types/custom.ts';
import { kindOf } from '../../util/brand.ts';
import type { AnyExpr, Condition, Expr } from '../expr.ts';
import { Bind, OPERATOR, expressionOf, grouped, operand, type Expression, type Piece } from '../expression.ts';
import { nameOf, storedType } from '../forms.ts';
import { DialectCall, pieces, type Forms } from './dialect-call.ts';
import { specOf, type ColumnType } from './typed.ts';

/** The way into a document: keys of objects as text, places in arrays as whole numbers from 0. */
export type JsonPath = readonly (string | number)[];

/** Places above this one wrap around in SQLite. */
const LAST_PLACE = 2 ** 31 - 1;

/** Each leg as an expression that is bound, or an `InvalidValueError`. */
function legsOf(path: JsonPath, where: string): Bind[] {
  if (!Array.isArray(path)) throw new InvalidValueError(`${where}: a path is an array of keys and places`);
  return (path as unknown[]).map((leg, at) => {
    if (isPlainText(leg)) return new Bind(leg, textType);
    if (Number.isSafeInteger(leg) && (leg as number) >= 0 && (leg as number) <= LAST_PLACE) {
      return new Bind(leg, integerType);
    }
    throw new InvalidValueError(
      `${where}: leg ${at} of a path is a key, or a place from 0 to ${LAST_PLACE}; got ${kindOf(leg)}`,
    );
  });
}

/** The path as SQLite reads it, bound as one parameter; a key may hold any character. */
function sqlitePath(legs: readonly Expression[]): Bind {
  const steps = (legs as readonly Bind[]).map(({ value }) => {
    if (typeof value === 'number') return `[${value}]`;
    // A path ends a key at the first quote: as an escape, it is none.
    const key = JSON.stringify(value)
      .slice(1, -1)
      .replaceAll(String.raw`\\`, String.raw`\u005c`);
    return `."${key.replaceAll(String.raw`\"`, String.raw`\u0022`)}"`;
  });
  return new Bind(`$${steps.join('')}`, textType);
}

/** A document, or text that is one. */
function jsonb(doc: Expression): Piece[] {
  return pieces`cast(${doc} as jsonb)`;
}

/** The value at a path for PostgreSQL, where it meets a condition; NULL where it leads nowhere. One parameter says it. */
function valueAt(doc: Expression, legs: readonly Expression[], condition = ''): Piece[] {
  const steps = (legs as readonly Bind[]).map(({ value }) =>
    typeof value === 'number' ? `[${value}]` : `.${JSON.stringify(value)}`,
  );
  const path = new Bind(`strict $${steps.join('')}${condition && ` ? (${condition})`}`, textType);
  return ['jsonb_path_query_first(', ...jsonb(doc), ...pieces`, cast(${path} as jsonpath), '{}', true)`];
}

/** The scalar at a path as a type of PostgreSQL. */
function scalarAt(condition: string, type: string): Forms[string] {
  return (doc, ...legs) => ['cast(', ...valueAt(doc, legs, condition), ` as ${type})`];
}

/** The text at a path as a type of PostgreSQL. */
function textAt(condition: string, type: string): Forms[string] {
  return (doc, ...legs) => ['cast(', ...valueAt(doc, legs, condition), ` #>> '{}' as ${type})`];
}

/**
 * The value at a path of a document, as the type of a column. Null where the path leads nowhere or to a JSON null. A value
 * of another type is an `InvalidValueError` when it is read (on PostgreSQL null, where it is no such text or number at all), and
 * meets no condition; an object or array is `text()` as JSON.
 *
 * @example
 * jsonGet(User.c.data, ['address', 'city'], text())   // "users"."data" ->> ?1
 * jsonGet(User.c.data, ['tags', 0], text())
 * jsonGet(User.c.data, ['address'], json<Address>())   // "users"."data" -> ?1
 *
 * @throws InvalidValueError for a leg that is no key and no place.
 * @throws ConfigurationError for a type that JSON does not carry: decimals and bytes.
 */
export function jsonGet<V, S extends string>(
  expr: Expr<AnyJson, S>,
  path: JsonPath,
  type: ColumnType<V>,
): Expr<V | null, S> {
  const { type: as } = specOf(type, 'jsonGet()');
  const args = [documentOf(expr, 'jsonGet()'), ...legsOf(path, 'jsonGet()')];
  const { kind } = storedType(as);
  if (!CARRIED.has(kind)) {
    throw new ConfigurationError(`jsonGet(): JSON has no value that is ${nameOf(as)}; read text() or json()`);
  }
  return new DialectCall('jsonGet', GETS[kind] ?? GET, args, TRUSTED.has(kind) ? checking(as) : as, OPERATOR);
}
// oxlint-disable-next-line typescript/no-explicit-any -- a document of any type
type AnyJson = any;

const get: Forms[string] = (doc, ...legs) => pieces`${grouped(doc)} ->> ${sqlitePath(legs)}`;
const STRING = '@.type() == "string"';
const NUMBER = '@.type() == "number"';
const GET: Forms = { sqlite: get, postgres: textAt(STRING, 'text') };
const GET_WHOLE: Forms = { sqlite: get, postgres: scalarAt(NUMBER, 'numeric') };
/** By kind, those that are more than a string of JSON. */
const GETS: Readonly<Record<string, Forms | undefined>> = {
  text: { sqlite: get, postgres: textAt(`${STRING} || @.type() == "object" || @.type() == "array"`, 'text') },
  integer: GET_WHOLE,
  bigint: GET_WHOLE,
  double: { sqlite: get, postgres: scalarAt(NUMBER, 'double precision') },
  boolean: {
    sqlite: (doc, ...legs) =>
      pieces`case json_type(${doc}, ${sqlitePath(legs)}) when 'true' then 1 when 'false' then 0 end`,
    postgres: scalarAt('@.type() == "boolean"', 'boolean'),
  },
  uuid: { sqlite: get, postgres: textAt(STRING, 'uuid') },
  // PostgreSQL takes words like `today` for a date, and the zone of the session where none is given.
  plainDate: { sqlite: get, postgres: textAt('@ like_regex "^[0-9]{4}-"', 'date') },
  timestamp: { sqlite: get, postgres: textAt('@ like_regex "^[0-9]{4}-.*T.*(Z|[+-][0-9:]+)$"', 'timestamptz') },
  json: {
    sqlite: (doc, ...legs) => pieces`${grouped(doc)} -> ${sqlitePath(legs)}`,
    postgres: (doc, ...legs) => valueAt(doc, legs),
  },
};

/** Kinds of which JSON has values, in the form in which they are stored. */
const CARRIED: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'integer',
  'bigint',
  'boolean',
  'double',
  'text',
  'uuid',
  'enumeration',
  'plainDate',
  'timestamp',
  'json',
]);

/** Kinds whose codec takes what a column holds on trust: what a document holds may be another. */
const TRUSTED: ReadonlySet<string> = /* @__PURE__ */ new Set(['double', 'text', 'uuid', 'enumeration', 'plainDate']);

const checked = new WeakMap<SqlType, SqlType>();

/** Labels in a document are text, whatever type columns of them have. */
function unnamed(type: SqlType): SqlType {
  const { enum: _, ...rest } = type;
  if (!rest.custom || !('stored' in rest.custom)) return rest;
  const own = rest.custom as CustomCodec;
  return { ...rest, custom: { ...own, stored: unnamed(own.stored) } };
}

/** The type, refusing what it would not write itself. */
function checking(type: SqlType): SqlType {
  let made = checked.get(type);
  if (!made) {
    const read = (value: unknown): unknown => {
      if (type.check(value) === undefined) return value;
      throw new TypeError('of another type');
    };
    made = {
      ...customType({ stored: unnamed(type), read, write: (value) => value }),
      check: (value) => type.check(value),
    };
    checked.set(type, made);
  }
  return made;
}

/**
 * Whether the path leads to a value, a JSON null too.
 *
 * @example
 * jsonExists(User.c.data, ['address'])   // json_type("users"."data", ?1) is not null
 *
 * @throws InvalidValueError for a leg that is no key and no place.
 */
export function jsonExists(expr: AnyExpr, path: JsonPath): Expr<boolean> {
  const args = [documentOf(expr, 'jsonExists()'), ...legsOf(path, 'jsonExists()')];
  return new DialectCall('jsonExists', EXISTS, args, booleanType, OPERATOR);
}
const EXISTS: Forms = {
  sqlite: (doc, ...legs) => pieces`json_type(${doc}, ${sqlitePath(legs)}) is not null`,
  postgres: (doc, ...legs) => [...valueAt(doc, legs), ' is not null'],
};

/**
 * How many elements the array has; 0 for what is no array.
 *
 * @example
 * jsonArrayLength(jsonGet(User.c.data, ['tags'], json()))   // json_array_length("users"."data" -> ?1)
 */
export function jsonArrayLength<V, S extends string>(expr: Expr<V, S>): Expr<number | Extract<V, null>, S> {
  return new DialectCall('jsonArrayLength', LENGTH, [documentOf(expr, 'jsonArrayLength()')], integerType);
}
const LENGTH: Forms = {
  sqlite: (doc) => pieces`json_array_length(${doc})`,
  postgres: (doc) => {
    const type = ['jsonb_typeof(', ...jsonb(doc), ')'];
    const length = ['jsonb_array_length(', ...jsonb(doc), ')'];
    return ['case when ', ...type, ` = 'array' then `, ...length, ' when ', ...type, ' is not null then 0 end'];
  },
};

/**
 * Whether an array has this scalar among its elements, or the document is the scalar. False of NULL.
 *
 * @example
 * jsonContains(User.c.tags, 'admin')
 * // exists (select 1 from json_each("users"."tags") where typeof(key) <> 'text' and type = 'text' and atom = ?1)
 *
 * @throws InvalidValueError for what is no text, number, boolean or null.
 */
export function jsonContains(expr: AnyExpr, scalar: string | number | boolean | null): Expr<boolean> {
  const value: unknown = scalar;
  const item = typeof value === 'boolean' || value === null ? new Bind(String(value), textType) : element(value);
  const forms = typeof value === 'string' ? HAS_TEXT : typeof value === 'number' ? HAS_NUMBER : HAS_WORD;
  return new DialectCall('jsonContains', forms, [documentOf(expr, 'jsonContains()'), item], booleanType);
}

function element(value: unknown): Expression {
  if (typeof value === 'string' || typeof value === 'number') return operand(value, undefined, 'jsonContains()');
  throw new InvalidValueError(`jsonContains(): expected text, a number, a boolean or null; got ${kindOf(value)}`);
}

const HAS_TEXT: Forms = {
  sqlite: (doc, item) => has(doc, pieces`type = 'text' and atom = ${item}`),
  postgres: (doc, item) => holds(doc, pieces` @> to_jsonb(${item})`),
};
const HAS_NUMBER: Forms = {
  sqlite: (doc, item) => has(doc, pieces`type in ('integer', 'real') and atom = ${item}`),
  postgres: HAS_TEXT['postgres']!,
};
/** A JSON true, false or null is a type of its own. */
const HAS_WORD: Forms = {
  sqlite: (doc, item) => has(doc, pieces`type = ${item}`),
  postgres: (doc, item) => holds(doc, [' @> ', ...jsonb(item)]),
};

/** False of NULL. */
function holds(doc: Expression, test: readonly Piece[]): Piece[] {
  return ['coalesce(', ...jsonb(doc), ...test, ', false)'];
}

/** Members of an object have text for a key. */
function has(doc: Expression, test: readonly Piece[]): Piece[] {
  return [...pieces`exists (select 1 from json_each(${doc}) where typeof(key) <> 'text' and `, ...test, ')'];
}

/**
 * Whether the document equals the value: whatever the order of keys and the space between. `eq()` compares the text as it
 * is stored.
 *
 * @example
 * jsonEquals(User.c.data, { role: 'admin', level: 2 })
 *
 * @throws InvalidValueError for what is no JSON value.
 */
export function jsonEquals(expr: AnyExpr, value: unknown): Condition {
  const doc = documentOf(expr, 'jsonEquals()');
  // A JSON null is a document, and no NULL.
  const document = value === null ? new Bind('null', textType) : operand(value, DOCUMENT, 'jsonEquals()');
  return new DialectCall('jsonEquals', EQUALS, [doc, document], booleanType, OPERATOR);
}
const DOCUMENT: SqlType = /* @__PURE__ */ jsonType();
const EQUALS: Forms = {
  sqlite: (doc, value) => [...leaves(doc), ' = ', ...leaves(value)],
  postgres: (doc, value) => holds(doc, [' = ', ...jsonb(value)]),
};

/** Every node with its path, its type and its scalar, in one order. */
function leaves(doc: Expression): Piece[] {
  return pieces`(select json_group_array(json_array(fullkey, type, atom)) from (select * from json_tree(${doc}) order by fullkey))`;
}

function documentOf(expr: unknown, where: string): Expression {
  const item = expressionOf(expr, where);
  const kind = item.type && storedType(item.type).kind;
  if (kind === undefined || kind === 'json' || kind === 'text') return item;
  throw new ConfigurationError(`${where}: expected a json() column, got ${nameOf(item.type!)}`);
}
