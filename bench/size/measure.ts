import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';
import manifest from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a bundle weighs, and what it is made of. */
export interface Weight {
  readonly minified: number;
  readonly gzip: number;
  /** Bytes of each source in the bundle, the heaviest first. */
  readonly parts: readonly (readonly [path: string, bytes: number])[];
}

/** The package as it is published: what each of its names stands for in `dist`. */
const published = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [[manifest.name + path.slice(1), resolve(root, target.default)] as const],
);

/**
 * Bundles a Worker as wrangler would with `--minify` and `keep_names = false`, and weighs it.
 *
 * @param built whether the package is what `npm run build` made, and not its sources.
 */
export async function weigh(entry: string, built = false): Promise<Weight> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    ...(built && { alias: Object.fromEntries(published) }),
    conditions: ['workerd', 'worker', 'browser'],
    write: false,
    metafile: true,
  });
  const text = outputFiles[0]!.contents;
  const inputs = Object.values(metafile.outputs)[0]!.inputs;
  const parts = Object.entries(inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const);
  return {
    minified: text.length,
    gzip: gzipSync(text, { level: 9 }).length,
    parts: parts.toSorted((left, right) => right[1] - left[1]),
  };
}
