import { defineConfig, type OxlintOverride } from 'oxlint';
import { anyFiles, type Layer, layers, longFiles } from './layers.ts';

interface Ban {
  regex?: string;
  group?: string[];
  message: string;
  allowTypeImports?: boolean;
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

/** Matches what a file of folder `from` writes to import from folder `to`: up at least once, then down into `to`. */
function pathBetween(from: string, to: string): string {
  const origin = from.split('/');
  const steps = to.split('/');
  const shared = steps.findIndex((step, at) => origin[at] !== step);
  const above = steps.slice(0, shared).map((step) => `(?:${escape(step)}/)?`);
  const below = steps.slice(shared).map((step) => `${escape(step)}/`);
  // Folders with a row of their own answer for themselves.
  const files = layers.some(({ folder }) => folder.startsWith(`${to}/`)) ? '[^/]+$' : '';
  return String.raw`^\.\.?/(?:\.\./)*` + [...above, ...below, files].join('');
}

function banOn(target: string, { folder, types = [] }: Layer): Ban {
  const allowTypeImports = types.includes(target);
  const what = allowTypeImports ? 'only types' : 'nothing';
  return {
    regex: pathBetween(folder, target),
    message: `${folder} may import ${what} from ${target} (layers.ts)`,
    allowTypeImports,
  };
}

function bansOf(layer: Layer): Ban[] {
  const { folder, imports, packages = [], bundles = [], node } = layer;
  const known = [...packages, ...bundles];
  const strangers = layers
    .map((other) => other.folder)
    .filter((other) => !imports.includes(other) && !`${folder}/`.startsWith(`${other}/`));
  return [
    ...strangers.map((other) => banOn(other, layer)),
    { regex: String.raw`^\.\.?/(?:\.\./)*index\.ts$`, message: 'import the file that defines the name, not index.ts' },
    ...(node ? [] : [{ regex: '^node:', message: `${folder} also runs where there is no Node (layers.ts)` }]),
    ...packages.map((name) => ({
      regex: `^${escape(name)}(?:/|$)`,
      message: `${folder} may import only types from ${name} (layers.ts)`,
      allowTypeImports: true,
    })),
    {
      group: ['*', '!./**', '!../**', '!node:*', '!node:*/**', ...known.flatMap((name) => [`!${name}`, `!${name}/**`])],
      message: `${folder} may not import this package (layers.ts)`,
    },
  ];
}

// A nested folder comes after the folder around it, so that its own row is the one that counts.
const imports = layers
  .toSorted((a, b) => a.folder.length - b.folder.length)
  .map((layer): OxlintOverride => ({
    files: [`${layer.folder}/**`],
    rules: { 'no-restricted-imports': ['error', { patterns: bansOf(layer) }] },
  }));

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise'],
  categories: { correctness: 'error', suspicious: 'error' },
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['node_modules/**', 'dist/**', 'coverage/**', '.reports/**', '.scratch/**', '.wrangler/**'],
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: true }],
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    // A type parameter may stand for something that only the types know, and may be named where it is the default.
    'typescript/no-unnecessary-type-parameters': 'off',
    'typescript/no-unnecessary-type-arguments': 'off',
    // What a database sends, and what a builder has narrowed, has a type that only the code around it knows.
    'typescript/no-unsafe-type-assertion': 'off',
    'unicorn/consistent-function-scoping': 'off',
    // The one way to give a class a member named by a symbol, since isolatedDeclarations refuses it in the class itself.
    'typescript/no-unsafe-declaration-merging': 'off',
    'eqeqeq': ['error', 'always', { null: 'ignore' }],
  },
  overrides: [
    {
      files: ['src/**', 'adapters/**'],
      rules: {
        'no-eval': 'error',
        'no-new-func': 'error',
        'no-implied-eval': 'error',
        'no-console': 'error',
        'no-restricted-globals': ['error', 'AsyncLocalStorage', 'process', 'Buffer', 'require', 'global'],
        'typescript/no-explicit-any': 'error',
        'typescript/only-throw-error': 'error',
        'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
        'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
        'complexity': ['error', { max: 12, variant: 'modified' }],
      },
    },
    {
      // The packages may not be installed; their types are any then.
      files: ['bench/peers/contenders/**', 'bench/peers/edge/workers/**', 'bench/latency/contenders/**'],
      rules: { 'typescript/no-unnecessary-type-assertion': 'off' },
    },
    {
      files: ['test/**', 'examples/**', 'worker-examples/**', 'bench/**', 'scripts/**', '*.config.ts'],
      rules: {
        'no-shadow': 'off',
        'typescript/unbound-method': 'off',
      },
    },
    ...imports,
    {
      files: [...longFiles],
      rules: { 'max-lines': ['error', { max: 700, skipBlankLines: true, skipComments: true }] },
    },
    { files: [...anyFiles], rules: { 'typescript/no-explicit-any': 'off' } },
  ],
});
