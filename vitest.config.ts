import { fileURLToPath } from 'node:url';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import deno from './deno.json' with { type: 'json' };

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// `cinnabar` and its subpaths are the sources, by the same map that Deno reads.
const alias = Object.entries(deno.imports)
  .filter(([, target]) => target.startsWith('./'))
  .map(([name, target]) => ({ find: new RegExp(`^${name}$`), replacement: fromHere(target) }));

/** `npm run check` leaves out what starts servers, runtimes and compilers, and tries fewer random programs. */
const slow = [
  'cli',
  'conformance',
  'concurrency',
  'runtimes',
  'adapters',
  'guards/installed-types',
  'guards/lint',
  'guards/tree',
  'guards/type-budget',
  'migrate/faults',
  'migrate/running/d1',
  'migrate/running/libsql',
  'property/codecs',
  'safety/random-queries',
  'values/big',
];

/** How many values go there and back (test/values). */
const valueRuns = (mode: string): string | undefined =>
  process.env['VALUES_RUNS'] ?? { values: '1000000', quick: '10000' }[mode];

/** What is random is the same in every run of the suite; other programs and values are tried by `npm run fuzz` and its like. */
const seedOf = (mode: string): string | undefined =>
  process.env['SEED'] ?? (mode === 'test' || mode === 'quick' ? '20261120' : undefined);

/** postgres.js (3.4.9) leaves a rejection unhandled when a new connection breaks while it asks for types: docs/drivers.md. */
const isOurs = (error: object): boolean => !/typcategory = 'A'/.test(String(Reflect.get(error, 'query')));

export default defineConfig(({ mode }) => ({
  resolve: { alias },
  test: {
    maxWorkers: 2,
    // A test fails by what it finds, never by how slow a machine is: only what hangs takes that long.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    onUnhandledError: isOurs,
    setupFiles: [fromHere('./test/support/seed.ts')],
    env: {
      ...(seedOf(mode) && { SEED: seedOf(mode) }),
      ...(valueRuns(mode) && { VALUES_RUNS: valueRuns(mode) }),
      ...(mode === 'quick' && { SESSION_RUNS: '200', READ_RUNS: '100', EXPRESSION_RUNS: '500', PULL_RUNS: '10' }),
      ...(mode === 'fuzz' && {
        SESSION_SEED: process.env['SESSION_SEED'] ?? 'random',
        SESSION_RUNS: process.env['SESSION_RUNS'] ?? '50000',
      }),
      ...(mode === 'safety' && { SAFETY: 'full' }),
      ...(mode === 'migrations' && {
        REBUILD_RUNS: process.env['REBUILD_RUNS'] ?? '200',
        PAIR_RUNS: process.env['PAIR_RUNS'] ?? '1000',
        SCHEMA_RUNS: process.env['SCHEMA_RUNS'] ?? '1000',
      }),
      ...(mode === 'faults' && { FAULT_KILLS: '1000', FAULT_STEP: '1', INCREMENTS: '20000' }),
      ...(mode === 'migrations' && { MIGRATIONS: 'full' }),
    },
    projects: [
      {
        extends: true,
        mode,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/workerd/**',
            'test/types/**',
            'test/postgres/**',
            ...(mode === 'quick' ? slow.flatMap((name) => [`test/${name}/**`, `test/${name}.test.ts`]) : []),
          ],
        },
      },
      {
        extends: true,
        mode,
        test: {
          name: 'postgres',
          include: ['test/postgres/**/*.test.ts'],
          globalSetup: fromHere('./test/support/postgres-setup.ts'),
        },
      },
      {
        extends: true,
        mode,
        plugins: [
          cloudflareTest({
            wrangler: { configPath: fromHere('./wrangler.toml') },
            miniflare: {
              bindings: {
                VALUES_RUNS: valueRuns(mode) ?? '',
                REBUILD_RUNS: process.env['REBUILD_RUNS'] ?? (mode === 'migrations' ? '200' : ''),
                PAIR_RUNS: process.env['PAIR_RUNS'] ?? (mode === 'migrations' ? '1000' : ''),
                MIGRATIONS: mode === 'migrations' ? 'full' : '',
                SEED: seedOf(mode) ?? '',
                SESSION_RUNS: process.env['SESSION_RUNS'] ?? (mode === 'fuzz' ? '5000' : ''),
                SESSION_SEED: process.env['SESSION_SEED'] ?? (mode === 'fuzz' ? 'random' : ''),
                SESSION_PATH: process.env['SESSION_PATH'] ?? '',
              },
            },
          }),
        ],
        test: { name: 'workerd', include: ['test/workerd/**/*.test.ts'] },
      },
      {
        extends: true,
        mode,
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
}));
