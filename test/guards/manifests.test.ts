import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './project.ts';

type Versions = Readonly<Record<string, string>>;

interface Manifests {
  readonly npm: {
    readonly version: string;
    readonly exports: Readonly<Record<string, string | Versions>>;
    readonly dependencies?: Versions;
    readonly devDependencies: Versions;
  };
  readonly deno: { readonly version: string; readonly exports: Versions; readonly imports: Versions };
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly optionalDependencies?: Versions }>>;
}

const read = async (path: string): Promise<unknown> => JSON.parse(await readFile(join(root, path), 'utf8'));
const manifests = async (): Promise<Manifests> => ({
  npm: (await read('package.json')) as Manifests['npm'],
  deno: (await read('deno.json')) as Manifests['deno'],
});

/** Where the manifests differ from each other, or from the files on disk. */
function disagreements({ npm, deno }: Manifests): string[] {
  const found: string[] = [];
  if (npm.version !== deno.version) found.push(`versions ${npm.version} and ${deno.version}`);
  const entries = Object.keys(npm.exports).filter((entry) => entry !== './package.json');
  for (const entry of new Set([...entries, ...Object.keys(deno.exports)])) {
    const source = deno.exports[entry];
    const built = source?.replace(/^\.\//, './dist/').replace(/\.ts$/, '');
    const expected = { types: `${built}.d.ts`, default: `${built}.js` };
    if (JSON.stringify(npm.exports[entry]) !== JSON.stringify(expected)) found.push(`package.json exports ${entry}`);
    if (source === undefined || !existsSync(join(root, source))) found.push(`no source for ${entry}`);
    if (deno.imports[`cinnabar${entry.slice(1)}`] !== source) found.push(`deno.json imports ${entry}`);
  }
  return found;
}

/** What the lock lacks for one of the platforms, so that `npm ci` would refuse it; and what ties it to one registry. */
function lockFaults({ packages }: Lock): string[] {
  const found: string[] = [];
  for (const [path, { resolved, optionalDependencies = {} }] of Object.entries(packages)) {
    if (resolved !== undefined) found.push(`${path} is resolved to ${resolved}`);
    for (const name of Object.keys(optionalDependencies)) {
      const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
      if (!places.some((place) => place in packages)) found.push(`${path} lacks ${name}`);
    }
  }
  return found;
}

test('package.json, deno.json and the files on disk agree', async () => {
  expect(disagreements(await manifests())).toEqual([]);
});

test('an entry in one manifest only, or without a file, is found', async () => {
  const { npm, deno } = await manifests();
  const gone = { types: './dist/src/gone.d.ts', default: './dist/src/gone.js' };
  expect(disagreements({ npm: { ...npm, exports: { ...npm.exports, './gone': gone } }, deno })).toEqual(
    expect.arrayContaining(['package.json exports ./gone', 'no source for ./gone']),
  );
  expect(disagreements({ npm, deno: { ...deno, exports: { ...deno.exports, './gone': './src/gone.ts' } } })).toEqual(
    expect.arrayContaining(['package.json exports ./gone', 'no source for ./gone', 'deno.json imports ./gone']),
  );
  expect(disagreements({ npm, deno: { ...deno, version: '9.9.9' } })).toContain(`versions ${npm.version} and 9.9.9`);
});

test('the library has no dependencies, and its tools are pinned', async () => {
  const { npm } = await manifests();
  expect(npm.dependencies ?? {}).toEqual({});
  for (const version of Object.values(npm.devDependencies))
    expect(version).toMatch(/^(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?$/);
});

test('the lock serves every platform, from any registry', async () => {
  expect(lockFaults((await read('package-lock.json')) as Lock)).toEqual([]);
});

test('a platform that the lock lacks, and an address in it, are found', () => {
  const packages = {
    'node_modules/tool': { resolved: 'http://mirror.test/tool.tgz', optionalDependencies: { 'tool-darwin': '1.0.0' } },
  };
  expect(lockFaults({ packages })).toEqual([
    'node_modules/tool is resolved to http://mirror.test/tool.tgz',
    'node_modules/tool lacks tool-darwin',
  ]);
});
