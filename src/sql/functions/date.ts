import { ConfigurationError } from '../../errors/errors.ts';
import { integerType } from '../../types/scalar.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { plainDateType } from '../../types/plain-time.ts';
import { timestampType } from '../../types/timestamp.ts';
import { isRecord } from '../../util/brand.ts';
import type { Expr } from '../expr.ts';
import {
  ATOM,
  Fragment,
  OPERATOR,
  expressionOf,
  grouped,
  joined,
  operand,
  type Expression,
  type Piece,
} from '../expression.ts';
import { nameOf, storedType } from '../forms.ts';
import { Opaque } from '../opaque.ts';
import { DialectCall, pieces, type Forms } from './dialect-call.ts';

/** An instant, a zone-less date or time as text, or an object that a custom type makes of one. */
type Temporal = object | string | null;

const DAY_KINDS = ['timestamp', 'plainDateTime', 'plainDate'];
const TIME_KINDS = ['timestamp', 'plainDateTime', 'plainTime'];

/**
 * The instant at which the statement runs, of milliseconds.
 *
 * @example
 * select(Task).where(Task.c.dueAt.lt(now()))
 * // "tasks"."due_at" < strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
 */
export function now(): Expr<Date> {
  return moment('now', NOW, timestampType);
}
const NOW: Forms = {
  sqlite: () => [`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`],
  postgres: () => [`date_trunc('milliseconds', statement_timestamp())`],
};

/**
 * The date of today, of UTC.
 *
 * @example
 * select(Task).where(Task.c.day.eq(currentDate()))   // "tasks"."day" = date('now')
 */
export function currentDate(): Expr<string> {
  return moment('currentDate', TODAY, plainDateType);
}
const TODAY: Forms = {
  sqlite: () => [`date('now')`],
  postgres: () => [`cast(statement_timestamp() at time zone 'UTC' as date)`],
};

/** It is another the next time. */
function moment(name: string, forms: Forms, type: SqlType): Expression {
  return new Opaque([new DialectCall(name, forms, [], type)], type, ATOM, `${name}()`);
}

/** A part of a date or a time that is a number. `dayOfWeek` is 0 on Sunday; `week` is of the ISO calendar, as `isoYear`. */
export type DateField =
  | 'isoYear'
  | 'year'
  | 'quarter'
  | 'month'
  | 'week'
  | 'day'
  | 'dayOfWeek'
  | 'dayOfYear'
  | 'hour'
  | 'minute'
  | 'second'
  | 'epoch';

/** Text that makes the field of what stands at the hole. */
const SQLITE_FIELDS: Readonly<Record<DateField, readonly [before: string, after: string]>> = {
  // The Thursday of a week says of which year it is.
  isoYear: [`cast(strftime('%Y', `, `, '-3 days', 'weekday 4') as integer)`],
  week: [`(cast(strftime('%j', `, `, '-3 days', 'weekday 4') as integer) + 6) / 7`],
  year: [`cast(strftime('%Y', `, `) as integer)`],
  quarter: [`(cast(strftime('%m', `, `) as integer) + 2) / 3`],
  month: [`cast(strftime('%m', `, `) as integer)`],
  day: [`cast(strftime('%d', `, `) as integer)`],
  dayOfWeek: [`cast(strftime('%w', `, `) as integer)`],
  dayOfYear: [`cast(strftime('%j', `, `) as integer)`],
  hour: [`cast(strftime('%H', `, `) as integer)`],
  minute: [`cast(strftime('%M', `, `) as integer)`],
  second: [`cast(strftime('%S', `, `) as integer)`],
  epoch: [`cast(strftime('%s', `, `) as integer)`],
};

const POSTGRES_FIELDS: Readonly<Partial<Record<DateField, string>>> = { dayOfWeek: 'dow', dayOfYear: 'doy' };

/** The date and time of an instant in UTC, whatever the zone of the session; others as they are. */
function local(at: Expression): Piece[] {
  return storedType(at.type!).kind === 'timestamp' ? pieces`(${grouped(at)} at time zone 'UTC')` : [at];
}

/** What PostgreSQL made of `local()`, as the type again. */
function unlocal(made: readonly Piece[], type: SqlType): Piece[] {
  const { kind } = storedType(type);
  if (kind === 'timestamp') return ['((', ...made, `) at time zone 'UTC')`];
  return kind === 'plainDate' ? ['cast(', ...made, ' as date)'] : ['(', ...made, ')'];
}

/**
 * One part of a date or time as a number; of an instant, in UTC. `epoch` is whole seconds since 1970.
 *
 * @example
 * extract('year', User.c.createdAt)   // cast(strftime('%Y', "users"."created_at") as integer)
 *
 * @throws ConfigurationError for another field, and for an expression that has no such part.
 */
export function extract<V extends Temporal, S extends string>(
  field: DateField,
  expr: Expr<V, S>,
): Expr<number | Extract<V, null>, S> {
  const parts = known(SQLITE_FIELDS, field, 'extract()');
  const kinds = ['hour', 'minute', 'second'].includes(field) ? TIME_KINDS : DAY_KINDS;
  const forms: Forms = {
    sqlite: (at) => [parts[0], at, parts[1]],
    postgres: (at) => [`cast(floor(extract(${POSTGRES_FIELDS[field] ?? field} from `, ...local(at), ')) as bigint)'],
  };
  const level = parts[1].endsWith('as integer)') ? ATOM : OPERATOR;
  return new DialectCall('extract', forms, [temporal(expr, kinds, 'extract()')], integerType, level);
}

/** A span of the calendar or of a day. */
export type DateUnit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second';

const SQLITE_STARTS: Readonly<Record<DateUnit, string>> = {
  year: '%Y-01-01T00:00:00.000',
  quarter: '%Y-%m-01T00:00:00.000',
  month: '%Y-%m-01T00:00:00.000',
  week: '%Y-%m-%dT00:00:00.000',
  day: '%Y-%m-%dT00:00:00.000',
  hour: '%Y-%m-%dT%H:00:00.000',
  minute: '%Y-%m-%dT%H:%M:00.000',
  second: '%Y-%m-%dT%H:%M:%S.000',
};

/**
 * The start of the year, quarter, month, week (its Monday), day, hour, minute or second; of an instant, in UTC.
 *
 * @example
 * dateTrunc('month', Order.c.placedAt)   // strftime('%Y-%m-01T00:00:00.000Z', "orders"."placed_at")
 *
 * @throws ConfigurationError for another unit, and for what is no date.
 */
export function dateTrunc<V extends Temporal, S extends string>(unit: DateUnit, expr: Expr<V, S>): Expr<V, S> {
  const start = known(SQLITE_STARTS, unit, 'dateTrunc()');
  const item = temporal(expr, DAY_KINDS, 'dateTrunc()');
  const type = item.type!;
  if (storedType(type).kind === 'plainDate' && start.includes('%H')) {
    throw new ConfigurationError(`dateTrunc(): ${item.label} is plainDate(), which has no ${unit}`);
  }
  const format = stored(start, type);
  const forms: Forms = {
    sqlite: (at) => [`strftime('${format}', `, at, ...startOf(unit, at), ')'],
    postgres: (at) => unlocal([`date_trunc('${unit}', cast(`, ...local(at), ' as timestamp))'], type),
  };
  return new DialectCall('dateTrunc', forms, [item], type);
}

/** A format of a date and time as the type is stored. */
function stored(format: string, type: SqlType): string {
  const kind = storedType(type).kind;
  return kind === 'plainDate' ? format.slice(0, format.indexOf('T')) : kind === 'timestamp' ? `${format}Z` : format;
}

function startOf(unit: DateUnit, at: Expression): Piece[] {
  if (unit === 'week') return [`, 'weekday 0', '-6 days'`];
  if (unit !== 'quarter') return [];
  return [`, 'start of month', '-' || ((strftime('%m', `, at, `) - 1) % 3) || ' months'`];
}

/** How far to move: whole numbers, of which some may be below 0. */
export interface DateAmounts<W extends number | null = number | null, T extends string = string> {
  readonly years?: number | Expr<W, T>;
  readonly months?: number | Expr<W, T>;
  readonly weeks?: number | Expr<W, T>;
  readonly days?: number | Expr<W, T>;
  readonly hours?: number | Expr<W, T>;
  readonly minutes?: number | Expr<W, T>;
  readonly seconds?: number | Expr<W, T>;
  readonly milliseconds?: number | Expr<W, T>;
}

/** How SQLite says each amount. */
const SQLITE_AMOUNTS: Readonly<Record<keyof DateAmounts, { readonly times: string; readonly unit: string }>> = {
  years: { times: ' * 12', unit: 'months' },
  months: { times: '', unit: 'months' },
  weeks: { times: ' * 7', unit: 'days' },
  days: { times: '', unit: 'days' },
  hours: { times: '', unit: 'hours' },
  minutes: { times: '', unit: 'minutes' },
  seconds: { times: '', unit: 'seconds' },
  milliseconds: { times: ' / 1000.0', unit: 'seconds' },
};

/**
 * The date or instant so much later. Years and months come first, and end on the last day of a month that is shorter
 * (31 January and a month is 28 or 29 February). After the year 9999 it is null on SQLite, and on PostgreSQL an
 * `InvalidValueError` when it is read; before the year 0 no type has a date.
 *
 * @example
 * dateAdd(User.c.createdAt, { days: 30 })
 * // strftime('%Y-%m-%dT%H:%M:%fZ', "users"."created_at", cast(?1 as integer) || ' days')
 *
 * @throws ConfigurationError for another unit, for none, and for what is no date.
 */
export function dateAdd<
  V extends Temporal,
  S extends string,
  W extends number | null = number,
  T extends string = never,
>(expr: Expr<V, S>, amounts: DateAmounts<W, T>): Expr<V | Extract<W, null>, S | T> {
  const item = temporal(expr, DAY_KINDS, 'dateAdd()');
  const type = item.type!;
  const given = Object.entries(isRecord(amounts) ? amounts : {}).filter(([, amount]) => amount !== undefined);
  if (given.length === 0) throw new ConfigurationError('dateAdd(): expected an amount, like { days: 1 }');
  const months: Amount[] = [];
  const rest: Amount[] = [];
  for (const [name, amount] of given) {
    const { times, unit } = known(SQLITE_AMOUNTS, name as keyof DateAmounts, 'dateAdd()');
    if (storedType(type).kind === 'plainDate' && !['years', 'months', 'weeks', 'days'].includes(name)) {
      throw new ConfigurationError(`dateAdd(): ${item.label} is plainDate(), which has no ${name}`);
    }
    const amounted = grouped(operand(amount, integerType, `dateAdd(): ${name}`));
    const count = times === '' ? amounted : new Fragment(['(', amounted, times, ')'], integerType, ATOM);
    (unit === 'months' ? months : rest).push({ count, unit });
  }
  const counts = countsOf([...months, ...rest]);
  return new DialectCall('dateAdd', addForms(type, months, rest), [item, ...counts], type);
}

interface Amount {
  readonly count: Expression;
  readonly unit: string;
}

function addForms(type: SqlType, months: readonly Amount[], rest: readonly Amount[]): Forms {
  const total = months.length === 0 ? undefined : new Fragment(joined(countsOf(months), ' + '), integerType, ATOM);
  return {
    sqlite: (at) => {
      const from = total ? laterMonth(at, total, type) : [at];
      const moves = rest.flatMap(({ count, unit }): Piece[] => [', ', count, ` || ' ${unit}'`]);
      return [`strftime('${stored('%Y-%m-%dT%H:%M:%f', type)}', `, ...from, ...moves, ')'];
    },
    // Months as one interval: each step would end on the last day of a month that is shorter.
    postgres: (at) => {
      const moves = total ? [{ count: total, unit: 'months' }, ...rest] : rest;
      const later = moves.flatMap(({ count, unit }): Piece[] => [' + (', count, `) * interval '1 ${unit}'`]);
      return unlocal([...local(at), ...later], type);
    },
  };
}

function countsOf(amounts: readonly Amount[]): Expression[] {
  return amounts.map(({ count }) => count);
}

/** SQLite goes on into the next month where a day is missing: the earlier of that and the last day of the month. */
function laterMonth(at: Expression, count: Expression, type: SqlType): Piece[] {
  const next = pieces`date(${at}, 'start of month', (${count} + 1) || ' months', '-1 day')`;
  // There is no month after the last that has a name.
  const last = ['coalesce(', ...next, `, '9999-12-31')`];
  const day = [...pieces`min(date(${at}, (${count}) || ' months'), `, ...last, ')'];
  return storedType(type).kind === 'plainDate' ? day : [...day, ` || strftime('T%H:%M:%f', `, at, ')'];
}

/** A span of a fixed length. */
export type DurationUnit = 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

const MILLISECONDS: Readonly<Record<DurationUnit, number>> = {
  week: 604_800_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

/**
 * How many whole units lie from one to the other, below 0 where the second is the earlier.
 *
 * @example
 * dateDiff('day', Order.c.placedAt, Order.c.sentAt)
 * // cast(round((julianday("orders"."sent_at") - julianday("orders"."placed_at")) * 86400000) as integer) / 86400000
 *
 * @throws ConfigurationError for another unit, and for what are no two dates of one type.
 */
export function dateDiff<V extends Temporal, W extends Temporal, S extends string, T extends string = never>(
  unit: DurationUnit,
  from: Expr<V, S>,
  to: (W & {}) | Expr<W, T>,
): Expr<number | Extract<V | W, null>, S | T> {
  const length = known(MILLISECONDS, unit, 'dateDiff()');
  const start = temporal(from, DAY_KINDS, 'dateDiff()');
  const end = operand(to, start.type, 'dateDiff()');
  if (!end.type || storedType(end.type).kind !== storedType(start.type!).kind) {
    throw new ConfigurationError(`dateDiff(): ${start.label} and ${end.label} are not of one type`);
  }
  const forms: Forms = {
    sqlite: (a, b) =>
      pieces`cast(round((julianday(${b}) - julianday(${a})) * 86400000) as integer)${new Fragment([` / ${length}`], undefined, ATOM)}`,
    postgres: (a, b) => [
      'cast(round(extract(epoch from cast(',
      ...local(b),
      ' as timestamp) - cast(',
      ...local(a),
      ` as timestamp)) * 1000) as bigint) / ${length}`,
    ],
  };
  return new DialectCall('dateDiff', forms, [start, end], integerType, OPERATOR);
}

function temporal(expr: unknown, kinds: readonly string[], where: string): Expression {
  const item = expressionOf(expr, where);
  if (item.type && kinds.includes(storedType(item.type).kind)) return item;
  const what = item.type ? nameOf(item.type) : 'of no known type: typed() gives it one';
  throw new ConfigurationError(
    `${where}: expected ${kinds.map((kind) => `${kind}()`).join(' or ')}; ${item.label} is ${what}`,
  );
}

function known<K extends string, T>(table: Readonly<Record<K, T>>, key: K, where: string): T {
  if (typeof key === 'string' && Object.hasOwn(table, key)) return table[key];
  throw new ConfigurationError(`${where}: expected one of ${Object.keys(table).join(', ')}`);
}
