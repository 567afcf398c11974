// Bundles the command line, with the packages that it needs, into dist/cli/main.js: the package has no dependencies. The
// library stays outside of the bundle, so that the engine of a project and the command line are of one copy.
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'src/cli');
const out = join(root, 'dist/cli');

/** Leaves what is outside of `src/cli` where `tsc` has put it. */
const library: Plugin = {
  name: 'library',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const target = resolve(resolveDir, path);
      if (!resolveDir.startsWith(cli) || target.startsWith(`${cli}/`)) return undefined;
      const built = join(root, 'dist', relative(root, target)).replace(/\.ts$/, '.js');
      return { path: relative(out, built), external: true };
    });
  },
};

const { metafile } = await build({
  entryPoints: [join(cli, 'main.ts')],
  absWorkingDir: root,
  outfile: join(out, 'main.js'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  banner: {
    js: `#!/usr/bin/env node\nimport { createRequire as __create } from 'node:module';const require = __create(import.meta.url);`,
  },
  plugins: [library],
});

/** Folders of the packages in the bundle, by the name and the place of each. */
const folders = new Set(
  Object.keys(metafile.inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []),
);
const notices: string[] = [];
for (const folder of [...folders].toSorted()) {
  const read = (name: string): Promise<string> => readFile(join(root, folder, name), 'utf8');
  const { name, version, license } = JSON.parse(await read('package.json')) as Readonly<Record<string, string>>;
  const texts = await Promise.all(['LICENSE', 'LICENSE.md', 'license'].map((file) => read(file).catch(() => '')));
  const text = texts.find(Boolean);
  if (!text) throw new Error(`${name} says nothing of its license`);
  notices.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
}
await writeFile(join(out, 'THIRD-PARTY-LICENSES.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`));
