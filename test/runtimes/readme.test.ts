import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { root, runTool } from '../guards/project.ts';
import { ensureBuilt } from './built.ts';

const documents = ['README.md', 'CHANGELOG.md', 'worker-examples/d1-blog/README.md'];

const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** The blocks of code in a language, in order. */
function blocks(text: string, language: string): string[] {
  return Array.from(text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)).flatMap(([, name, code = '']) =>
    name === language ? [code] : [],
  );
}

/** The blocks as modules beside the models of the demo, in a folder inside the package, so that it can import itself. */
async function written(modules: readonly string[]): Promise<string> {
  await mkdir(join(root, '.scratch'), { recursive: true });
  const folder = await mkdtemp(join(root, '.scratch/readme-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const tsconfig = { extends: '../../test/tsconfig.json', include: ['.'], exclude: [] };
  const files = {
    'tsconfig.json': JSON.stringify(tsconfig),
    'models.ts': `export * from '../../examples/models.ts';\n`,
    ...Object.fromEntries(modules.map((code, at) => [`block${at}.ts`, code])),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

function node(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(join(root, 'node_modules/.bin/node'), [path], (error, stdout, stderr) => {
      if (error) reject(new Error(stderr));
      else resolve(stdout);
    });
  });
}

const withoutTimes = (text: string): string => text.replaceAll(/\d+\.\d ms/g, '0.0 ms');

beforeAll(ensureBuilt, 60_000);

test('the code of the README compiles', { timeout: 30_000 }, async () => {
  const modules = blocks(await read('README.md'), 'ts');
  expect(modules).toHaveLength(3);
  const { code, output } = await runTool('typescript/bin/tsc', ['--pretty', 'false', '-p', await written(modules)]);
  expect(code, output).toBe(0);
});

test('the example of the README runs, and prints what it says', { timeout: 30_000 }, async () => {
  const text = await read('README.md');
  const [example] = blocks(text, 'ts');
  const output = blocks(text, 'text').find((block) => block.startsWith('Ann has id'));
  expect(await node(join(await written([example!]), 'block0.ts'))).toBe(output);
});

test('what the README shows of the demo is what it prints', { timeout: 30_000 }, async () => {
  const excerpt = blocks(await read('README.md'), 'text').find((block) => block.includes('round trip 1'));
  expect(withoutTimes(await node(join(root, 'examples/demo.ts')))).toContain(withoutTimes(excerpt!));
});

test('every code of an error is in the README, with what to do, and no other', async () => {
  const declared = /export type ErrorCode =([^;]*);/.exec(await read('src/errors/base.ts'))?.[1] ?? '';
  const codes = Array.from(declared.matchAll(/'(\w+)'/g), ([, code]) => code);
  expect(codes.length).toBeGreaterThan(20);
  const [, section = ''] = (await read('README.md')).split('\n## Errors\n');
  const rows = section.split('\n## ')[0]!.matchAll(/^\| `(\w+)` \| \S.* \| \S.* \|$/gm);
  expect(new Set(Array.from(rows, ([, code]) => code))).toEqual(new Set(codes));
});

test.for(documents)('%s names scripts and files that are there', async (path) => {
  const text = await read(path);
  const { scripts } = JSON.parse(await read('package.json')) as { scripts: Readonly<Record<string, string>> };
  for (const [, name] of text.matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(name);
  for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    expect(existsSync(join(root, dirname(path), target!)), target).toBe(true);
  }
});
