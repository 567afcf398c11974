import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { root, runTool } from '../guards/project.ts';

/** When the newest of the files in the folders was written. */
async function newest(...folders: readonly string[]): Promise<number> {
  let time = 0;
  for (const folder of folders) {
    for (const file of await readdir(join(root, folder), { withFileTypes: true, recursive: true }).catch(() => [])) {
      if (file.isFile()) time = Math.max(time, (await stat(join(file.parentPath, file.name))).mtimeMs);
    }
  }
  return time;
}

/** What runs in plain Node takes the package from dist: builds it, unless it is newer than the sources. */
export async function ensureBuilt(): Promise<void> {
  if ((await newest('dist')) > (await newest('src', 'adapters'))) return;
  const { code, output } = await runTool('typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
  if (code !== 0) throw new Error(output);
  const cli = await runTool('../scripts/build-cli.ts', []);
  if (cli.code !== 0) throw new Error(cli.output);
}
