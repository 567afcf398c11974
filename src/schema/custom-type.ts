import { customCodec } from '../types/custom-codec.ts';
import { ConfigurationError } from '../errors/errors.ts';
import { bytesType } from '../types/bytes.ts';
import { customType as over } from '../types/custom.ts';
import { bigintType, doubleType, integerType, textType } from '../types/scalar.ts';
import type { CustomCodec, SqlType } from '../types/sql-type.ts';
import type { Column } from './column.ts';
import { column } from './columns.ts';

/** A type of one's own in one dialect. */
export interface DialectType<V> {
  /** Its name in DDL. It says what is stored: whole numbers, text, floating point numbers or bytes. */
  readonly ddl: string;
  /** What is stored for a value: a number, a bigint where `ddl` is one, text, or bytes. */
  readonly encode: (this: void, value: V) => number | bigint | string | Uint8Array;
  readonly decode: (this: void, stored: never) => V;
}

/** A type of one's own, in each dialect by its name. */
export interface CustomTypeOptions<V> {
  readonly sqlite?: DialectType<V>;
  readonly postgres?: DialectType<V>;
  readonly mysql?: DialectType<V>;
  /** Whether two values are the same; by what is stored for them where it is left out. */
  readonly equals?: (this: void, left: V, right: V) => boolean;
}

/**
 * A column of a type of one's own, with its own name in DDL and its own form in each dialect. Over another column's type:
 * `custom()`.
 *
 * @example
 * const point = () => customType<Point>({
 *   sqlite: { ddl: 'text', encode: (p) => `${p.x};${p.y}`, decode: (stored: string) => parsePoint(stored) },
 * })
 * @throws ConfigurationError when no dialect is given, or a `ddl` does not say what is stored.
 */
export function customType<V>(options: CustomTypeOptions<V>): Column<V> {
  const { equals, sqlite, postgres, mysql } = options;
  const codecs = Object.entries({ sqlite, postgres, mysql }).flatMap(([name, dialect]) =>
    dialect ? [[name, codecOf(name, dialect)] as const] : [],
  );
  const types = codecs.map(([, codec]) => over(codec));
  const [first] = types;
  if (!first) throw new ConfigurationError('customType(): say what it is in some dialect, like { sqlite: { … } }');
  return column({
    ...first,
    codec: customCodec,
    custom: Object.fromEntries(codecs),
    check: (value) => types.map((type) => type.check(value)).find((expected) => expected !== undefined),
    ...(equals && { equals: (left: unknown, right: unknown) => left === right || equals(left as V, right as V) }),
  });
}

function codecOf<V>(name: string, { ddl, encode, decode }: DialectType<V>): CustomCodec {
  return {
    stored: storedAs(name, ddl),
    ddl,
    read: (stored) => decode(stored as never),
    write: (value) => encode(value as V),
  };
}

/** By the rules with which SQLite makes a type of a name; other databases take text for what no rule is about. */
const STORED: readonly (readonly [RegExp, SqlType])[] = [
  [/bigint|int8/i, bigintType],
  [/int/i, integerType],
  [/char|clob|text/i, textType],
  [/blob|bytea|binary/i, bytesType],
  [/real|floa|doub/i, doubleType],
];

/** What has the name of a number in its own, and is none: arrays, ranges and points go by their text. */
const AS_TEXT = /\[\]$|range$|point|interval/i;

/** Words, perhaps with sizes: it stands in the text of a table as it is given. */
const TYPE_NAME = /^[\w. ]+(?:\([\w, ]+\))?[\w ]*(?:\[\])*$/;

function storedAs(name: string, ddl: string): SqlType {
  if (typeof ddl !== 'string' || !TYPE_NAME.test(ddl))
    throw new ConfigurationError('customType(): its ddl is the name of a type, like text, real or char(3)');
  if (name !== 'sqlite' && AS_TEXT.test(ddl)) return textType;
  const [, stored] = STORED.find(([form]) => form.test(ddl)) ?? [];
  if (stored) return stored;
  if (name !== 'sqlite') return textType;
  throw new ConfigurationError(
    `customType(): the ddl '${ddl}' of sqlite says not what is stored; use integer, bigint, text, real or blob`,
  );
}
