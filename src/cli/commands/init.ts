import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { CommandFailure, EXIT } from '../failure.ts';
import { CONFIG_NAMES } from '../project.ts';
import { writeIndex } from '../revision-files.ts';
import { askOne, colors, type Ui } from '../ui.ts';

interface Template {
  readonly label: string;
  readonly imports: readonly string[];
  /** What `defineConfig` is given to open the database. */
  readonly engine: readonly string[];
  readonly before?: readonly string[];
  /** What has to be there beside the files that are written. */
  readonly needs?: () => readonly string[];
}

const needsPackage = (name: string) => (): readonly string[] => [`It needs a package: \`npm install ${name}\`.`];

const TEMPLATES: Readonly<Record<string, Template>> = {
  'node-sqlite': {
    label: 'a file, by node:sqlite',
    imports: [`import { DatabaseSync } from 'node:sqlite';`, `import { nodeSqlite } from 'cinnabar/node-sqlite';`],
    engine: [`engine: () => createEngine(nodeSqlite(new DatabaseSync('app.db'))),`],
    needs: () =>
      isBuiltin('node:sqlite') ? [] : [`Node ${process.versions.node} has no node:sqlite: use Node 22.13 or newer.`],
  },
  'libsql': {
    label: 'libSQL: Turso, sqld or a file',
    imports: [
      `import process from 'node:process';`,
      `import { createClient } from '@libsql/client';`,
      `import { libsql } from 'cinnabar/libsql';`,
    ],
    engine: [
      'engine: () => {',
      `  const { LIBSQL_URL: url = 'file:app.db', LIBSQL_TOKEN: authToken } = process.env;`,
      '  return createEngine(libsql(createClient({ url, ...(authToken && { authToken }) })));',
      '},',
    ],
    needs: needsPackage('@libsql/client'),
  },
  'd1': {
    label: 'Cloudflare D1, as `wrangler dev` has it',
    imports: [`import { d1, type D1Like } from 'cinnabar/d1';`, `import { getPlatformProxy } from 'wrangler';`],
    before: ['let dispose = async (): Promise<void> => {};'],
    engine: [
      'engine: async () => {',
      '  const proxy = await getPlatformProxy<{ DB: D1Like }>();',
      '  dispose = () => proxy.dispose();',
      '  return createEngine(d1(proxy.env.DB));',
      '},',
      'close: () => dispose(),',
    ],
    needs: () => ['It needs wrangler, and in wrangler.toml a [[d1_databases]] with binding = "DB".'],
  },
  'pg': {
    label: 'PostgreSQL, by pg',
    imports: [`import process from 'node:process';`, `import { pg } from 'cinnabar/pg';`, `import { Pool } from 'pg';`],
    before: ['const pool = new Pool({ connectionString: process.env.DATABASE_URL, pipeline: true });'],
    engine: ['engine: () => createEngine(pg(pool)),', 'close: () => pool.end(),'],
    needs: needsPackage('pg'),
  },
  'postgres': {
    label: 'PostgreSQL, by postgres.js',
    imports: [
      `import process from 'node:process';`,
      `import { postgres } from 'cinnabar/postgres';`,
      `import client from 'postgres';`,
    ],
    before: [`const sql = client(process.env.DATABASE_URL ?? 'postgres://localhost/app');`],
    engine: ['engine: () => createEngine(postgres(sql)),', 'close: () => sql.end(),'],
    needs: needsPackage('postgres'),
  },
  'pglite': {
    label: 'PostgreSQL in the process, by PGlite',
    imports: [`import { PGlite } from '@electric-sql/pglite';`, `import { pglite } from 'cinnabar/pglite';`],
    before: [`const database = new PGlite('./data');`],
    engine: ['engine: () => createEngine(pglite(database)),', 'close: () => database.close(),'],
    needs: needsPackage('@electric-sql/pglite'),
  },
  'neon': {
    label: 'Neon, over WebSocket',
    imports: [
      `import process from 'node:process';`,
      `import { Pool } from '@neondatabase/serverless';`,
      `import { neonPool } from 'cinnabar/neon';`,
    ],
    before: [`const pool = new Pool({ connectionString: process.env.DATABASE_URL });`],
    engine: ['engine: () => createEngine(neonPool(pool)),', 'close: () => pool.end(),'],
    needs: needsPackage('@neondatabase/serverless'),
  },
};

export const DRIVERS: readonly string[] = Object.keys(TEMPLATES);

const MODELS = `import { declarativeBase, integer, text } from 'cinnabar';

export const Model = declarativeBase();

export class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
}) {}
`;

/** Writes a configuration, an empty folder of revisions, and models to begin with where there are none. */
export async function init(ui: Ui, given: { driver?: string; models: string; revisions: string }): Promise<void> {
  const taken = CONFIG_NAMES.find((name) => existsSync(name));
  if (taken !== undefined) throw new CommandFailure(`${taken} is there already: nothing was written`);
  const driver = given.driver ?? (await chosen(ui));
  const template = TEMPLATES[driver];
  if (!template) throw new CommandFailure(`--driver is one of ${DRIVERS.join(', ')}`, EXIT.usage);
  const written = ['cinnabar.config.ts', join(given.revisions, 'index.ts')];
  await writeFile('cinnabar.config.ts', configSource(template, given), { flag: 'wx' });
  await mkdir(given.revisions, { recursive: true });
  await writeIndex(given.revisions);
  if (!existsSync(given.models)) {
    await mkdir(dirname(given.models), { recursive: true });
    await writeFile(given.models, MODELS, { flag: 'wx' });
    written.push(given.models);
  }
  for (const path of written) ui.say(`${colors.green('+')} ${path}`);
  ui.say(
    `\nNext: \`cinnabar revision --autogenerate -m "create users"\`, look at the file, then \`cinnabar upgrade\`.`,
  );
  for (const line of template.needs?.() ?? []) ui.note(line);
  ui.answer({ written, driver });
}

function chosen(ui: Ui): Promise<string> {
  if (!ui.interactive) throw new CommandFailure(`say which database: --driver ${DRIVERS.join(', ')}`, EXIT.usage);
  return askOne(
    'Which database?',
    DRIVERS.map((value) => ({ value, label: value, hint: TEMPLATES[value]!.label })),
  );
}

function configSource(
  { imports, engine, before = [] }: Template,
  paths: { models: string; revisions: string },
): string {
  const models = relativeTo(paths.models);
  const all = [
    ...imports.filter((line) => line.includes(`'node:`)),
    `import { createEngine } from 'cinnabar';`,
    ...imports.filter((line) => !line.includes(`'node:`)),
    `import { defineConfig } from 'cinnabar/migrate';`,
    `import { Model } from '${models}';`,
  ];
  const body = [...engine, 'metadata: Model.metadata,', `revisions: '${relativeTo(paths.revisions)}',`];
  return `${all.join('\n')}\n\n${before.map((line) => `${line}\n`).join('')}${before.length > 0 ? '\n' : ''}export default defineConfig({\n${body.map((line) => `  ${line}\n`).join('')}});\n`;
}

function relativeTo(path: string): string {
  return /^\.{0,2}\//.test(path) ? path : `./${path}`;
}
