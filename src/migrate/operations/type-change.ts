/** Names of one type, and what it is called here. */
const ALIASES: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  serial: 'integer',
  bigserial: 'bigint',
  float4: 'real',
  float8: 'double precision',
  float: 'double precision',
  double: 'double precision',
  bool: 'boolean',
  varchar: 'character varying',
  char: 'character',
  bpchar: 'character',
  decimal: 'numeric',
  timestamptz: 'timestamp with time zone',
  timestamp: 'timestamp without time zone',
  timetz: 'time with time zone',
  time: 'time without time zone',
  varbit: 'bit varying',
};

/** A type as its name, its sizes and whether it is an array, whatever it is called. */
export interface TypeParts {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly array: string;
}

export function typeParts(type: string): TypeParts {
  const text = type.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  const array = /(?:\[\])*$/.exec(text)![0];
  const bare = text.slice(0, text.length - array.length);
  const sizes = /\(([\d, ]+)\)/.exec(bare);
  const name = bare.replace(/ ?\([\d, ]+\)/, '');
  const zoned = name.replace(/^(timestamp|time) (with(?:out)? time zone)$/, '$1 $2');
  return { name: ALIASES[zoned] ?? zoned, sizes: sizes ? sizes[1]!.split(',').map(Number) : [], array };
}

/** Types that hold every value of those before them. */
const WIDER: readonly (readonly string[])[] = [
  ['smallint', 'integer', 'bigint', 'numeric'],
  ['tinyint', 'smallint', 'mediumint', 'integer', 'bigint'],
  ['real', 'double precision'],
  ['character', 'character varying', 'text'],
  ['json', 'jsonb'],
];

/** Types whose values are all text of their own. */
const TEXT = new Set(['text', 'character varying']);

/** Types whose values lose something as text: bytes, and digits of doubles on SQLite. */
const NO_TEXT = new Set(['', 'blob', 'bytea', 'real', 'double precision']);

/** Whether a column may change its type whatever it holds: the new type holds every value of the old one. */
export function isSafeChange(from: string, to: string): boolean {
  const left = typeParts(from);
  const right = typeParts(to);
  if (left.array !== right.array) return false;
  if (TEXT.has(right.name) && right.sizes.length === 0) return !NO_TEXT.has(left.name);
  if (left.name === right.name) return holdsSizes(left.sizes, right.sizes);
  if (right.name === 'blob' || right.name === '') return true;
  const isWider = WIDER.some((row) => row.includes(left.name) && row.indexOf(left.name) < row.indexOf(right.name));
  return isWider && holdsSizes(left.sizes, right.sizes);
}

/** Of `numeric(10, 2)`: digits before the point and after it. */
function holdsSizes(
  [size = Infinity, scale = 0]: readonly number[],
  [other = Infinity, decimals = 0]: readonly number[],
): boolean {
  return other === Infinity || (other - decimals >= size - scale && decimals >= scale);
}
