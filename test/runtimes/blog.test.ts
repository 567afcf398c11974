import { join } from 'node:path';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { expect, test } from 'vitest';
import { root } from '../guards/project.ts';

// The `workerd` test project switches Node's modules on; what the example promises is that it needs none.
test('the blog runs in workerd without nodejs_compat', { timeout: 120_000 }, async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(root, 'worker-examples/d1-blog/src/worker.ts')],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
  });
  const own = Object.entries(metafile.inputs).filter(([path]) => path.startsWith('worker-examples/'));
  const packages = own.flatMap(([, { imports }]) => imports.flatMap(({ original = '' }) => original));
  expect(new Set(packages.filter((name) => !name.startsWith('.')))).toEqual(new Set(['cinnabar', 'cinnabar/d1']));

  const worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: outputFiles[0]?.text ?? '' }],
    compatibilityDate: '2026-07-30',
    d1Databases: { DB: 'blog' },
    bindings: { CREATE_TABLES: 'yes' },
  });
  try {
    const post = { title: 'Hello', body: 'From the edge.', author: 'Ann', tags: ['edge'] };
    const headers = { 'content-type': 'application/json' };
    const made = await worker.dispatchFetch('http://blog/api/posts', {
      method: 'POST',
      body: JSON.stringify(post),
      headers,
    });
    // The first request of the isolate also creates the tables.
    expect([made.status, made.headers.get('x-round-trips')]).toEqual([201, '3']);
    const page = await worker.dispatchFetch('http://blog/');
    expect([page.status, page.headers.get('x-round-trips')]).toEqual([200, '1']);
    expect(await page.text()).toContain('From the edge.');
  } finally {
    await worker.dispose();
  }
});
