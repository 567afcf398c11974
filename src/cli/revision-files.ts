import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isRevision, type Revision } from '../migrate/revisions/revision.ts';
import { isData, type RevisionStep } from '../migrate/revisions/steps.ts';
import { groupBy } from '../util/group-by.ts';
import { CommandFailure } from './failure.ts';
import { importDefault } from './load-module.ts';
import { shown } from './paths.ts';
import { digestOfData } from './source-digest.ts';

/** A revision, and the file that it is in. */
export interface RevisionFile {
  readonly path: string;
  readonly revision: Revision;
}

const MODULE = /\.(?:ts|mts|js|mjs)$/;
const NO_REVISION = /^index\.|\.d\.m?ts$|\.test\.|^[._]/;

/** All revisions of a folder; none where there is no such folder. */
export async function readRevisions(folder: string, root: string): Promise<readonly RevisionFile[]> {
  const files: RevisionFile[] = [];
  for (const name of await namesIn(folder)) files.push(await readRevision(join(folder, name), root));
  const byId = groupBy(files, ({ revision }) => revision.id);
  for (const [id, same] of byId) {
    if (same.length === 1) continue;
    const names = same.map(({ path }) => basename(path)).join(' and ');
    throw new CommandFailure(`${names} both have the id '${id}': give one of them another`);
  }
  return files;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => MODULE.test(name) && !NO_REVISION.test(name)).toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') {
      throw new CommandFailure(`${shown(folder)} is a file, and has to be the folder of the revisions`);
    }
    throw error;
  }
}

async function readRevision(path: string, root: string): Promise<RevisionFile> {
  const exported = await importDefault(path, root);
  if (!isRevision(exported)) {
    throw new CommandFailure(
      `${shown(path)} exports no revision: it has to end in \`export default revision({ … })\`, of 'cinnabar/migrate'`,
    );
  }
  const hasData = hasDataStep(exported.up);
  return { path, revision: hasData ? { ...exported, source: digestOfData(await readFile(path, 'utf8')) } : exported };
}

function hasDataStep(steps: readonly RevisionStep[]): boolean {
  return steps.some((step) => isData(step) || (step.kind === 'variant' && Object.values(step.of).some(hasDataStep)));
}

/** A name of its own for a new file: `20261120135301_add_users.ts`. */
export function fileName(message: string, at: Date): string {
  const stamp = at.toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const slug = message
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 40);
  return `${stamp}${slug ? `_${slug}` : ''}.ts`;
}

/** Writes a new file, and the index of all. Gives its path. */
export async function addFile(folder: string, name: string, text: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, text, { flag: 'wx' });
  await writeIndex(folder);
  return path;
}

/** Writes the module by which a program that reads no files, like a Worker, imports all revisions. */
export async function writeIndex(folder: string): Promise<void> {
  const names = await namesIn(folder);
  const imports = names.map((name, at) => `import r${at + 1} from './${name}';\n`).join('');
  const text =
    '// Written by `cinnabar`: every revision of this folder, for migrate() in a program that reads no files.\n' +
    `${imports}${imports && '\n'}export default [${names.map((_, at) => `r${at + 1}`).join(', ')}];\n`;
  await writeFile(join(folder, 'index.ts'), text);
}
