import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { expect, test } from 'vitest';

const program = `
  import { startPostgres } from '${new URL('../support/postgres-server.ts', import.meta.url).href}';
  const server = await startPostgres();
  await server[Symbol.asyncDispose]();
  process.exitCode = 3;
`;

test('a process that started a server ends with its own exit code', { timeout: 120_000 }, async () => {
  const { TEST_POSTGRES_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { env, stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([3, null]);
});
