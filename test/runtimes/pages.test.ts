import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { root, runTool } from '../guards/project.ts';
import { ensureBuilt } from './built.ts';
import { moduleOf, programs, readPage, runProgram, writeModules } from './programs.ts';

const docs = existsSync(join(root, 'docs')) ? await readdir(join(root, 'docs')) : [];
const documentation = ['README.md', ...docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
const examples = ['d1-blog', 'd1-migrate', 'hyperdrive-blog'].map((name) => `worker-examples/${name}/README.md`);
const others = ['CHANGELOG.md', ...examples];

beforeAll(ensureBuilt, 60_000);

test('the blocks of a page are taken apart into programs, with what they print', () => {
  const page = [
    "```ts\nimport { a } from 'a';\none();\n```\n\n```text\n1\n```\n\nwords\n",
    "```ts\nimport { b } from 'a';\n```\n\nwords\n\n```text\nno output\n```\n",
    "```ts\nimport { c, type a } from 'a';\n```\n",
  ];
  expect(programs(page.join('\n'))).toEqual([
    [
      { code: "import { a } from 'a';\none();\n", output: '1\n' },
      { code: "import { b } from 'a';\n", output: undefined },
    ],
    [{ code: "import { c, type a } from 'a';\n", output: undefined }],
  ]);
});

test.for(documentation)('the code of %s compiles', { timeout: 60_000 }, async (page) => {
  const modules = programs(await readPage(page)).map(moduleOf);
  const { code, output } = await runTool('typescript/bin/tsc', [
    '--pretty',
    'false',
    '-p',
    await writeModules(modules),
  ]);
  expect(code, output).toBe(0);
});

test.for(documentation)('the code of %s runs, and prints what the page says', { timeout: 60_000 }, async (page) => {
  const found = programs(await readPage(page));
  const folder = await writeModules(found.map(moduleOf));
  for (const [at, blocks] of found.entries()) {
    const printed = await runProgram(join(folder, `program${at}.ts`));
    // A block without output may print: only what the page shows is compared.
    expect(printed.map((text, block) => (blocks[block]?.output === undefined ? undefined : text))).toEqual(
      blocks.map(({ output }) => output),
    );
  }
});

test.for([...documentation, ...others])('%s names scripts and files that are there', async (page) => {
  const text = await readPage(page);
  const { scripts } = JSON.parse(await readPage('package.json')) as { scripts: Readonly<Record<string, string>> };
  for (const [, name] of text.matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(name);
  for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    expect(existsSync(join(root, dirname(page), target!)), target).toBe(true);
  }
});
