import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { root } from '../guards/project.ts';

/** Bundles a program of this folder, with the sources of the package, for a Node of its own. Returns its path. */
export async function bundleProgram(name: string, dir: string): Promise<string> {
  const outfile = join(dir, name.replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    alias: {
      'cinnabar/neon': join(root, 'adapters/neon/index.ts'),
      'cinnabar/pg': join(root, 'adapters/pg/index.ts'),
      'cinnabar/postgres': join(root, 'adapters/postgres/index.ts'),
      'cinnabar/node-sqlite': join(root, 'adapters/node-sqlite/index.ts'),
      'cinnabar/testing': join(root, 'src/testing/index.ts'),
      'cinnabar': join(root, 'src/index.ts'),
    },
    // Their clients are of Node, and stay where they are.
    packages: 'external',
    outfile,
  });
  return outfile;
}
