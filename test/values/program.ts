// Sends values there and back in a process of its own, and prints what the zone and the language of the process are, how many
// values came back, and a digest of what the database has stored for some.
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { createAll, createEngine, select, Session, sql, when } from 'cinnabar';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { valueOf } from './kind.ts';
import { Carried, kindsOf, metadata } from './model.ts';
import { Random } from './random.ts';
import { roundTrips } from './round-trips.ts';

const [seed = 1, values = 1000] = process.argv.slice(2).map(Number);
const { values: sent } = await roundTrips(nodeSqlite(new DatabaseSync(':memory:')), { seed, values });

const database = new DatabaseSync(':memory:');
const engine = createEngine(nodeSqlite(database));
await createAll(engine, metadata);
const random = new Random(seed);
const session = new Session(engine);
for (let row = 0; row < 50; row++) {
  const given = Object.entries(kindsOf.Carried).map(([name, kind]) => [name, valueOf(kind, random)]);
  session.add(new Carried(Object.fromEntries(given) as never));
}
await session.commit();
const statement = database.prepare('select * from carried order by id');
statement.setReadBigInts(true);
const stored = JSON.stringify(statement.all(), (_, value: unknown) =>
  typeof value === 'bigint' ? `${value}n` : value,
);

// A text without a zone, whose type the date beside it gives.
const never = sql<boolean>`1 = 0`;
const [row] = await engine.all(
  select({ at: when(never, new Date(0)).else(sql<Date>`datetime('2020-01-31 01:02:03')`) }),
);

const { timeZone, locale } = new Intl.DateTimeFormat().resolvedOptions();
const digest = createHash('sha256').update(stored).digest('hex');
console.log(JSON.stringify({ timeZone, locale, values: sent, digest, at: row!.at }));
