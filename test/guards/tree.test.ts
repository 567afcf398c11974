import { expect, test } from 'vitest';
import deno from '../../deno.json' with { type: 'json' };
import { root, runTool } from './project.ts';

// What `npm run check` runs before the tests; here so that `npm test` alone judges the whole tree.
const tools: readonly [name: string, script: string, args: readonly string[]][] = [
  ['is formatted', 'oxfmt/bin/oxfmt', ['--check']],
  ['is free of lint', 'oxlint/bin/oxlint', ['-f', 'unix']],
  ['compiles', 'typescript/bin/tsc', ['-p', 'tsconfig.json']],
  ['compiles with the command line', 'typescript/bin/tsc', ['-p', 'src/cli']],
  ['compiles with its tests and examples', 'typescript/bin/tsc', ['-p', 'test']],
  ['compiles with the tests for workerd', 'typescript/bin/tsc', ['-p', 'test/workerd']],
  ['compiles with an older TypeScript', 'typescript-5.9/bin/tsc', ['-p', 'test/types']],
  ['compiles in Deno', 'deno/bin.cjs', ['check', ...Object.values(deno.exports)]],
];

test.for(tools)('the tree %s', { timeout: 300_000 }, async ([, script, args]) => {
  const { code, output } = await runTool(script, args, root);
  expect(code, output).toBe(0);
});
