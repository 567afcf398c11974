// The code of a page as programs: a block that imports what is imported already begins one, others go on in the one before.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root } from '../guards/project.ts';

/** A block of code, and what it prints where the page says so: the block of text or SQL that follows at once. */
export interface Block {
  readonly code: string;
  readonly output: string | undefined;
}

export const readPage = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** The programs of a page, each as its blocks. */
export function programs(page: string): Block[][] {
  const result: Block[][] = [];
  let imported = new Set<string>();
  const fences = page.matchAll(/^```ts\n([^]*?)^```$(?:\s*^```(?:text|sql)\n([^]*?)^```$)?/gm);
  for (const [, code = '', output] of fences) {
    const names = importedNames(code);
    if (result.length === 0 || names.some((name) => imported.has(name))) {
      result.push([]);
      imported = new Set();
    }
    for (const name of names) imported.add(name);
    result.at(-1)!.push({ code, output });
  }
  return result;
}

function importedNames(code: string): string[] {
  const imports = Array.from(code.matchAll(/^import (?:type )?\{([^}]*)\} from/gm), ([, names = '']) => names);
  return imports
    .flatMap((names) => names.split(',').map((name) => name.replace(/^\s*(?:type )?/, '').trim()))
    .filter(Boolean);
}

/** Stands between what one block prints and what the next does. */
const BREAK = '\u001e';

/** A program as the text of one module. */
export function moduleOf(blocks: readonly Block[]): string {
  return blocks.map(({ code }) => code).join(`\nconsole.log('${BREAK}');\n`);
}

/** The modules as files in a folder inside the package, so that they can import it, beside the models of the demo. */
export async function writeModules(modules: readonly string[]): Promise<string> {
  await mkdir(join(root, '.scratch'), { recursive: true });
  const folder = await mkdtemp(join(root, '.scratch/page-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const files = {
    'tsconfig.json': JSON.stringify({ extends: '../../test/tsconfig.json', include: ['.'], exclude: [] }),
    'models.ts': `export * from '../../examples/models.ts';\n`,
    ...Object.fromEntries(modules.map((code, at) => [`program${at}.ts`, code])),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** Runs a module in Node, and returns what it prints. */
export function runInNode(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(join(root, 'node_modules/.bin/node'), [path], { cwd: root }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });
}

/** What each block of a program prints. */
export async function runProgram(path: string): Promise<string[]> {
  return (await runInNode(path)).split(`${BREAK}\n`);
}
