import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';

test('the D1 binding answers, with foreign keys on', async () => {
  const { results } = await env.DB.prepare('pragma foreign_keys').all();
  expect(results).toEqual([{ foreign_keys: 1 }]);
});

test('every entry point can be imported', async () => {
  const entries = [
    import('cinnabar'),
    import('cinnabar/d1'),
    import('cinnabar/libsql'),
    import('cinnabar/migrate'),
    import('cinnabar/testing'),
  ];
  for (const entry of await Promise.all(entries)) expect(Object.keys(entry)).not.toEqual([]);
});
