import { fileURLToPath } from 'node:url';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import deno from './deno.json' with { type: 'json' };

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// `cinnabar` and its subpaths are the sources, by the same map that Deno reads.
const alias = Object.entries(deno.imports)
  .filter(([, target]) => target.startsWith('./'))
  .map(([name, target]) => ({ find: new RegExp(`^${name}$`), replacement: fromHere(target) }));

export default defineConfig({
  resolve: { alias },
  test: {
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/workerd/**', 'test/types/**'],
        },
      },
      {
        extends: true,
        plugins: [cloudflareTest({ wrangler: { configPath: fromHere('./wrangler.toml') } })],
        test: { name: 'workerd', include: ['test/workerd/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            checker: fromHere('./node_modules/typescript/bin/tsc'),
            tsconfig: fromHere('./test/types/tsconfig.json'),
            include: ['test/types/**/*.test-d.ts'],
          },
        },
      },
    ],
  },
});
