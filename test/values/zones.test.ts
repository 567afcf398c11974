import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleProgram } from './bundle.ts';

const run = promisify(execFile);
const environments = [
  { TZ: 'UTC', LC_ALL: 'en_US.UTF-8' },
  { TZ: 'America/New_York', LC_ALL: 'en_US.UTF-8' },
  { TZ: 'Asia/Kolkata', LC_ALL: 'hi_IN.UTF-8' },
  { TZ: 'Pacific/Apia', LC_ALL: 'en_US.UTF-8' },
  { TZ: 'Australia/Lord_Howe', LC_ALL: 'en_US.UTF-8' },
  { TZ: 'Europe/Istanbul', LC_ALL: 'tr_TR.UTF-8' },
  { TZ: 'Asia/Tehran', LC_ALL: 'fa_IR.UTF-8' },
];

let dir: string;
let program: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cinnabar-values-'));
  program = await bundleProgram('program.ts', dir);
});
afterAll(() => rm(dir, { recursive: true }));

interface Printed {
  readonly timeZone: string;
  readonly locale: string;
  readonly values: number;
  readonly digest: string;
  readonly at: string;
}

test('values depend neither on the zone nor on the language of the process', { timeout: 120_000 }, async () => {
  const printed = await Promise.all(
    environments.map(async (env) => {
      const { stdout } = await run(process.execPath, [program, '7', '3000'], { env: { ...process.env, ...env } });
      return JSON.parse(stdout) as Printed;
    }),
  );

  // The processes were in these zones, and not all of one language.
  expect(new Set(printed.map(({ timeZone }) => timeZone)).size).toBe(environments.length);
  expect(new Set(printed.map(({ locale }) => locale)).size).toBeGreaterThan(3);
  for (const { values, digest, at } of printed) {
    expect(at).toBe('2020-01-31T01:02:03.000Z');
    expect(values).toBeGreaterThanOrEqual(3000);
    expect(digest).toBe(printed[0]!.digest);
  }
});
