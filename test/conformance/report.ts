// Runs the conformance suite on every driver in every runtime that it is meant for, prints a table, and writes it into
// docs/drivers.md.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ConformanceResult } from 'cinnabar/testing';
import { postgresDialect } from '../../src/dialect/postgres/index.ts';
import { postgresForms } from '../../src/testing/forms/postgres.ts';
import { runConformanceIn, type Runtime } from '../runtimes/run-conformance.ts';
import { startNeonGateway } from '../support/neon-gateway.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { startSqld } from '../support/sqld.ts';
import { startInWorkerd } from './in-workerd.ts';
import { startPostgresInWorkerd } from './postgres-in-workerd.ts';
import type { WorkerWay } from './postgres-worker.ts';

const page = fileURLToPath(new URL('../../docs/drivers.md', import.meta.url));
const marks = ['<!-- conformance -->', '<!-- /conformance -->'] as const;

const server = await startSqld();
const folder = await mkdtemp(join(tmpdir(), 'cinnabar-conformance-'));
const workerd = await startInWorkerd();
const postgres = await startPostgres();
const gateway = await startNeonGateway(postgres.url);
const postgresInWorkerd = await startPostgresInWorkerd(postgres.url);

type Way = readonly [shown: string, over: string, driver: string, address: (runtime: string) => string];

const ways: readonly (readonly [...Way, runtimes: readonly Runtime[]])[] = [
  [
    'libsql',
    'a file',
    'libsql',
    (runtime) => pathToFileURL(join(folder, `libsql-${runtime}`)).href,
    ['Node', 'Deno', 'Bun'],
  ],
  ['libsql', 'memory', 'libsql', () => ':memory:', ['Node']],
  ['libsql', 'HTTP', 'libsql', () => server.url, ['Node', 'Deno', 'Bun']],
  ['libsql', 'WebSocket', 'libsql', () => server.wsUrl, ['Node', 'Deno', 'Bun']],
  ['libsql', 'the web client, HTTP', 'libsql-web', () => server.url, ['Node']],
  ['libsql', 'the web client, WebSocket', 'libsql-web', () => server.wsUrl, ['Node']],
  [
    'libsql',
    'an embedded replica',
    'libsql-replica',
    () => `${pathToFileURL(join(folder, 'replica.db')).href} ${server.url}`,
    ['Node'],
  ],
  [
    'node-sqlite',
    'a file',
    'node-sqlite',
    (runtime) => join(folder, `node-sqlite-${runtime}.db`),
    ['Node', 'Deno', 'Bun'],
  ],
  ['node-sqlite', 'memory', 'node-sqlite', () => ':memory:', ['Node', 'Deno', 'Bun']],
  ['pg', 'TCP', 'pg', () => postgres.url, ['Node', 'Deno', 'Bun']],
  ['pg', 'TCP, without `pipeline`', 'pg-one-by-one', () => postgres.url, ['Node']],
  ['postgres', 'TCP', 'postgres', () => postgres.url, ['Node', 'Deno', 'Bun']],
  ['neon', 'HTTP', 'neon', () => `${postgres.url} ${gateway.httpUrl}`, ['Node', 'Deno', 'Bun']],
  ['neonPool', 'WebSocket', 'neon-pool', () => `${postgres.url} ${gateway.wsProxy}`, ['Node', 'Deno', 'Bun']],
  ['pglite', 'memory', 'pglite', () => 'memory', ['Node', 'Deno', 'Bun']],
];

const inWorkerd: readonly (readonly [shown: string, over: string, address: string])[] = [
  ['libsql', 'the web client, HTTP', server.url],
  ['libsql', 'the web client, WebSocket', server.wsUrl],
  ['d1', 'a binding', 'binding'],
  ['d1', 'a session', 'session'],
  ['durable-object', 'the storage of an object', 'object'],
];

const postgresWorkers: readonly (readonly [shown: string, over: string, way: WorkerWay])[] = [
  ['pg', 'Hyperdrive', 'pg'],
  ['postgres', 'Hyperdrive', 'postgres'],
  ['neon', 'HTTP', 'neon'],
  ['neonPool', 'WebSocket', 'neon-pool'],
];

const aboutSqlite = new Set<string | undefined>(Object.values(postgresForms(postgresDialect).lacks));

/** Cases that were skipped, by the reason. */
function reasons(results: readonly ConformanceResult[]): string {
  const counts = new Map<string, number>();
  for (const { status, reason = '' } of results) {
    if (status !== 'skipped') continue;
    const shown = aboutSqlite.has(reason) ? 'what SQLite alone has' : reason;
    counts.set(shown, (counts.get(shown) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `${count}: ${reason}`).join('; ');
}

const text = await readFile(page, 'utf8');
const [before, after] = [text.indexOf(marks[0]) + marks[0].length, text.indexOf(marks[1])];
/** The lines of the page, by what they are about. */
const known = new Map(
  text
    .slice(before, after)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => [line.split('|').slice(1, 4).join('|'), line]),
);
/** `npm run conformance pg pglite` runs those drivers alone, and leaves the other lines as they are. */
const only = process.argv.slice(2);
const isWanted = (driver: string): boolean => only.length === 0 || only.includes(driver);

const lines = ['| driver | over | in | passed | skipped |', '|---|---|---|---:|---|'];
let failed = 0;

async function report(
  driver: string,
  over: string,
  runtime: string,
  run: () => Promise<readonly ConformanceResult[]>,
): Promise<void> {
  const kept = known.get([driver, over, runtime].map((cell) => ` ${cell} `).join('|'));
  if (kept && !isWanted(driver)) return void lines.push(kept);
  const results = await run();
  const count = (wanted: ConformanceResult['status']): number =>
    results.filter(({ status }) => status === wanted).length;
  failed += count('failed');
  const line = `| ${driver} | ${over} | ${runtime} | ${count('passed')} | ${reasons(results) || '–'} |`;
  lines.push(line);
  console.log(line);
  for (const { name, error, status } of results)
    if (status === 'failed') console.log(`  failed: ${name}\n${String(error)}`);
}

console.log(lines.join('\n'));
for (const [shown, over, driver, address, runtimes] of ways) {
  for (const runtime of runtimes)
    await report(shown, over, runtime, () => runConformanceIn(runtime, driver, address(runtime)));
}
for (const [shown, over, address] of inWorkerd) await report(shown, over, 'workerd', () => workerd.run(address));
for (const [shown, over, way] of postgresWorkers)
  await report(shown, over, 'workerd', () => postgresInWorkerd.run(way));

await postgresInWorkerd[Symbol.asyncDispose]();
await gateway[Symbol.asyncDispose]();
await postgres[Symbol.asyncDispose]();
await workerd[Symbol.asyncDispose]();
await server.stop();
await rm(folder, { recursive: true, force: true });

if (failed === 0) await writeFile(page, `${text.slice(0, before)}\n\n${lines.join('\n')}\n\n${text.slice(after)}`);
process.exitCode = failed === 0 ? 0 : 1;
