import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  compilers,
  link,
  tsconfig,
  withProject,
  type Compiler,
  type Files,
  type Project,
} from '../../bench/types/project.ts';
import { root } from './project.ts';

const timeout = 60_000;
const versions = Object.keys(compilers) as Compiler[];
const resolutions = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
} as const;
const both = versions.flatMap((compiler) =>
  Object.entries(resolutions).map(([name, options]) => [compiler, name, options] as const),
);

/** The TypeScript files of a folder and below, by their path from it. */
async function filesOf(dir: string, ending = '.ts'): Promise<Files> {
  const paths = (await readdir(dir, { recursive: true })).filter((path) => path.endsWith(ending));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(dir, path), 'utf8')] as const)),
  );
}
const programs = await filesOf(join(root, 'test/types/accept'));

/** Every error of every file counts, those in our declarations too. */
const strictly = { skipLibCheck: false, declaration: true, noEmit: false };

/** The same program behind declaration files: only what uses it is left in TypeScript. */
async function behindDeclarations(project: Project): Promise<Files> {
  const emitted = await filesOf(join(project.dir, 'out'), '.d.ts');
  const kept = Object.entries(emitted).filter(([path]) => path.startsWith('shop/') && path !== 'shop/uses.d.ts');
  return { ...Object.fromEntries(kept), 'shop/uses.ts': programs['shop/uses.ts']! };
}

test.for(both)(
  'TypeScript %s takes the installed package (%s), and declarations of models',
  { timeout },
  async (set) => {
    const [compiler, , options] = set;
    const emitted = await withProject(async (project) => {
      await project.write({ ...programs, 'tsconfig.json': tsconfig({ ...strictly, ...options }) });
      expect(await project.compile(compiler)).toEqual({ code: 0, output: '' });
      return behindDeclarations(project);
    });
    expect(Object.keys(emitted)).toContain('shop/customer.d.ts');
    await withProject(async (project) => {
      await project.write({ ...emitted, 'tsconfig.json': tsconfig({ ...strictly, ...options }) });
      expect(await project.compile(compiler)).toEqual({ code: 0, output: '' });
    });
  },
);

test.for(versions)('TypeScript %s takes every entry point', { timeout }, async (compiler) => {
  const entries = ['', '/libsql', '/d1', '/testing'].map((path, at) => `export * as e${at} from 'cinnabar${path}';\n`);
  await withProject(async (project) => {
    await link(project, '@libsql', '.');
    await project.write({
      'entries.ts': entries.join(''),
      'tsconfig.json': tsconfig(strictly),
    });
    expect(await project.compile(compiler)).toEqual({ code: 0, output: '' });
  });
});

test.for(versions)(
  'TypeScript %s takes the package with no more than `strict` and an older library',
  { timeout },
  async (compiler) => {
    const shop = Object.fromEntries(Object.entries(programs).filter(([path]) => path.startsWith('shop/')));
    const options = {
      target: 'es2022',
      lib: ['es2022'],
      exactOptionalPropertyTypes: false,
      noUncheckedIndexedAccess: false,
      skipLibCheck: true,
    };
    await withProject(async (project) => {
      await project.write({ ...shop, 'tsconfig.json': tsconfig(options) });
      expect(await project.compile(compiler)).toEqual({ code: 0, output: '' });
    });
  },
);

/** Each breaks one thing that the programs rely on. */
const broken: readonly [path: string, from: string, to: string][] = [
  ['example.ts', `name: 'Ann', posts`, 'name: 1, posts'],
  ['example.ts', 'User.c.name.eq(1);', `User.c.name.eq('x');`],
  ['example.ts', 'select,\n', 'select,\n  nothing,\n'],
  ['shop/uses.ts', '{ orders: { items: { orders: true } } }', '{ orders: true }'],
];

test.for(versions)('TypeScript %s refuses a broken copy', { timeout }, async (compiler) => {
  await withProject(async (project) => {
    for (const [path, from, to] of broken) {
      const text = programs[path]!;
      expect(text.includes(from), from).toBe(true);
      await project.write({ ...programs, [path]: text.replace(from, to), 'tsconfig.json': tsconfig() });
      const { code, output } = await project.compile(compiler);
      expect(code, to).not.toBe(0);
      expect(output, to).toMatch(new RegExp(String.raw`${path}\(\d+,\d+\): error TS`));
    }
  });
});

test('a declaration of the package that does not compile is found', { timeout }, async () => {
  await withProject(async (project) => {
    const path = 'node_modules/cinnabar/dist/src/index.d.ts';
    const index = await readFile(join(project.dir, path), 'utf8');
    await project.write({
      ...programs,
      [path]: `${index}export declare const broken: Missing;\n`,
      'tsconfig.json': tsconfig(strictly),
    });
    const { code, output } = await project.compile('7.0.2');
    expect(code).not.toBe(0);
    expect(output).toContain("Cannot find name 'Missing'");
  });
});
