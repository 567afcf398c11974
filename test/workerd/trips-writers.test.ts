import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { faultsOf, race } from '../../bench/keys/writers.ts';
import { d1Raw } from '../../bench/support/raw.ts';

test('eight writers at once on D1: each unit right and whole, or nothing of it', { timeout: 60_000 }, async () => {
  const judged = await race(() => d1(env.DB), d1Raw(env.DB), 10_000);
  expect(faultsOf(judged, 10_000)).toEqual([]);
});
