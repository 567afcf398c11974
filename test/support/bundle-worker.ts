import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import deno from '../../deno.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Node's modules are workerd's, where `nodejs_compat` is on; clients of PostgreSQL ask for them by `require`. */
const fromWorkerd: Plugin = {
  name: 'from-workerd',
  setup({ onResolve, onLoad }) {
    const names = builtinModules.filter((name) => !name.startsWith('_')).join('|');
    onResolve({ filter: new RegExp(`^(?:node:)?(?:${names})$`) }, ({ path, kind }) => {
      const full = path.replace(/^(?:node:)?/, 'node:');
      return kind === 'require-call' ? { path: full, namespace: 'workerd' } : { path: full, external: true };
    });
    onLoad({ filter: /^/, namespace: 'workerd' }, ({ path }) => ({
      contents: `import its from ${JSON.stringify(path)};\nmodule.exports = its;`,
    }));
  },
};

/** `cinnabar` and its subpaths are the sources. */
const alias = Object.fromEntries(
  Object.entries(deno.imports)
    .filter(([, target]) => target.startsWith('./'))
    .map(([name, target]) => [name, root + target.slice(2)]),
);

/** A module as the script of a Worker, bundled for workerd with `nodejs_compat`. */
export async function bundleWorker(entry: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    alias,
    plugins: [fromWorkerd],
    external: ['cloudflare:*', 'pg-native'],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'browser'],
  });
  return outputFiles[0]!.text;
}
