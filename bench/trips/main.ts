// npm run bench:trips: round trips, counted outside the library, and wall time where one takes 20 ms.
import { createClient } from '@libsql/client';
import { libsql } from '../../adapters/libsql/index.ts';
import { startRtProxy } from '../../test/support/rt-proxy.ts';
import { startSqld } from '../../test/support/sqld.ts';
import { table } from '../support/print-table.ts';
import { libsqlRaw } from '../support/raw.ts';
import { startWorker } from '../support/worker.ts';
import { measure, type Measured } from './measure.ts';
import { type Backend, workloads } from './workloads.ts';

const LATENCY = 20;

async function overHttp(): Promise<Measured[]> {
  await using server = await startSqld();
  const direct = createClient({ url: server.url });
  const measured: Measured[] = [];
  for (const latency of [0, LATENCY / 2]) {
    await using proxy = await startRtProxy({ target: server.url, latency });
    const client = createClient({ url: proxy.url });
    for (const workload of workloads) {
      measured.push(await measure(workload, libsql(client), proxy, libsqlRaw(direct)));
    }
    client.close();
  }
  direct.close();
  return measured;
}

async function onD1(): Promise<Measured[]> {
  await using worker = await startWorker(new URL('./worker.ts', import.meta.url));
  return await worker.ask({ latency: LATENCY });
}

const backends: readonly [Backend, Measured[]][] = [
  ['D1', await onD1()],
  ['libSQL over HTTP', await overHttp()],
];

const faults: string[] = [];
for (const [backend, measured] of backends) {
  console.log(`\n${backend}: round trips, and milliseconds of wall time where one takes ${LATENCY}\n`);
  const rows = workloads.flatMap(({ name, trips, peer }) => {
    const runs = measured.filter(({ workload }) => workload === name);
    for (const run of runs) {
      if (run.trips !== trips) faults.push(`${backend}: ${name}: ${run.trips} round trips instead of ${trips}`);
      if (run.said !== run.trips) faults.push(`${backend}: ${name}: the session says ${run.said} round trips`);
      if (run.fault) faults.push(`${backend}: ${name}: ${run.fault}`);
    }
    const last = runs.at(-1);
    return last ? [[name, String(last.trips), String(trips), last.milliseconds.toFixed(0), peer[backend]]] : [];
  });
  console.log(table(['workload', 'trips', 'required', 'ms', 'best peer, trips'], rows));
}

if (faults.length > 0) {
  console.error(`\nMISSED\n${faults.join('\n')}`);
  process.exitCode = 1;
} else console.log('\nAll as required; the data was checked by plain SQL.');
