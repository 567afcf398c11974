import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { expect, onTestFinished, test } from 'vitest';
import deno from '../../deno.json' with { type: 'json' };
import { root } from './project.ts';

const entries = Object.values(deno.exports).map((source) => join(root, source));

/** Bundles a Worker that imports the modules, starts it without Node's modules or globals, and returns what it says. */
async function boot(modules: readonly string[]): Promise<unknown> {
  const imports = modules.map((path, at) => `import * as m${at} from ${JSON.stringify(path)};`).join('\n');
  const names = modules.map((_, at) => `Object.keys(m${at}).length`).join(', ');
  const body = `{ process: typeof process, Buffer: typeof Buffer, names: [${names}] }`;
  const bundle = await build({
    stdin: { contents: `${imports}\nexport default { fetch: () => Response.json(${body}) };`, resolveDir: root },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  const worker = new Miniflare({
    modules: true,
    script: bundle.outputFiles[0]?.text ?? '',
    compatibilityDate: '2026-07-30',
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => void [stdout, stderr].map((stream) => stream.resume()),
  });
  try {
    return await (await worker.dispatchFetch('http://worker.test/')).json();
  } finally {
    await worker.dispose();
  }
}

// The `workerd` test project cannot show this: its runner switches Node's modules on.
test('every entry point starts where there is no Node', async () => {
  const names = entries.map(() => expect.any(Number) as number);
  expect(await boot(entries)).toEqual({ process: 'undefined', Buffer: 'undefined', names });
});

test.for([
  ['a node: module', `import { join } from 'node:path';\nexport const path = join('a', 'b');`],
  ['a global of Node', `export const path = process.cwd();`],
  ['I/O at import', `export const answer = await fetch('http://answer.test/');`],
  ['a random value at import', `export const id = crypto.randomUUID();`],
])('%s stops a Worker from starting', async ([, text]) => {
  const dir = await mkdtemp(join(tmpdir(), 'cinnabar-web-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, 'module.js');
  await writeFile(path, String(text));
  await expect(boot([path])).rejects.toThrow();
});
