import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { root } from '../guards/project.ts';
import { ensureBuilt } from './built.ts';
import { readPage, runInNode } from './programs.ts';

const withoutTimes = (text: string): string => text.replaceAll(/\d+\.\d ms/g, '0.0 ms');

beforeAll(ensureBuilt, 60_000);

test('what the README shows of the demo is what it prints', { timeout: 120_000 }, async () => {
  const texts = Array.from((await readPage('README.md')).matchAll(/^```text\n([^]*?)^```$/gm), ([, text = '']) => text);
  const excerpt = texts.find((text) => text.includes('round trip 1'));
  expect(withoutTimes(await runInNode(join(root, 'examples/demo.ts')))).toContain(withoutTimes(excerpt!));
});

test('every code of an error is in the README, with what to do, and no other', async () => {
  const declared = /export type ErrorCode =([^;]*);/.exec(await readPage('src/errors/base.ts'))?.[1] ?? '';
  const codes = Array.from(declared.matchAll(/'(\w+)'/g), ([, code]) => code);
  expect(codes.length).toBeGreaterThan(20);
  const [, section = ''] = (await readPage('README.md')).split('\n## Errors\n');
  const rows = section.split('\n## ')[0]!.matchAll(/^\| `(\w+)` \| \S.* \| \S.* \|$/gm);
  expect(new Set(Array.from(rows, ([, code]) => code))).toEqual(new Set(codes));
});
