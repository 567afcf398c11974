import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createClient } from '@libsql/client';
import { libsql } from '../../adapters/libsql/index.ts';
import { libsqlRaw } from '../support/raw.ts';
import type { ThreadData } from './thread.ts';
import { type Judged, judge, roundsFor, setUp, type Unit, WRITERS } from './writers.ts';

/** Eight writers, each in a thread of its own, on one file. */
export async function raceOnFile(url: string, links: number): Promise<Judged[]> {
  const client = createClient({ url });
  try {
    // So that readers and a writer do not wait for each other.
    await client.execute('pragma journal_mode = wal');
    await setUp(libsql(client), libsqlRaw(client));
    const run = async (writer: number): Promise<Unit[]> => {
      const workerData: ThreadData = { url, writer, rounds: roundsFor(links) };
      const [units] = (await once(new Worker(new URL('./thread.ts', import.meta.url), { workerData }), 'message')) as [
        Unit[],
      ];
      return units;
    };
    const units = await Promise.all(Array.from({ length: WRITERS }, (_, at) => run(at)));
    return await judge(units.flat(), libsqlRaw(client));
  } finally {
    client.close();
  }
}
