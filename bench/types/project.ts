// A throwaway project in which the package is installed as its users have it: declarations and package.json, no sources.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The compilers that are tried, each by the name under which it is installed. */
export const compilers = { '7.0.2': 'typescript', '5.9.3': 'typescript-5.9' } as const;
export type Compiler = keyof typeof compilers;

/** Files by their path. */
export type Files = Readonly<Record<string, string>>;

export interface Project {
  readonly dir: string;
  write(files: Files): Promise<void>;
  /** Runs a compiler on the project. */
  compile(compiler: Compiler, ...flags: readonly string[]): Promise<Compilation>;
}

export interface Compilation {
  readonly code: number;
  readonly output: string;
}

function run(script: string, args: readonly string[], cwd: string): Promise<Compilation> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script, ...args], { cwd, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}

const compilerPath = (compiler: Compiler): string => join(root, 'node_modules', compilers[compiler], 'bin/tsc');

async function inTemporary<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const parent = join(root, '.scratch');
  await mkdir(parent, { recursive: true });
  const dir = await mkdtemp(join(parent, 'types-'));
  try {
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The files of a folder and below that end so, by their path from it. */
export async function readFiles(dir: string, ending: string): Promise<Files> {
  const paths = (await readdir(dir, { recursive: true })).filter((path) => path.endsWith(ending));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(dir, path), 'utf8')] as const)),
  );
}

async function writeFiles(dir: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
}

let built: Promise<Files> | undefined;

/** The package as `npm run build` makes it, declarations only. Built once. */
export function packageFiles(): Promise<Files> {
  built ??= inTemporary(async (dir) => {
    const build = ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', join(dir, 'dist')];
    const { code, output } = await run(compilerPath('7.0.2'), build, root);
    if (code !== 0) throw new Error(`the package does not build:\n${output}`);
    await copyFile(join(root, 'package.json'), join(dir, 'package.json'));
    return { ...(await readFiles(dir, '.d.ts')), ...(await readFiles(dir, 'package.json')) };
  });
  return built;
}

/** Makes a project with the package installed, and removes it after `use`. */
export async function withProject<T>(use: (project: Project) => Promise<T>): Promise<T> {
  const files = await packageFiles();
  return inTemporary(async (dir) => {
    await writeFiles(join(dir, 'node_modules/cinnabar'), files);
    await writeFiles(dir, { 'package.json': '{ "type": "module" }' });
    return use({
      dir,
      write: (more) => writeFiles(dir, more),
      compile: (compiler, ...flags) => run(compilerPath(compiler), ['--pretty', 'false', '-p', dir, ...flags], root),
    });
  });
}

/** Puts a package that the folder `from` has installed into the project too. */
export async function link(project: Project, name: string, from: string): Promise<void> {
  const place = join(project.dir, 'node_modules', name);
  await mkdir(dirname(place), { recursive: true });
  await symlink(join(root, from, 'node_modules', name), place);
}

/** A `tsconfig.json` as a careful user has it. */
export function tsconfig(options: Readonly<Record<string, unknown>> = {}): string {
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable', 'dom'],
    types: [],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    rootDir: '.',
    outDir: 'out',
    noEmit: true,
    ...options,
  };
  return JSON.stringify({ compilerOptions, include: ['**/*.ts'], exclude: ['out', 'node_modules'] });
}
