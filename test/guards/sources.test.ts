import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { anyFiles, layers, longFiles } from '../../layers.ts';
import { root } from './project.ts';

const sources = globSync('{src,adapters}/**/*.ts', { cwd: root });
const code = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The folders of these files that no row of the layer table covers. `src` itself has only its entry point. */
function withoutRow(paths: readonly string[]): string[] {
  const rows = layers.map(({ folder }) => folder).toSorted((a, b) => b.length - a.length);
  const around = new Set(['src', 'src/dialect', 'src/orm', 'adapters']);
  const folders = new Set<string>();
  for (const path of paths) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const row = rows.find((name) => folder === name || folder.startsWith(`${name}/`));
    // A folder beside those that have rows needs a row too.
    if (row === undefined || (around.has(row) && folder !== row)) folders.add(folder);
  }
  return [...folders];
}

const comments = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
const forbidden = /\beval\s*[(),;]|\bFunction\s*\(|\bAsyncLocalStorage\b|\basync_hooks\b/g;
const forbiddenWords = (text: string): string[] => text.replaceAll(comments, '').match(forbidden) ?? [];

test('every folder of src and adapters has a row in the layer table', () => {
  expect(withoutRow(sources)).toEqual([]);
});

test('a folder without a row is found', () => {
  expect(withoutRow(['src/index.ts', 'src/sql/ast/node.ts', 'adapters/d1/index.ts'])).toEqual([]);
  const strays = [
    'src/extra/a.ts',
    'src/orm/extra/a.ts',
    'src/dialect/a.ts',
    'src/dialect/oracle/a.ts',
    'adapters/x/a.ts',
  ];
  expect(withoutRow(strays)).toEqual(['src/extra', 'src/orm/extra', 'src/dialect', 'src/dialect/oracle', 'adapters/x']);
});

test('the layer table goes one way and names only its own rows', () => {
  const rows = new Set(layers.map(({ folder }) => folder));
  expect(rows.size).toBe(layers.length);
  for (const { imports, types = [] } of layers) for (const name of [...imports, ...types]) expect(rows).toContain(name);

  // Take away, again and again, what imports nothing that is left: a circle would stay.
  let left = [...layers];
  for (let before = -1; left.length !== before;) {
    before = left.length;
    left = left.filter(({ imports }) => imports.some((name) => left.some(({ folder }) => folder === name)));
  }
  expect(left).toEqual([]);
});

/** Whether it is written in what runs from Node 20 on: what is built is written as the sources are. */
function isOldEnough(text: string): boolean {
  const [asItIs, lowered] = ['esnext', 'es2024'].map((target) => transformSync(text, { loader: 'ts', target }).code);
  return asItIs === lowered;
}

test('no source is written in what is younger than ES2024', () => {
  expect(sources.filter((path) => !isOldEnough(code(path)))).toEqual([]);
  expect(isOldEnough('{ await using tx = open(); }')).toBe(false);
});

test('the exceptions from the limits exist, and are few', () => {
  for (const path of [...longFiles, ...anyFiles]) expect(existsSync(join(root, path)), path).toBe(true);
  expect(longFiles.length).toBeLessThanOrEqual(5);
});

test('no code is made from text, and nothing is ambient', () => {
  const found = sources.flatMap((path) => forbiddenWords(code(path)).map((word) => `${path}: ${word}`));
  expect(found).toEqual([]);
});

test.for([
  `const f = new Function('return 1');`,
  `const f = globalThis.Function('return 1');`,
  `eval('1');`,
  `(0, eval)('1');`,
  `const run = eval;`,
  `import { AsyncLocalStorage } from 'x';`,
  `const hooks = await import('node:async_hooks');`,
])('%s is found', (line) => {
  expect(forbiddenWords(line)).toHaveLength(1);
});

test('what a comment says, and other names, are not code', () => {
  expect(forbiddenWords(`// no eval\n/* nor new Function() */\nif (isFunction(value)) evaluate(value);`)).toEqual([]);
});
