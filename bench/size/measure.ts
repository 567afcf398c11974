import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

/** What a bundle weighs, and what it is made of. */
export interface Weight {
  readonly minified: number;
  readonly gzip: number;
  /** Bytes of each source in the bundle, the heaviest first. */
  readonly parts: readonly (readonly [path: string, bytes: number])[];
}

/** Bundles a Worker as wrangler would with `--minify`, and weighs it. */
export async function weigh(entry: string): Promise<Weight> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
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
