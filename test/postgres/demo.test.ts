import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { root } from '../guards/project.ts';
import { ensureBuilt } from '../runtimes/built.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';

const url = postgresDatabase();
beforeAll(ensureBuilt, 60_000);

/** What the demo prints, in a runtime. */
function run(command: readonly string[], databaseUrl?: string): Promise<string> {
  const [program = '', ...args] = command;
  const { DATABASE_URL: _, ...environment } = process.env;
  const env = { ...environment, NO_COLOR: '1', ...(databaseUrl && { DATABASE_URL: databaseUrl }) };
  return new Promise((resolve, reject) => {
    const path = join(root, 'node_modules/.bin', program);
    execFile(path, [...args, 'examples/demo-postgres.ts'], { cwd: root, env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });
}

const commands = { Node: ['node'], Deno: ['deno', 'run', '-A'], Bun: ['bun', 'run'] } as const;

test.for(Object.entries(commands))(
  'the models and the steps of the demo go unchanged in %s, on a server and in the process',
  { timeout: 120_000 },
  async ([, command]) => {
    await psql(url(), 'drop schema public cascade', 'create schema public');
    for (const printed of [await run(command, url()), await run(command)]) {
      expect(printed).toContain('✓ 29 results checked, each as it was meant.');
      expect(printed).toMatch(/^ *in all +19 +\d+$/m);
    }
    expect(await psql(url(), 'select name from users order by id')).toEqual([
      ['Anna'],
      ['Bob'],
      ['Cleo'],
      ['Eve'],
      ['Eve'],
    ]);
  },
);
