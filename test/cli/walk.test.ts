import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { ensureBuilt } from '../runtimes/built.ts';
import { readPage } from '../runtimes/programs.ts';
import { config, main, models, TestProject } from './project.ts';
import { Terminal } from './terminal.ts';

vi.setConfig({ testTimeout: 180_000 });
beforeAll(ensureBuilt, 120_000);

/** What differs from one run to the next. */
const steady = (text: string): string =>
  text
    .replaceAll(/\b\d{14}\b/g, 'TIME')
    .replaceAll(/\b\d{14}_/g, 'TIME_')
    .replaceAll(/\b[0-9a-f]{8}\b/g, 'ID')
    .replaceAll(/\b\d+ ms/g, 'N ms');

/** The files and the sessions of the walk, in their order. */
async function walk(): Promise<{ file?: string; text: string }[]> {
  const page = await readPage('docs/migrations.md');
  const [, part = ''] = /^## From an empty folder[^\n]*\n([^]*?)^## /m.exec(page) ?? [];
  return Array.from(part.matchAll(/^```(typescript|console)\n([^]*?)^```$/gm), ([, kind, text = '']) => {
    const [, file] = /^\/\/ (\S+)\n/.exec(text) ?? [];
    return kind === 'typescript' ? { file: file!, text: text.replace(/^\/\/ .*\n/, '') } : { text };
  });
}

/** Types a session into the terminal, and finds each of its lines in what is shown, in their order. */
async function follow(terminal: Terminal, session: string): Promise<void> {
  let shown = '';
  for (const line of session.trim().split('\n')) {
    if (line.startsWith('$ ')) {
      terminal.type(`${line.slice(2)}↵`);
      shown = '';
    } else if (line.startsWith('› ')) {
      terminal.type(line.slice(2));
      shown = '';
    } else {
      shown = await terminal.until((text) => steady(text).includes(steady(line)));
      expect(steady(shown)).toContain(steady(line));
    }
  }
  // npx may leave a piece of its own progress before the prompt.
  await terminal.until((text) => /[\n\u2800-\u28ff]\$ $/.test(text));
}

/** A project with the command in its path, and a terminal in its folder. */
async function inTerminal(files: Readonly<Record<string, string>> = {}): Promise<[TestProject, Terminal]> {
  const project = await TestProject.create(files);
  await mkdir(join(project.folder, 'node_modules/.bin'));
  await chmod(main, 0o755);
  await symlink(main, join(project.folder, 'node_modules/.bin/cinnabar'));
  const terminal = new Terminal(project.folder);
  await terminal.until((text) => text.endsWith('$ '));
  return [project, terminal];
}

test('the walk of the page, typed into a terminal, goes as the page says', async () => {
  const [own, shell] = await inTerminal();
  await using project = own;
  await using terminal = shell;
  let sessions = 0;
  for (const { file, text } of await walk()) {
    if (file === undefined) {
      await follow(terminal, text);
      sessions += 1;
    } else if (sessions === 1) {
      expect(await project.read(file)).toBe(text);
    } else {
      await project.write({ [file]: text });
    }
  }
  expect(sessions).toBe(4);
  expect(await project.revisions()).toHaveLength(3);
  expect(await project.read(`migrations/${(await project.revisions())[2]}`)).toContain(`consent: ['users.nickname'],`);
  expect(project.sql('pragma table_info(users)')).toMatchObject([{ name: 'id' }, { name: 'full_name' }]);
});

test('a person who gives up at a prompt has changed nothing', async () => {
  const [own, shell] = await inTerminal();
  await using project = own;
  await using terminal = shell;
  terminal.type('cinnabar init↵');
  await terminal.until((text) => text.includes('Which database?'));
  terminal.type('\u0003');
  expect(await terminal.until((text) => text.endsWith('\n$ '))).toContain('Nothing was done.');
  await expect(project.read('cinnabar.config.ts')).rejects.toThrow();
});

test('a person is asked what an upgrade may lose, and what is not chosen is not lost', async () => {
  const [own, shell] = await inTerminal({
    'cinnabar.config.ts': config,
    'models.ts': models('name: text(), age: integer().nullable()'),
  });
  await using project = own;
  await using terminal = shell;
  await project.json('revision', '-a', '-m', 'one');
  await project.json('upgrade');
  project.sql(`insert into users (name, age) values ('Ann', 40)`);
  await project.write({ 'models.ts': models('name: text()') });
  await project.json('revision', '-a', '-m', 'two');
  for (const [keys, said] of [
    ['↵', 'Nothing of that revision was done.'],
    ['␣↵', '1 revision applied'],
  ] as const) {
    terminal.type('cinnabar upgrade↵');
    await terminal.until((text) => text.includes('Which of these may lose what they hold?'));
    expect(project.sql('select age from users')).toEqual([{ age: 40 }]);
    terminal.type(keys);
    expect(await terminal.until((text) => text.endsWith('\n$ '))).toContain(said);
  }
  expect(project.sql('select * from users')).toEqual([{ id: 1, name: 'Ann' }]);
});
