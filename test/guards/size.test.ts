import { expect, test } from 'vitest';
import { weigh } from '../../bench/size/measure.ts';
import { core, migrations, session } from '../../bench/size/programs.ts';

test.for([session, core, migrations])('$name weighs at most $budget KiB', async ({ entry, budget }) => {
  const { gzip } = await weigh(entry);
  expect(gzip / 1024).toBeLessThanOrEqual(budget);
});

test('Core alone carries nothing that only a session uses', async () => {
  const { parts } = await weigh(core.entry);
  const paths = parts.map(([path]) => path);
  expect(paths).toContain('src/compiler/render.ts');
  expect(paths.filter((path) => /src\/(compiler\/unit|orm\/(session|unit-of-work|loading))\//.test(path))).toEqual([]);
});

test('a Worker that runs revisions carries nothing that only compares, pulls or draws schemas', async () => {
  const { parts } = await weigh(migrations.entry);
  const paths = parts.filter(([, bytes]) => bytes > 0).map(([path]) => path);
  expect(paths).toContain('src/migrate/running/migrate.ts');
  expect(
    paths.filter((path) => /migrate\/(?:diff|erd|pull)\/|reconcile|column-type|rules|src\/orm\//.test(path)),
  ).toEqual([]);
});

test('the weight of a program is that of what it imports', async () => {
  const [light, heavy] = await Promise.all([weigh(core.entry), weigh(session.entry)]);
  expect(heavy.gzip).toBeGreaterThan(light.gzip);
  expect(heavy.parts.map(([path]) => path)).toContain('src/compiler/unit/compile-unit.ts');
});
