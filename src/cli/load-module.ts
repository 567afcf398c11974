import { createRequire } from 'node:module';
import { dirname, extname, relative } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { CommandFailure, told } from './failure.ts';

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

/** What a module of the project exports by default. */
export async function importDefault(path: string): Promise<unknown> {
  try {
    return (await importModule(path))['default'];
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`${relative('.', path)} could not be read: ${told(error).message}`, undefined, error);
  }
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
