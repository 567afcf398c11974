import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { d1Raw } from '../../bench/support/raw.ts';
import { keyCases } from '../concurrency/key-cases.ts';
import { runKeyCase } from '../concurrency/run-key-case.ts';

for (const keyCase of keyCases) {
  test(`keys that D1 makes: ${keyCase.name}: ${keyCase.ends}`, async () => {
    expect(await runKeyCase(keyCase, d1(env.DB), d1Raw(env.DB))).toBeDefined();
  });
}
