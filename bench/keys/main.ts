// npm run bench:keys: eight writers at once; every link that they made is judged by plain SQL.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Client, createClient } from '@libsql/client';
import { Pool } from 'pg';
import { libsql } from '../../adapters/libsql/index.ts';
import { pg } from '../../adapters/pg/index.ts';
import { startEmbeddedPostgres } from '../../test/support/postgres-server.ts';
import { startSqld } from '../../test/support/sqld.ts';
import { table } from '../support/print-table.ts';
import { libsqlRaw, pgRaw } from '../support/raw.ts';
import { startWorker } from '../support/worker.ts';
import { postgresKinds } from './postgres-kinds.ts';
import { raceOnFile } from './threads.ts';
import { faultsOf, type Judged, race } from './writers.ts';

const LINKS = 10_000;
const POSTGRES_LINKS = 19_200;

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

async function onPostgres(server: string): Promise<Judged[]> {
  const admin = new Pool({ connectionString: server, max: 1 });
  const name = `cinnabar_keys_${process.pid}`;
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = new Pool({ connectionString: url.href, pipeline: true, max: 8 });
  try {
    return await race(() => pg(pool), pgRaw(pool), POSTGRES_LINKS, postgresKinds);
  } finally {
    await pool.end();
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  }
}

async function onEmbeddedPostgres(): Promise<Judged[]> {
  await using server = await startEmbeddedPostgres();
  return await onPostgres(server.url);
}

const given = process.env['TEST_POSTGRES_URL'];

const backends: readonly (readonly [string, () => Promise<Judged[]>])[] = [
  ['libSQL, a file', onFile],
  ['libSQL over HTTP', overHttp],
  ['D1 in workerd', onD1],
  ['PostgreSQL 18', onEmbeddedPostgres],
  ...(given ? [['the PostgreSQL of TEST_POSTGRES_URL', () => onPostgres(given)] as const] : []),
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
