// Sends values of Temporal there and back, in a runtime that has it, and prints how many and what was refused.
import { DatabaseSync } from 'node:sqlite';
import {
  createAll,
  createEngine,
  declarativeBase,
  insert,
  integer,
  isCinnabarError,
  max,
  select,
  Session,
  temporalDuration,
  type TemporalInstant,
  temporalInstant,
  temporalPlainDate,
  temporalPlainDateTime,
  temporalPlainTime,
  type TemporalValue,
} from 'cinnabar';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { type Kind, valueOf } from './kind.ts';
import { Random } from './random.ts';
import { interval, plainDate, plainDateTime, plainTime, timestamp } from './time-kinds.ts';

interface Classes {
  readonly Instant: { from(text: string): TemporalInstant };
  readonly PlainDate: { from(text: string): TemporalValue };
  readonly PlainDateTime: { from(text: string): TemporalValue };
  readonly PlainTime: { from(text: string): TemporalValue };
  readonly Duration: { from(text: string): TemporalValue };
}
const { Temporal } = globalThis as unknown as { readonly Temporal: Classes };

const Model = declarativeBase();
class Moment extends Model('moments', {
  id: integer().primaryKey(),
  instant: temporalInstant(),
  date: temporalPlainDate(),
  dateTime: temporalPlainDateTime(),
  time: temporalPlainTime(),
  duration: temporalDuration(),
}) {}

const [seed = 1, rows = 200] = process.argv.slice(2).map(Number);
const random = new Random(seed);
const textOf = (kind: Kind): string => {
  const value = valueOf(kind, random);
  return value instanceof Date ? value.toISOString() : String(value);
};
const given = random.list(rows, () => ({
  instant: Temporal.Instant.from(textOf(timestamp)),
  date: Temporal.PlainDate.from(textOf(plainDate)),
  dateTime: Temporal.PlainDateTime.from(textOf(plainDateTime)),
  time: Temporal.PlainTime.from(textOf(plainTime)),
  duration: Temporal.Duration.from(textOf(interval)),
}));

const engine = createEngine(nodeSqlite(new DatabaseSync(':memory:')));
await createAll(engine, Model.metadata);
const session = new Session(engine);
const written = given.map((values, at) => new Moment({ id: at + 1, ...values }));
session.addAll(written);
await session.commit();
await engine.run(insert(Moment).values({ id: rows + 1, ...given[0]! }));

let same = 0;
const other = new Session(engine);
const read = await other.query(Moment).orderBy(Moment.c.id).all();
const latest = await engine.all(
  select({ most: max(Moment.c.instant) })
    .from(Moment)
    .groupBy(Moment.c.id)
    .orderBy(Moment.c.id),
);
for (const [at, values] of [...given, given[0]!].entries()) {
  const entity = read[at]!;
  for (const name of ['instant', 'date', 'dateTime', 'time'] as const) {
    const [found, wanted] = [entity[name], values[name]];
    if (String(found) !== String(wanted) || found.constructor !== wanted.constructor) {
      throw new Error(`${name}: expected ${String(wanted)}, got ${String(found)}`);
    }
    same += 1;
  }
  if (interval.stored!(String(entity.duration) as never) !== interval.stored!(String(values.duration) as never)) {
    throw new Error(`duration: expected ${String(values.duration)}, got ${String(entity.duration)}`);
  }
  same += 1;
  if (String(latest[at]!.most) !== String(values.instant)) throw new Error('max(): another instant');
  // What was given and what comes back are one value.
  Object.assign(entity, values);
}
const trips = engine.roundTrips;
await other.commit();
if (engine.roundTrips !== trips) throw new Error('something looks changed');
const found = await engine.all(select({ id: Moment.c.id }).where(Moment.c.duration.eq(given[0]!.duration)));
if (!found.some(({ id }) => id === rows + 1)) throw new Error('eq() did not find a duration');

const json = JSON.parse(JSON.stringify(read[0])) as Record<string, string>;
if (json['instant'] !== new Date(String(given[0]!.instant)).toISOString())
  throw new Error(`toJSON: ${json['instant']}`);

const bad: readonly (readonly [string, unknown])[] = [
  ['instant', Temporal.Instant.from('2020-01-01T00:00:00.0001Z')],
  ['instant', Temporal.Instant.from('-000001-12-31T00:00:00Z')],
  ['instant', new Date(0)],
  ['instant', '2020-01-01T00:00:00Z'],
  ['date', Temporal.PlainDate.from('2020-01-01[u-ca=hebrew]')],
  ['date', Temporal.PlainDate.from('+010000-01-01')],
  ['date', Temporal.PlainDateTime.from('2020-01-01T00:00:00')],
  ['dateTime', Temporal.PlainDateTime.from('2020-01-01T00:00:00.0000001')],
  ['time', Temporal.PlainTime.from('10:00:00.0001')],
  ['duration', Temporal.Duration.from('PT0.0000001S')],
  ['duration', 'PT1S'],
];
let refused = 0;
for (const [name, value] of bad) {
  try {
    session.add(new Moment({ ...given[0]!, [name]: value }));
  } catch (error) {
    if (isCinnabarError(error, 'InvalidValueError') && error.message.includes(`Moment.${name}: expected a Temporal.`)) {
      refused += 1;
    }
  }
}
console.log(JSON.stringify({ same, refused, of: bad.length }));
