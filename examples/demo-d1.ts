// npm run demo, or `node examples/demo-d1.ts [--sql]`: the same models and the same tour in workerd, on D1.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import type { Answer } from './d1-worker.ts';
import { print, readCode, StepPrinter, summary } from './print.ts';

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('d1-worker.ts', import.meta.url))],
  bundle: true,
  write: false,
  format: 'esm',
  target: 'es2022',
  // As an application gets it: from the package, not by the paths of this repository's tsconfig.
  tsconfigRaw: {},
});
print('', '', 'Cinnabar on D1, in workerd, without nodejs_compat: the same models, the same steps', '');

const worker = new Miniflare({
  modules: [{ type: 'ESModule', path: 'worker.js', contents: outputFiles[0]!.text }],
  compatibilityDate: '2026-07-30',
  d1Databases: { DB: 'demo' },
});
try {
  const answer = await worker.dispatchFetch('http://demo/');
  const { steps, error } = (await answer.json()) as Answer;
  if (process.argv.includes('--sql') || error) {
    const printer = new StepPrinter(await readCode());
    for (const step of steps) printer.step(step);
  }
  if (error) throw new Error(error);
  summary('D1', steps);
} finally {
  await worker.dispose();
}
