import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { bigValues } from '../values/big-cases.ts';
import { constantsHold } from '../values/constant-cases.ts';
import { holds, valueCounts } from '../values/holds.ts';

test('values come back from D1 as they went', { timeout: 600_000 }, async () => {
  const [, remote] = valueCounts(env);
  await holds('d1', d1(env.DB), { ...env, count: remote, rows: 20 });
});

test('a value that stands in DDL is the value', { timeout: 60_000 }, async () => {
  const seed = Number(env.SEED || Math.floor(Math.random() * 2 ** 31));
  expect(await constantsHold(d1(env.DB), seed, 2)).toBeGreaterThan(1500);
});

test('values of megabytes come back as they went, or are refused', { timeout: 60_000 }, async () => {
  expect(new Set(Object.values(await bigValues(d1(env.DB), 900_000)))).toEqual(new Set(['same']));
  expect(new Set(Object.values(await bigValues(d1(env.DB), 3_000_000)))).toEqual(new Set(['refused']));
});
