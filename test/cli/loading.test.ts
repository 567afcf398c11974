import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { root } from '../guards/project.ts';
import { ensureBuilt } from '../runtimes/built.ts';
import { config, main, models, revisionFile, TestProject } from './project.ts';

vi.setConfig({ testTimeout: 120_000 });
beforeAll(ensureBuilt, 120_000);

const files = {
  'cinnabar.config.ts': config,
  'models.ts': models('name: text()'),
  'migrations/1_a.ts': revisionFile(
    'aa11',
    [],
    'create table "users" ("id" integer constraint "pk_users" primary key, "name" text not null)',
  ),
};

const runtimes: readonly [name: string, program: string, args: readonly string[]][] = [
  ['Node', process.execPath, []],
  [
    'Deno',
    process.execPath,
    [join(root, 'node_modules/deno/bin.cjs'), 'run', '--allow-all', '--node-modules-dir=manual'],
  ],
  ['Bun', join(root, 'node_modules/.bin/bun'), ['--bun']],
];

describe.for(runtimes)('in %s', ([, program, args]) => {
  test('TypeScript is read without a build step, and the commands do what they do', async () => {
    await using project = await TestProject.create(files);
    const run = (...own: string[]): Promise<{ code: number; out: string; err: string }> =>
      project.runWith(program, [...args, main, ...own]);
    const upgraded = await run('upgrade', '--json');
    expect(upgraded).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(upgraded.out)).toEqual({ direction: 'up', ran: ['aa11'], heads: ['aa11'] });
    expect((await run('check')).out).toBe('✓ the database is what the models and the revisions say\n');
    expect((await run('history')).out).toBe('◆  aa11 (head, current) make aa11\n');
  });
});

test('what Node alone does not read goes through jiti, where the project has it', async () => {
  const extensionless = config.replace('./models.ts', './models');
  await using project = await TestProject.create({ ...files, 'cinnabar.config.ts': extensionless });
  expect((await project.run('check')).err).toMatch(/cinnabar\.config\.ts could not be read: Cannot find module/);
  await symlink(join(root, 'node_modules/jiti'), join(project.folder, 'node_modules/jiti'));
  expect(await project.json('upgrade')).toMatchObject({ ran: ['aa11'] });
  expect((await project.run('check')).code).toBe(0);
});

test('the command line carries its packages, and their licenses', async () => {
  await using project = await TestProject.create();
  expect(existsSync(join(root, 'dist/cli/THIRD-PARTY-LICENSES.txt'))).toBe(true);
  const { out, code } = await project.run('--version');
  expect({ out, code }).toEqual({ out: '0.1.0\n', code: 0 });
});
