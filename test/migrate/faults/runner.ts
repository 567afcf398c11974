// A process that migrates: driver, address, and up to which round. It says 'holding' while it is within the data step.
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngine, type Driver } from 'cinnabar';
import { data, execute, migrate, revision, type Revision } from 'cinnabar/migrate';

const [kind = '', address = '', rounds = '1', hold = ''] = process.argv.slice(2);

/** Two revisions of a round: one that counts by SQL, and one that reads, waits and writes: done twice, it shows. */
function revisionsOf(count: number): readonly Revision[] {
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
          if (at === count - 1) process.stdout.write('holding\n');
          await sleep(hold && at === count - 1 ? Number(hold) : 5);
          await db.execute(`update counters set n = ${Number(row![0]) + 100}`);
        }),
      ],
    }),
  ]);
  return [start, ...later.flat()];
}

async function open(): Promise<{ driver: Driver; close(): unknown }> {
  if (kind === 'libsql') {
    const [{ createClient }, { libsql }] = await Promise.all([import('@libsql/client'), import('cinnabar/libsql')]);
    return { driver: libsql(createClient({ url: address })), close: () => {} };
  }
  if (kind === 'pg') {
    const [{ Pool }, { pg }] = await Promise.all([import('pg'), import('cinnabar/pg')]);
    const pool = new Pool({ connectionString: address, pipeline: true });
    return { driver: pg(pool), close: () => pool.end() };
  }
  const [{ DatabaseSync }, { nodeSqlite }] = await Promise.all([import('node:sqlite'), import('cinnabar/node-sqlite')]);
  return { driver: nodeSqlite(new DatabaseSync(address)), close: () => {} };
}

const { driver, close } = await open();
const { ran } = await migrate(createEngine(driver), revisionsOf(Number(rounds)), 'head', { wait: 120_000 });
await close();
process.stdout.write(`${JSON.stringify(ran)}\n`);
