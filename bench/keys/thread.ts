import { parentPort, workerData } from 'node:worker_threads';
import { createClient } from '@libsql/client';
import { libsql } from '../../adapters/libsql/index.ts';
import { runWriter } from './writers.ts';

/** One writer in a thread of its own: the embedded client holds up the one it runs in. */
export interface ThreadData {
  readonly url: string;
  readonly writer: number;
  readonly rounds: number;
}

const { url, writer, rounds } = workerData as ThreadData;
const client = createClient({ url });
// A connection of this client that was once refused cannot commit again: tursodatabase/libsql-client-ts#352.
const units = await runWriter(libsql(client), writer, rounds, () => client.reconnect());
client.close();
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(units);
