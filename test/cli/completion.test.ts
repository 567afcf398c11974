import { beforeAll, describe, expect, test, vi } from 'vitest';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBuilt } from '../runtimes/built.ts';
import { config, main, models, revisionFile, TestProject } from './project.ts';

vi.setConfig({ testTimeout: 60_000 });
beforeAll(ensureBuilt, 120_000);

const files = {
  'cinnabar.config.ts': config,
  'models.ts': models('name: text()'),
  'migrations/1_a.ts': revisionFile('aa11', [], 'select 1').replace(`message:`, `labels: ['billing'],\n  message:`),
};

async function withBin(): Promise<TestProject> {
  const project = await TestProject.create(files);
  await mkdir(join(project.folder, 'node_modules/.bin'));
  await chmod(main, 0o755);
  await symlink(main, join(project.folder, 'node_modules/.bin/cinnabar'));
  return project;
}

describe('bash completes', () => {
  test.for([
    ['commands', ['up'], ['upgrade']],
    ['options of a command', ['upgrade', '--dr'], ['--dry-run']],
    ['names of revisions, and words that mean one', ['upgrade', ''], ['head', 'heads', '+1', 'aa11', 'billing']],
    ['the beginning of a name', ['downgrade', 'b'], ['base', 'billing']],
    ['nothing where nothing fits', ['init', ''], []],
  ] as const)('%s', async ([, words, expected]) => {
    await using project = await withBin();
    const line = ['cinnabar', ...words].map((word) => `'${word}'`).join(' ');
    const script = `export PATH="$PWD/node_modules/.bin:$PATH"; source <(cinnabar completion bash)
COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _cinnabar; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { out, err } = await project.runWith('bash', ['-c', script]);
    expect(err).toBe('');
    expect(out.trim().split('\n').filter(Boolean)).toEqual(expected);
  });
});

test('every shell has a script with every command', async () => {
  await using project = await withBin();
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { out, code } = await project.run('completion', shell);
    expect(code).toBe(0);
    for (const command of ['init', 'revision', 'upgrade', 'history', 'squash']) expect(out).toContain(command);
  }
});
