// A process that migrates: driver and address. It is told up to which round, says 'holding' while it is within the data step
// of that round, and in the end what it applied.
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngine, type Driver } from 'cinnabar';
import { data, execute, migrate, revision, type Revision } from 'cinnabar/migrate';

const [kind = '', address = ''] = process.argv.slice(2);

/** What a process is told: up to which round, and for how long its last data step takes. */
export interface Round {
  readonly round: number;
  readonly hold: number;
}

/** Two revisions of a round: one that counts by SQL, and one that reads, waits and writes: done twice, it shows. */
function revisionsOf({ round: count, hold }: Round): readonly Revision[] {
  const start = revision({
    id: 'start',
    up: [execute('create table counters (n integer); insert into counters values (0)')],
  });
  const later = Array.from({ length: count }, (_, at): Revision[] => [
    revision({
      id: `sql${at}`,
      parents: [at === 0 ? 'start' : `data${at - 1}`],
      up: [execute('update counters set n = n + 1')],
    }),
    revision({
      id: `data${at}`,
      parents: [`sql${at}`],
      up: [
        data('count on', async (db) => {
          const [row] = await db.rows('select n from counters');
          if (at === count - 1) process.send!('holding');
          await sleep(at === count - 1 ? hold : 5);
          await db.execute(`update counters set n = ${Number(row![0]) + 100}`);
        }),
      ],
    }),
  ]);
  return [start, ...later.flat()];
}

async function open(): Promise<Driver> {
  if (kind === 'libsql') {
    const [{ createClient }, { libsql }] = await Promise.all([import('@libsql/client'), import('cinnabar/libsql')]);
    return libsql(createClient({ url: address }));
  }
  if (kind === 'pg') {
    const [{ Pool }, { pg }] = await Promise.all([import('pg'), import('cinnabar/pg')]);
    return pg(new Pool({ connectionString: address, pipeline: true }));
  }
  const [{ DatabaseSync }, { nodeSqlite }] = await Promise.all([import('node:sqlite'), import('cinnabar/node-sqlite')]);
  return nodeSqlite(new DatabaseSync(address));
}

const driver = await open();
process.on('disconnect', () => process.exit());
process.on('message', (round: Round) => {
  const done = migrate(createEngine(driver), revisionsOf(round), 'head', { wait: 120_000 });
  done.then(
    ({ ran }) => process.send!(ran),
    (error: unknown) => process.send!({ failure: String(error) }),
  );
});
