import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, expect, test, vi } from 'vitest';
import { ensureBuilt } from '../runtimes/built.ts';
import { config, models, TestProject } from './project.ts';

vi.setConfig({ testTimeout: 60_000 });
beforeAll(ensureBuilt, 120_000);

const hasShell = spawnSync('sqlite3', ['-version']).status === 0;

/** A database whose second revision, a table made anew, is refused for the rows that are there. */
async function refused(): Promise<TestProject> {
  const project = await TestProject.create({
    'cinnabar.config.ts': config,
    'models.ts': models('name: text().nullable()'),
  });
  await project.json('revision', '-a', '-m', 'one', '--id', 'aa11');
  await project.json('upgrade');
  const database = new DatabaseSync(join(project.folder, 'app.db'));
  database.exec(`insert into users (name) values ('Ann'), (null)`);
  database.close();
  await project.write({ 'models.ts': models('name: text()') });
  await project.json('revision', '-a', '-m', 'two', '--id', 'bb22', '--consent', 'users.name');
  return project;
}

test('SQL that a database refuses halfway is one unit, and stops its shell', async () => {
  await using project = await refused();
  const { out } = await project.run('sql', 'aa11:bb22');
  const [first, ...lines] = out.trim().split('\n');
  expect(first).toBe('.bail on');
  expect(lines.filter((line) => !line.startsWith('--')).at(0)).toBe('begin immediate;');
  expect(lines.at(-1)).toBe('commit;');
  expect((await project.run('sql', 'aa11:bb22', '--bare')).out).not.toMatch(/^(?:\.bail|begin|commit)/m);
});

test.runIf(hasShell)('what is typed into the shell of SQLite keeps every row where it is refused', async () => {
  await using project = await refused();
  const { code, err } = await project.runWith('bash', [
    '-c',
    `'${process.execPath}' node_modules/cinnabar/dist/cli/main.js sql aa11:bb22 | sqlite3 app.db`,
  ]);
  expect(code).not.toBe(0);
  expect(err).toContain('NOT NULL constraint failed: users.name');
  expect(project.sql('select * from users')).toMatchObject([{ name: 'Ann' }, { name: null }]);
  expect(project.sql('select id from cinnabar_revisions')).toMatchObject([{ id: 'aa11' }]);
});
