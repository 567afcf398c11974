import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { ensureBuilt } from '../runtimes/built.ts';
import { readPage } from '../runtimes/programs.ts';
import { main, TestProject } from './project.ts';
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

test('the walk of the page, typed into a terminal, goes as the page says', async () => {
  await using project = await TestProject.create();
  await mkdir(join(project.folder, 'node_modules/.bin'));
  await symlink(main, join(project.folder, 'node_modules/.bin/cinnabar'));
  await using terminal = new Terminal(project.folder);
  await terminal.until((text) => text.endsWith('$ '));
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
  await using project = await TestProject.create();
  await mkdir(join(project.folder, 'node_modules/.bin'));
  await symlink(main, join(project.folder, 'node_modules/.bin/cinnabar'));
  await using terminal = new Terminal(project.folder);
  await terminal.until((text) => text.endsWith('$ '));
  terminal.type('cinnabar init↵');
  await terminal.until((text) => text.includes('Which database?'));
  terminal.type('\u0003');
  expect(await terminal.until((text) => text.endsWith('\n$ '))).toContain('Nothing was done.');
  await expect(project.read('cinnabar.config.ts')).rejects.toThrow();
});
