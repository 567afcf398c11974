import { setTimeout as sleep } from 'node:timers/promises';
import { d1 } from 'cinnabar/d1';
import { data, execute, migrate, revision } from 'cinnabar/migrate';
import { Miniflare } from 'miniflare';
import { afterAll, expect, test, vi } from 'vitest';
import { engineOn, rowsOf } from '../support.ts';

vi.setConfig({ testTimeout: 120_000 });

const worker = new Miniflare({
  modules: true,
  script: 'export default {}',
  compatibilityDate: '2026-07-30',
  d1Databases: ['DB'],
});
afterAll(() => worker.dispose());

test('a step that takes longer than a lease keeps it: others go on waiting, and it runs once', async () => {
  const driver = d1(await worker.getD1Database('DB'));
  let begun = 0;
  const { promise: holding, resolve: hold } = Promise.withResolvers<void>();
  const revisions = [
    revision({
      id: 'long',
      up: [
        execute('create table counters (n integer); insert into counters values (0)'),
        data('take a while', async (db) => {
          begun += 1;
          hold();
          await sleep(15_000);
          await db.execute('update counters set n = n + 1');
        }),
      ],
    }),
  ];
  const first = migrate(engineOn(driver), revisions);
  await holding;
  const second = migrate(engineOn(driver), revisions);
  expect((await Promise.all([first, second])).map(({ ran }) => ran)).toEqual([['long'], []]);
  expect(begun).toBe(1);
  expect(await rowsOf(driver, 'select n from counters')).toEqual([[1]]);
});
