import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { root } from '../guards/project.ts';

/** The command line as it is published. */
export const main: string = join(root, 'dist/cli/main.js');

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder of one test's own, in which the package is installed. `await using` removes it. */
export class TestProject implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(files: Readonly<Record<string, string>> = {}): Promise<TestProject> {
    const project = new TestProject(await mkdtemp(join(tmpdir(), 'cinnabar-cli-')));
    await mkdir(join(project.folder, 'node_modules'));
    await symlink(root, join(project.folder, 'node_modules/cinnabar'));
    await project.write({ 'package.json': '{ "type": "module", "dependencies": { "cinnabar": "*" } }\n', ...files });
    return project;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.folder, name)), { recursive: true });
      await writeFile(join(this.folder, name), text);
    }
  }

  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), 'utf8');
  }

  /** The files of revisions, in their order. */
  async revisions(): Promise<string[]> {
    return (await readdir(join(this.folder, 'migrations'))).filter((name) => /^\d/.test(name)).toSorted();
  }

  /** Runs `cinnabar` as a program does: nobody sits there. */
  run(...args: readonly string[]): Promise<Answer> {
    return this.runWith(process.execPath, [main, ...args]);
  }

  runWith(program: string, args: readonly string[]): Promise<Answer> {
    const env = { ...process.env, NO_COLOR: '1', CI: '' };
    return new Promise((resolve, reject) => {
      execFile(program, args, { cwd: this.folder, env }, (error, out, err) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });
  }

  /** The same, which has to succeed; gives what it answers as data. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { code, out, err } = await this.run(...args, '--json');
    if (code !== 0) throw new Error(`cinnabar ${args.join(' ')} ended with ${code}: ${out}${err}`);
    return JSON.parse(out) as T;
  }

  /** Runs SQL on the database of the project, past everything. */
  sql(text: string): unknown[] {
    const database = new DatabaseSync(join(this.folder, 'app.db'));
    try {
      return database.prepare(text).all();
    } finally {
      database.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

export const config = `import { DatabaseSync } from 'node:sqlite';
import { createEngine } from 'cinnabar';
import { defineConfig } from 'cinnabar/migrate';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { Model } from './models.ts';

export default defineConfig({
  engine: () => createEngine(nodeSqlite(new DatabaseSync('app.db'))),
  metadata: Model.metadata,
});
`;

export const models = (users: string, more = ''): string => `import { declarativeBase, integer, text } from 'cinnabar';

export const Model = declarativeBase();

export class User extends Model('users', { id: integer().primaryKey(), ${users} }) {}
${more}`;

/** A revision of SQL as a file. */
export const revisionFile = (id: string, parents: readonly string[], up: string, down = 'select 1'): string =>
  `import { execute, revision } from 'cinnabar/migrate';

export default revision({
  id: '${id}',
  parents: ${JSON.stringify(parents)},
  message: 'make ${id}',
  up: [execute(${JSON.stringify(up)})],
  down: [execute(${JSON.stringify(down)})],
});
`;
