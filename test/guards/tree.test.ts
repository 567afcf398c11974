import { expect, test } from 'vitest';
import { root, type Run, runTool } from './project.ts';

// What `npm run check` runs before the tests; here so that `npm test` alone judges the whole tree.
const tools: readonly { name: string; script: string; args: readonly string[] }[] = [
  { name: 'formatted', script: 'oxfmt/bin/oxfmt', args: ['--check'] },
  { name: 'free of lint', script: 'oxlint/bin/oxlint', args: ['-f', 'unix'] },
  ...['tsconfig.json', 'test', 'test/types', 'test/workerd'].map((project) => ({
    name: `sound for ${project}`,
    script: 'typescript/bin/tsc',
    args: ['--pretty', 'false', '-p', project],
  })),
];

test.for(tools)('the tree is $name', { timeout: 60_000 }, async ({ script, args }) => {
  const run: Run = await runTool(script, args, root);
  expect(run.code, run.output).toBe(0);
});
