import { ConfigurationError } from '../../errors/errors.ts';
import { customType } from '../../types/custom.ts';
import { textType } from '../../types/scalar.ts';
import type { CustomCodec, SqlType } from '../../types/sql-type.ts';
import { jsonType } from '../../types/json.ts';
import type { Aggregate, By, Expr } from '../expr.ts';
import { expressionOf, operand, orderOf, type Expression } from '../expression.ts';
import { nameOf, storedType } from '../forms.ts';
import { AggregateCall, named } from './aggregate.ts';
import { DialectCall, pieces, type Forms } from './dialect-call.ts';

/** In which order an aggregate meets its values. */
export interface GatherOptions {
  readonly orderBy?: readonly By[];
}

/**
 * The texts that are not null as one, with a separator between (a comma where none is given); null of no rows.
 *
 * @example
 * stringAgg(Tag.c.name, ' ', { orderBy: [Tag.c.name] })   // group_concat("tags"."name", ?1 order by "tags"."name")
 * stringAgg(Tag.c.name).distinct()                        // group_concat(distinct "tags"."name")
 *
 * @throws ConfigurationError for `distinct()` beside a separator of one's own.
 */
export function stringAgg(
  expr: Expr<string | null, string>,
  separator?: string,
  { orderBy = [] }: GatherOptions = {},
): Aggregate<string | null> {
  const where = 'stringAgg()';
  const item = expressionOf(expr, where);
  const args =
    separator === undefined
      ? [new DialectCall('stringAgg', WITH_COMMA, [item], item.type)]
      : [item, operand(separator, textType, where)];
  return new AggregateCall({
    name: named('stringAgg', STRING_AGG),
    label: 'stringAgg',
    args,
    type: textType,
    orderBy: orderBy.map(orderOf),
  });
}
const STRING_AGG: Forms = { sqlite: () => ['group_concat'], postgres: () => ['string_agg'] };
const WITH_COMMA: Forms = { sqlite: (item) => [item], postgres: (item) => pieces`${item}, ','` };

/**
 * The values of all rows as an array, nulls too; an empty one of no rows.
 *
 * @example
 * jsonGroupArray(Post.c.title, { orderBy: [Post.c.id] })   // json_group_array("posts"."title" order by "posts"."id")
 *
 * @throws ConfigurationError for decimals, floating point numbers and bytes, which JSON does not carry exactly.
 */
export function jsonGroupArray<V>(expr: Expr<V, string>, { orderBy = [] }: GatherOptions = {}): Aggregate<V[]> {
  const item = expressionOf(expr, 'jsonGroupArray()');
  return new AggregateCall({
    name: named('jsonGroupArray', JSON_GROUP_ARRAY),
    label: 'jsonGroupArray',
    args: [
      new DialectCall('jsonGroupArray', (item.type && ELEMENT[storedType(item.type).kind]) ?? AS_IS, [item], undefined),
    ],
    type: arrayOf(item),
    orderBy: orderBy.map(orderOf),
    end: named('jsonGroupArray', ARRAY_END),
  });
}
const JSON_GROUP_ARRAY: Forms = { sqlite: () => ['json_group_array'], postgres: () => ['coalesce(jsonb_agg'] };
const ARRAY_END: Forms = { sqlite: () => [], postgres: () => [`, '[]')`] };

/** How a value travels within JSON. */
const AS_IS: Forms = { sqlite: (item) => [item], postgres: (item) => [item] };
const ELEMENT: Readonly<Record<string, Forms | undefined>> = {
  bigint: { sqlite: (item) => pieces`cast(${item} as text)`, postgres: (item) => pieces`cast(${item} as text)` },
  json: { sqlite: (item) => pieces`json(${item})`, postgres: (item) => [item] },
};

const arrays = new WeakMap<SqlType, SqlType>();

/** An array whose elements are read as their type is. */
function arrayOf({ type, label }: Expression): SqlType {
  const known = type && arrays.get(type);
  if (known) return known;
  const read = type && reader(type);
  if (!read) {
    const what = type ? nameOf(type) : 'of no known type: typed() gives it one';
    throw new ConfigurationError(`jsonGroupArray(): ${label} is ${what}; JSON does not carry it exactly`);
  }
  const made = customType({
    stored: DOCUMENT,
    read: (list) => (list as unknown[]).map((raw) => (raw === null ? null : read(raw))),
    write: (list) => list,
  });
  arrays.set(type, made);
  return made;
}
const DOCUMENT: SqlType = /* @__PURE__ */ jsonType();

/** From a token of JSON to the value; undefined where JSON does not carry it. */
function reader(type: SqlType): ((raw: unknown) => unknown) | undefined {
  const { custom } = type;
  if (custom && 'stored' in custom) {
    const own = custom as CustomCodec;
    const inner = reader(own.stored);
    return inner && ((raw) => own.read(inner(raw)));
  }
  const plain = READERS[type.kind];
  return plain ?? (TEXTS.has(type.kind) ? (raw) => (type.parse ?? String)(raw as string) : undefined);
}

const READERS: Readonly<Record<string, ((raw: unknown) => unknown) | undefined>> = {
  integer: Number,
  bigint: (raw) => BigInt(raw as string),
  boolean: Boolean,
  json: (raw) => raw,
};
const TEXTS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'text',
  'uuid',
  'enumeration',
  'timestamp',
  'plainDateTime',
  'plainDate',
  'plainTime',
  'interval',
]);
