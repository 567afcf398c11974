// npm run bench:trips: round trips, counted outside the library, and wall time where one takes 20 ms.
import { createClient } from '@libsql/client';
import { Pool } from 'pg';
import { libsql } from '../../adapters/libsql/index.ts';
import { startPostgres } from '../../test/support/postgres-server.ts';
import { ways } from '../../test/support/postgres-ways.ts';
import { startRtProxy } from '../../test/support/rt-proxy.ts';
import { startSqld } from '../../test/support/sqld.ts';
import { table } from '../support/print-table.ts';
import { libsqlRaw, pgRaw } from '../support/raw.ts';
import { startWorker } from '../support/worker.ts';
import { clients, startHyperdriveBench } from './hyperdrive.ts';
import { measure, type Measured, workloadsFor } from './measure.ts';
import { type Backend, requiredTrips, type Workload, workloads } from './workloads.ts';

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

interface Run {
  readonly name: string;
  /** Whose peers it is compared with. */
  readonly backend: Backend;
  readonly required: (workload: Workload) => number;
  readonly measured: readonly Measured[];
}

const oneTrip = { capabilities: { oneTrip: true } } as Parameters<typeof requiredTrips>[1];
const inOne = (workload: Workload): number => requiredTrips(workload, oneTrip);

/** Every way to PostgreSQL, each on connections that have sent nothing before but a look at the tables. */
async function onPostgres(url: string): Promise<Run[]> {
  const direct = new Pool({ connectionString: url, max: 1 });
  const runs: Run[] = [];
  for (const [name, open] of Object.entries(ways)) {
    const measured: Measured[] = [];
    let required = inOne;
    for (const workload of workloads) {
      await using proxy = await startRtProxy({ target: url, latency: LATENCY / 2 });
      const through = new URL(url);
      through.port = String(proxy.port);
      const { driver, close, proxy: network = proxy } = await open(through.href, url, LATENCY / 2);
      required = (each) => requiredTrips(each, driver);
      if (workloadsFor(driver).includes(workload)) {
        measured.push(await measure(workload, driver, network, pgRaw(direct)));
      }
      await close();
    }
    runs.push({ name: `PostgreSQL, ${name}`, backend: 'PostgreSQL', required, measured });
  }
  await direct.end();
  return runs;
}

async function onHyperdrive(url: string): Promise<Run[]> {
  await using bench = await startHyperdriveBench(url, LATENCY / 2);
  const runs: Run[] = [];
  for (const client of clients) {
    const measured: Measured[] = [];
    for (const { name } of workloads) measured.push(await bench.measure(client, name));
    runs.push({
      name: `PostgreSQL, ${client} in a Worker with Hyperdrive`,
      backend: 'PostgreSQL',
      required: inOne,
      measured,
    });
  }
  return runs;
}

async function allOnPostgres(): Promise<Run[]> {
  await using server = await startPostgres();
  return [...(await onPostgres(server.url)), ...(await onHyperdrive(server.url))];
}

const runs: readonly Run[] = [
  { name: 'D1', backend: 'D1', required: inOne, measured: await onD1() },
  { name: 'libSQL over HTTP', backend: 'libSQL over HTTP', required: inOne, measured: await overHttp() },
  ...(await allOnPostgres()),
];

const faults: string[] = [];
for (const { name: way, backend, required, measured } of runs) {
  console.log(`\n${way}: round trips, and milliseconds of wall time where one takes ${LATENCY}\n`);
  const rows = workloads.flatMap((workload) => {
    const { name, peer } = workload;
    const trips = required(workload);
    const found = measured.filter((each) => each.workload === name);
    for (const run of found) {
      if (run.trips !== trips) faults.push(`${way}: ${name}: ${run.trips} round trips instead of ${trips}`);
      if (run.said !== run.trips) faults.push(`${way}: ${name}: the session says ${run.said} round trips`);
      if (run.fault) faults.push(`${way}: ${name}: ${run.fault}`);
    }
    const last = found.at(-1);
    return last ? [[name, String(last.trips), String(trips), last.milliseconds.toFixed(0), peer[backend]]] : [];
  });
  console.log(table(['workload', 'trips', 'required', 'ms', 'best peer, trips'], rows));
}

if (faults.length > 0) {
  console.error(`\nMISSED\n${faults.join('\n')}`);
  process.exitCode = 1;
} else console.log('\nAll as required; the data was checked by plain SQL.');
