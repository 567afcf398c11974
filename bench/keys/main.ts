// npm run bench:keys: eight writers at once; every link that they made is judged by plain SQL.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Client, createClient } from '@libsql/client';
import { libsql } from '../../adapters/libsql/index.ts';
import { startSqld } from '../../test/support/sqld.ts';
import { table } from '../support/print-table.ts';
import { libsqlRaw } from '../support/raw.ts';
import { startWorker } from '../support/worker.ts';
import { raceOnFile } from './threads.ts';
import { faultsOf, type Judged, race } from './writers.ts';

const LINKS = 10_000;

async function onFile(): Promise<Judged[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cinnabar-keys-'));
  try {
    return await raceOnFile(pathToFileURL(join(folder, 'keys.db')).href, LINKS);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function overHttp(): Promise<Judged[]> {
  await using server = await startSqld();
  const clients: Client[] = [];
  const open = (): Client => {
    const client = createClient({ url: server.url });
    clients.push(client);
    return client;
  };
  const judged = await race(() => libsql(open()), libsqlRaw(open()), LINKS);
  for (const client of clients) client.close();
  return judged;
}

async function onD1(): Promise<Judged[]> {
  await using worker = await startWorker(new URL('./worker.ts', import.meta.url));
  return await worker.ask({ links: LINKS });
}

const backends: readonly [string, () => Promise<Judged[]>][] = [
  ['libSQL, a file', onFile],
  ['libSQL over HTTP', overHttp],
  ['D1 in workerd', onD1],
];

const faults: string[] = [];
for (const [backend, run] of backends) {
  const start = performance.now();
  const judged = await run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`\n${backend}: 8 writers, units of 20 parents with 3 children each, ${seconds} s\n`);
  const rows = judged.map((each) => [
    each.kind,
    ...[each.committed, each.refused, each.waits, each.links, each.wrongLinks, each.lost, each.ghosts].map(String),
    each.refusals.join('; '),
  ]);
  console.log(table(['unit', 'committed', 'refused', 'waits', 'links', 'wrong', 'lost', 'ghosts', 'refusals'], rows));
  const sum = (what: 'links' | 'wrongLinks'): number => judged.reduce((total, each) => total + each[what], 0);
  console.log(`${sum('wrongLinks')} wrong links of ${sum('links')}`);
  faults.push(...faultsOf(judged, LINKS).map((fault) => `${backend}: ${fault}`));
}

if (faults.length > 0) {
  console.error(`\nMISSED\n${faults.join('\n')}`);
  process.exitCode = 1;
} else console.log('\nEach commit right and whole, or refused and nothing of it there.');
