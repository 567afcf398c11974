import { createRequire } from 'node:module';
import { dirname, extname, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CommandFailure, told } from './failure.ts';
import { shown } from './paths.ts';

interface Jiti {
  createJiti(from: string, options: { nativeModules: string[] }): { import(path: string): Promise<unknown> };
}

const TYPESCRIPT = new Set(['.ts', '.mts', '.cts']);
/** What Node says of a file that another loader could read: an import without an extension, syntax that does not erase. */
const ANOTHER_WAY = new Set([
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNKNOWN_FILE_EXTENSION',
]);

/** Whether the runtime reads TypeScript by itself: Deno, Bun, and Node from 22.18 on. */
function readsTypeScript(): boolean {
  return 'Deno' in globalThis || 'Bun' in globalThis || Boolean(process.features.typescript);
}

/**
 * Imports a module of the project, TypeScript too, without a build step. What Node alone does not read goes through `jiti`,
 * where the project has it.
 */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(path).href;
  const isTypeScript = TYPESCRIPT.has(extname(path));
  if (!isTypeScript || readsTypeScript()) {
    try {
      return (await import(url)) as Readonly<Record<string, unknown>>;
    } catch (error) {
      const jiti = isTypeScript && ANOTHER_WAY.has(codeOf(error)) ? jitiOf(path) : undefined;
      if (!jiti) throw error;
      return throughJiti(jiti, path);
    }
  }
  const jiti = jitiOf(path);
  if (jiti) return throughJiti(jiti, path);
  throw new CommandFailure(
    `Node ${process.versions.node} does not read TypeScript: use Node 22.18 or newer, Deno or Bun; or add jiti to the project: npm install -D jiti`,
  );
}

/** What a module of the project exports by default. `root`: the folder of the project. */
export async function importDefault(path: string, root: string): Promise<unknown> {
  try {
    return (await importModule(path))['default'];
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const place = placeIn(root, error);
    const where = place === undefined ? '' : ` (${place})`;
    throw new CommandFailure(
      `${shown(path)} could not be read: ${told(error).message}${where}${remedyFor(error)}`,
      undefined,
      error,
    );
  }
}

/** The first place in a file of the project that the stack of an error names: what a configuration imports may be at fault. */
function placeIn(root: string, error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const [, path = '', line] of stack.matchAll(/((?:file:\/\/)?\/[^\n()]*?\.[cm]?[jt]sx?)(?:\?[^\s:]*)?:(\d+)/g)) {
    const file = path.startsWith('file:') ? fileURLToPath(path) : path;
    const within = relative(root, file);
    if (!within.startsWith('..') && !within.includes('node_modules')) return `${shown(file)}:${line}`;
  }
  return undefined;
}

function remedyFor(error: unknown): string {
  if (codeOf(error) !== 'ERR_UNKNOWN_BUILTIN_MODULE') return '';
  return `: Node ${process.versions.node} has none, use Node 22.13 or newer, or another driver, as \`cinnabar init\` writes it`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function jitiOf(path: string): Jiti | undefined {
  try {
    return createRequire(path)('jiti') as Jiti;
  } catch {
    return undefined;
  }
}

async function throughJiti(jiti: Jiti, path: string): Promise<Readonly<Record<string, unknown>>> {
  return (await jiti.createJiti(dirname(path), { nativeModules: ['cinnabar'] }).import(path)) as Readonly<
    Record<string, unknown>
  >;
}
