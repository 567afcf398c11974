import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isCinnabarError, temporalInstant, temporalPlainDate } from 'cinnabar';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../guards/project.ts';
import { bundleProgram } from './bundle.ts';

const run = promisify(execFile);
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cinnabar-temporal-'));
});
afterAll(() => rm(dir, { recursive: true }));

const all = { same: 201 * 5, refused: 11, of: 11 };

test('values of Temporal come back as they went: Node', { timeout: 60_000 }, async () => {
  const program = await bundleProgram('temporal-program.ts', dir);
  const args = ['--harmony-temporal', program, '7', '200'];
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, TZ: 'America/New_York' } });
  expect(JSON.parse(stdout)).toEqual(all);
});

test('values of Temporal come back as they went: Deno', { timeout: 60_000 }, async () => {
  const deno = join(root, 'node_modules/.bin/deno');
  const program = fileURLToPath(new URL('temporal-program.ts', import.meta.url));
  const { stdout } = await run(deno, ['run', '--no-check', '-A', program, '8', '200'], { cwd: root });
  expect(JSON.parse(stdout)).toEqual(all);
});

test('a runtime without Temporal is told so when the column is made', () => {
  const { Temporal } = globalThis as { Temporal?: unknown };
  Reflect.deleteProperty(globalThis, 'Temporal');
  try {
    for (const make of [temporalInstant, temporalPlainDate]) {
      let thrown: unknown;
      try {
        make();
      } catch (error) {
        thrown = error;
      }
      if (!isCinnabarError(thrown, 'ConfigurationError')) throw thrown;
      expect(thrown.message).toBe(
        `${make.name}(): this runtime has no Temporal; use the column type that takes Date or text`,
      );
    }
  } finally {
    if (Temporal !== undefined) Object.assign(globalThis, { Temporal });
  }
});
