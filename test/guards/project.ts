import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Sources by their path. */
export type Files = Readonly<Record<string, string>>;

export interface Run {
  readonly code: number;
  readonly output: string;
}

/** Runs the program of a development dependency (by the path of its script) with this Node. */
export function runTool(script: string, args: readonly string[], cwd: string = root): Promise<Run> {
  const command = [join(root, 'node_modules', script), ...args];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, { cwd, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}

/** Writes the files into a throwaway project under the real configuration, and removes it after `use`. */
async function inProject<T>(files: Files, use: (dir: string) => Promise<T>): Promise<T> {
  const parent = join(root, '.scratch');
  await mkdir(parent, { recursive: true });
  const dir = await mkdtemp(join(parent, 'guard-'));
  const up = relative(dir, root);
  const all = {
    'oxlint.config.ts': `export { default } from '${up}/oxlint.config.ts';\n`,
    'tsconfig.json': JSON.stringify({ extends: `${up}/tsconfig.json`, include: ['src', 'adapters'] }),
    '.oxfmtrc.json': await readFile(join(root, '.oxfmtrc.json'), 'utf8'),
    ...files,
  };
  try {
    for (const [path, text] of Object.entries(all)) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
  readonly message: string;
  readonly help?: string;
}

/** What the linter says of the files, one line each: `path rule: message help`. */
export function lint(files: Files): Promise<string[]> {
  return inProject(files, async (dir) => {
    const { output } = await runTool('oxlint/bin/oxlint', ['-f', 'json', ...Object.keys(files)], dir);
    const { diagnostics } = JSON.parse(output) as { diagnostics: Diagnostic[] };
    return diagnostics.map(({ filename, code, message, help = '' }) => `${filename} ${code}: ${message} ${help}`);
  });
}

/** What the compiler says of the files, one line each. */
export function typecheck(files: Files): Promise<string[]> {
  return inProject(files, async (dir) => {
    const { output } = await runTool('typescript/bin/tsc', ['--pretty', 'false', '-p', dir], dir);
    return output.split('\n').filter((line) => line !== '');
  });
}

/** Which of the files are not formatted. */
export function unformatted(files: Files): Promise<string[]> {
  return inProject(files, async (dir) => {
    const { output } = await runTool('oxfmt/bin/oxfmt', ['--list-different', ...Object.keys(files)], dir);
    return output.split('\n').filter((line) => line !== '');
  });
}
