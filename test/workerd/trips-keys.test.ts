import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { d1Raw } from '../../bench/support/raw.ts';
import { keyCases } from '../concurrency/key-cases.ts';
import { runKeyCase } from '../concurrency/run-key-case.ts';

describe.for(['committed', 'committed, keys noted'] as const)('keys that D1 makes, %s', (way) => {
  for (const keyCase of keyCases) {
    test(`${keyCase.name}: ${keyCase.ends}`, async () => {
      expect(await runKeyCase(keyCase, d1(env.DB), d1Raw(env.DB), way)).toBeDefined();
    });
  }
});
