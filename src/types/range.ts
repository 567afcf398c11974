import { customCodec } from './custom-codec.ts';
import { scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';

/**
 * What lies between two values. Null is no bound on that side. `[` and `]` are of the range, `(` and `)` are not; in an
 * `empty` one there is nothing.
 */
export interface Range<V> {
  readonly lower: V | null;
  readonly upper: V | null;
  readonly bounds: '[)' | '[]' | '(]' | '()' | 'empty';
}

type AnyRange = Range<unknown>;

const NAMES: Partial<Record<SqlType['kind'], string>> = {
  integer: 'int8range',
  bigint: 'int8range',
  numeric: 'numrange',
  timestamp: 'tstzrange',
  plainDateTime: 'tsrange',
  plainDate: 'daterange',
};

const BOUNDS = new Set<unknown>(['[)', '[]', '(]', '()', 'empty']);

/** The kinds of values that a range may be of. */
export const rangeable = (kind: SqlType['kind']): boolean => kind in NAMES;

/** Ranges of a type. Those of days and of whole numbers have one form, which ends before its upper bound. */
export function rangeType(element: SqlType): SqlType {
  const name = NAMES[element.kind]!;
  const next = successor(element);
  return {
    ...scalarType('custom', '', () => false),
    name: 'range()',
    range: element,
    codec: customCodec,
    custom: {
      postgres: (codecOf) => ({
        stored: scalarType('text', 'text', (value) => typeof value === 'string'),
        ddl: name,
        write: (value) => {
          const { lower, upper, bounds } = normal(value as AnyRange, element, next);
          if (bounds === 'empty') return 'empty';
          const side = (bound: unknown): string =>
            bound === null ? '' : quoted(codecOf(element).encode(bound) as string);
          return `${bounds[0]}${side(lower)},${side(upper)}${bounds[1]}`;
        },
        read: (stored) => {
          if (stored === 'empty') return { lower: null, upper: null, bounds: 'empty' };
          const found = FORM.exec(stored as string);
          if (!found) throw new TypeError('no range');
          const [, open, low, plainLow, high, plainHigh, close] = found;
          const side = (inQuotes: string | undefined, plain: string | undefined): unknown => {
            const bound = inQuotes?.replaceAll(/""|\\(.)/g, (_, one: string | undefined) => one ?? '"') ?? plain;
            return bound === '' || bound === undefined ? null : codecOf(element).decode(bound);
          };
          return { lower: side(low, plainLow), upper: side(high, plainHigh), bounds: `${open}${close}` };
        },
      }),
    },
    check: (value) => problemOf(value, element, next),
    equals: (left, right) =>
      left === right ||
      (problemOf(left, element, next) === undefined &&
        problemOf(right, element, next) === undefined &&
        sameRange(normal(left as AnyRange, element, next), normal(right as AnyRange, element, next), element)),
    toJson: (value) => {
      const { lower, upper, bounds } = value as AnyRange;
      const side = (bound: unknown): unknown => (bound === null ? null : element.toJson(bound));
      return { lower: side(lower), upper: side(upper), bounds };
    },
  };
}

const FORM = /^([[(])(?:"((?:[^"\\]|""|\\.)*)"|([^",]*)),(?:"((?:[^"\\]|""|\\.)*)"|([^",]*))([\])])$/;

const quoted = (text: string): string => (/[\s"(),[\]\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, '$&$&')}"` : text);

type Successor = ((bound: unknown) => unknown) | undefined;

/** The value after another, of types that have one. */
function successor({ kind }: SqlType): Successor {
  if (kind === 'integer') return (bound) => (bound as number) + 1;
  if (kind === 'bigint') return (bound) => (bound as bigint) + 1n;
  if (kind !== 'plainDate') return undefined;
  return (bound) => {
    const day = new Date(`${bound as string}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() + 1);
    return day.toISOString().replace(/T.*$/, '');
  };
}

function problemOf(value: unknown, element: SqlType, next: Successor): string | undefined {
  if (typeof value !== 'object' || value === null || !BOUNDS.has((value as AnyRange).bounds)) {
    return `a range, like { lower, upper, bounds: '[)' }`;
  }
  const { lower, upper, bounds } = value as AnyRange;
  if (bounds === 'empty') return undefined;
  for (const bound of [lower, upper]) {
    const expected = bound === null ? undefined : element.check(bound);
    if (expected !== undefined) return `a range whose bounds are ${expected}, or null`;
  }
  if (lower !== null && upper !== null && compare(lower, upper, element) > 0)
    return 'a range whose lower bound is not above';
  const { upper: end, lower: start } = normal(value as AnyRange, element, next);
  const isOver = [start, end].some((bound) => bound !== null && element.check(bound) !== undefined);
  return isOver ? 'a range that ends before the last value of its type' : undefined;
}

/** As the database gives it back. */
function normal({ lower, upper, bounds }: AnyRange, element: SqlType, next: Successor): AnyRange {
  if (bounds === 'empty') return { lower: null, upper: null, bounds };
  const [start, open] = moved(lower, bounds[0]!, '(', '[', next);
  const [end, close] = moved(upper, bounds[1]!, ']', ')', next);
  const form = `${start === null ? '(' : open}${end === null ? ')' : close}` as AnyRange['bounds'];
  const order = start !== null && end !== null ? compare(start, end, element) : -1;
  if (order > 0 || (order === 0 && form !== '[]')) return { lower: null, upper: null, bounds: 'empty' };
  return { lower: start, upper: end, bounds: form };
}

/** A bound that is moved on where its type has a next value. */
function moved(bound: unknown, mark: string, from: string, as: string, next: Successor): [unknown, string] {
  return next && bound !== null && mark === from ? [next(bound), as] : [bound, mark];
}

function sameRange(left: AnyRange, right: AnyRange, element: SqlType): boolean {
  const same = (one: unknown, other: unknown): boolean =>
    one === other || (one !== null && other !== null && element.equals(one, other));
  return left.bounds === right.bounds && same(left.lower, right.lower) && same(left.upper, right.upper);
}

/** By their order in the database. */
function compare(left: unknown, right: unknown, { kind, format }: SqlType): number {
  const [one, other] = kind === 'numeric' ? [scaled(format!(left)), scaled(format!(right))] : [left, right].map(keyOf);
  return one! < other! ? -1 : one! > other! ? 1 : 0;
}

const keyOf = (bound: unknown): number | bigint | string =>
  bound instanceof Date ? bound.getTime() : (bound as number | bigint | string);
/** Decimals of one type have as many digits after the point. */
const scaled = (text: string): bigint => BigInt(text.replace('.', ''));
