// npm run bench:latency: how long a commit of 1 + 10 + 30 rows takes on PostgreSQL where a round trip takes 20 ms, beside
// other libraries in the same run. Those: npm ci --prefix bench/latency
import { Pool } from 'pg';
import { pg } from '../../adapters/pg/index.ts';
import { createAll, createEngine } from '../../src/index.ts';
import { startPostgres } from '../../test/support/postgres-server.ts';
import { type RtProxy, startRtProxy } from '../../test/support/rt-proxy.ts';
import { Model } from '../support/model.ts';
import { table } from '../support/print-table.ts';
import { clear, pgRaw, type Raw } from '../support/raw.ts';
import { type Client, clients, type Contender, newGraph, type Opened } from './contender.ts';

const LATENCY = 20;
const RUNS = 25;
/** How many times faster than the best of the others it is to be. */
const GOAL = 3;

interface Measured {
  readonly name: string;
  readonly trips: number;
  readonly milliseconds: number;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** A contender on a connection of its own, behind a proxy of its own. */
interface Entry {
  readonly name: string;
  readonly opened: Opened;
  readonly proxy: RtProxy;
  readonly times: number[];
}

async function enter({ name, open }: Contender, client: Client, url: string): Promise<Entry[]> {
  const openOn = open[client];
  if (!openOn) return [];
  const proxy = await startRtProxy({ target: url, latency: LATENCY / 2 });
  const through = new URL(url);
  through.port = String(proxy.port);
  const opened = await openOn(through.href);
  // The connection has done it before.
  for (const at of [0, 1, 2]) await opened.commit(newGraph(`warming ${name}`, at));
  proxy.reset();
  return [{ name, opened, proxy, times: [] }];
}

/** Fails unless every comment is where it belongs. */
async function check(name: string, raw: Raw): Promise<void> {
  const stored = `select count(*)::int from authors a join posts p on p.author_id = a.id and p.title like a.name || '/%'
    join comments c on c.post_id = p.id and c.body like p.title || '/%' where a.name like '${name} %'`;
  const [[rows] = []] = await raw.rows(stored);
  if (rows !== RUNS * 30)
    throw new Error(`${name} stored ${String(rows)} comments where they belong, not ${RUNS * 30}`);
}

const names = ['cinnabar', 'kysely', 'drizzle', 'mikro-orm'];
const contenders = await Promise.all(
  names.map(async (name) => ((await import(`./contenders/${name}.ts`)) as { default: Contender }).default),
);

/** Round after round, in each of which every contender commits once: what else the machine does falls on all alike. */
async function measureAll(client: Client, url: string, raw: Raw): Promise<Measured[]> {
  await raw.run(['truncate authors cascade']);
  const entries: Entry[] = [];
  for (const contender of contenders) entries.push(...(await enter(contender, client, url)));
  for (let round = 0; round < RUNS; round++) {
    for (const { name, opened, times } of entries) {
      const graph = newGraph(name, round);
      const start = performance.now();
      await opened.commit(graph);
      times.push(performance.now() - start);
    }
  }
  for (const { name, opened, proxy } of entries) {
    await opened.close();
    await proxy.close();
    await check(name, raw);
  }
  return entries.map(({ name, proxy, times }) => ({ name, trips: proxy.trips / RUNS, milliseconds: median(times) }));
}

await using server = await startPostgres();
const direct = new Pool({ connectionString: server.url, max: 1, pipeline: true });
await clear(pgRaw(direct));
await createAll(createEngine(pg(direct)), Model.metadata);
const missed: string[] = [];
for (const client of clients) {
  const [own, ...others] = await measureAll(client, server.url, pgRaw(direct));
  const best = Math.min(...others.map(({ milliseconds }) => milliseconds));
  console.log(`\n${client}: a commit of 1 + 10 + 30 rows where a round trip takes ${LATENCY} ms, median of ${RUNS}\n`);
  const rows = [own!, ...others].map(({ name, trips, milliseconds }) => [
    name,
    trips.toFixed(1),
    milliseconds.toFixed(1),
    (milliseconds / own!.milliseconds).toFixed(2),
  ]);
  console.log(table(['', 'round trips', 'ms', 'times ours'], rows));
  const ratio = best / own!.milliseconds;
  console.log(`The best of the others takes ${ratio.toFixed(2)} times as long; required: ${GOAL}`);
  if (ratio < GOAL) missed.push(`${client}: ${ratio.toFixed(2)} times as fast as the best of the others, not ${GOAL}`);
}
await direct.end();
if (missed.length > 0) {
  console.error(`\nMISSED\n${missed.join('\n')}`);
  process.exitCode = 1;
}
