// Runs the conformance suite on every driver in every runtime that it is meant for, prints a table, and writes it into
// docs/drivers.md.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ConformanceResult } from 'cinnabar/testing';
import { runConformanceIn, type Runtime } from '../runtimes/run-conformance.ts';
import { startSqld } from '../support/sqld.ts';
import { startInWorkerd } from './in-workerd.ts';

const page = fileURLToPath(new URL('../../docs/drivers.md', import.meta.url));
const marks = ['<!-- conformance -->', '<!-- /conformance -->'] as const;

const server = await startSqld();
const folder = await mkdtemp(join(tmpdir(), 'cinnabar-conformance-'));
const workerd = await startInWorkerd();

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
];

const inWorkerd: readonly (readonly [shown: string, over: string, address: string])[] = [
  ['libsql', 'the web client, HTTP', server.url],
  ['libsql', 'the web client, WebSocket', server.wsUrl],
  ['d1', 'a binding', 'binding'],
  ['d1', 'a session', 'session'],
  ['durable-object', 'the storage of an object', 'object'],
];

/** Cases that were skipped, by the reason. */
function reasons(results: readonly ConformanceResult[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of results) if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count}: ${reason}`).join('; ');
}

const lines = ['| driver | over | in | passed | skipped |', '|---|---|---|---:|---|'];
let failed = 0;

function report(driver: string, over: string, runtime: string, results: readonly ConformanceResult[]): void {
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
    report(shown, over, runtime, await runConformanceIn(runtime, driver, address(runtime)));
}
for (const [shown, over, address] of inWorkerd) report(shown, over, 'workerd', await workerd.run(address));

await workerd[Symbol.asyncDispose]();
await server.stop();
await rm(folder, { recursive: true, force: true });

const text = await readFile(page, 'utf8');
const [before, after] = [text.indexOf(marks[0]) + marks[0].length, text.indexOf(marks[1])];
if (failed === 0) await writeFile(page, `${text.slice(0, before)}\n\n${lines.join('\n')}\n\n${text.slice(after)}`);
process.exitCode = failed === 0 ? 0 : 1;
