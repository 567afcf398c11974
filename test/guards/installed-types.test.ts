import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  compilers,
  link,
  packageFiles,
  readFiles,
  tsconfig,
  withProject,
  type Compiler,
  type Files,
  type Project,
} from '../../bench/types/project.ts';
import manifest from '../../package.json' with { type: 'json' };
import { root } from './project.ts';

const timeout = 300_000;
const versions = Object.keys(compilers) as Compiler[];
const resolutions = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
} as const;
const both = versions.flatMap((compiler) =>
  Object.entries(resolutions).map(([name, options]) => [compiler, name, options] as const),
);

const programs = await readFiles(join(root, 'test/types/accept'), '.ts');

/** Every error of every file counts, those in our declarations too. */
const strictly = { skipLibCheck: false, declaration: true, noEmit: false };

/** The same program behind declaration files: only what uses it is left in TypeScript. */
async function behindDeclarations(project: Project): Promise<Files> {
  const emitted = await readFiles(join(project.dir, 'out'), '.d.ts');
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
  const paths = Object.keys(manifest.exports).filter((path) => path !== './package.json');
  const entries = paths.map((path, at) => `export * as e${at} from 'cinnabar${path.slice(1)}';\n`);
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

/** Each breaks one thing that the programs rely on, and what a compiler says of it. */
const broken: readonly [path: string, from: string, to: string, error: RegExp][] = [
  ['example.ts', `name: 'Ann', posts`, 'name: 1, posts', /^.*example\.ts.*TS2322: Type 'number' is not assignable/m],
  ['example.ts', 'User.c.name.eq(1);', `User.c.name.eq('x');`, /^.*example\.ts.*TS2578: Unused '@ts-expect-error'/m],
  ['example.ts', 'select,\n', 'select,\n  nothing,\n', /^.*example\.ts.*TS2305: .* no exported member 'nothing'/m],
  ['shop/uses.ts', '{ items: { orders: true } }', 'true', /^.*uses\.ts.*TS2339: Property 'items' does not exist/m],
];

test.for(versions)('TypeScript %s refuses a broken copy', { timeout }, async (compiler) => {
  const copy: Record<string, string> = { ...programs };
  for (const [path, from, to] of broken) {
    expect(copy[path]!.includes(from), from).toBe(true);
    copy[path] = copy[path]!.replace(from, to);
  }
  await withProject(async (project) => {
    await project.write({ ...copy, 'tsconfig.json': tsconfig() });
    const { code, output } = await project.compile(compiler);
    expect(code).not.toBe(0);
    for (const [, , , error] of broken) expect(output).toMatch(error);
  });
});

test('a declaration of the package that does not compile is found', { timeout }, async () => {
  const index = (await packageFiles())['dist/src/index.d.ts']!;
  await withProject(async (project) => {
    await project.write({
      ...programs,
      'node_modules/cinnabar/dist/src/index.d.ts': `${index}export declare const broken: Missing;\n`,
      'tsconfig.json': tsconfig(strictly),
    });
    const { code, output } = await project.compile('7.0.2');
    expect(code).not.toBe(0);
    expect(output).toContain("Cannot find name 'Missing'");
  });
});
