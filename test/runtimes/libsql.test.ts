import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ConformanceTotals } from 'cinnabar/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../guards/project.ts';
import { type Sqld, startSqld } from '../support/sqld.ts';

const script = fileURLToPath(new URL('./conformance.ts', import.meta.url));

let server: Sqld;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cinnabar-runtimes-'));
  server = await startSqld();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly totals: ConformanceTotals;
  readonly failures: readonly string[];
}

function conformance(command: readonly string[], url: string): Promise<Outcome> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const path = join(root, 'node_modules/.bin', program!);
    execFile(path, [...args, script, url], { cwd: root }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(JSON.parse(stdout) as Outcome);
    });
  });
}

const runtimes = { Deno: ['deno', 'run', '-A'], Bun: ['bun', 'run'] };

test.for(
  (['Deno', 'Bun'] as const).flatMap((runtime) =>
    (['HTTP', 'WebSocket', 'a file'] as const).map((way) => [runtime, way] as const),
  ),
)('libsql passes the suite in %s over %s', { timeout: 60_000 }, async ([runtime, way]) => {
  const file = pathToFileURL(join(folder, `${runtime}.db`)).href;
  const url = { 'HTTP': server.url, 'WebSocket': server.wsUrl, 'a file': file }[way];
  const { totals, failures } = await conformance(runtimes[runtime], url);
  expect(failures).toEqual([]);
  expect(totals.passed).toBeGreaterThan(40);
});
