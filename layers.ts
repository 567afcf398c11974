/**
 * Who may import whom, as data: one row for each folder. `oxlint.config.ts` turns the rows into lint rules, and
 * `test/guards` proves that they bite and that no folder is without a row.
 *
 * A row covers the files of its folder and of every folder below that has no row of its own. A folder may always import
 * itself.
 */
export interface Layer {
  /** From the root of the repository. */
  readonly folder: string;
  /** The folders it may import from. */
  readonly imports: readonly string[];
  /** The folders it may import types from, but no values. */
  readonly types?: readonly string[];
  /** The packages it may import types from, but no values: a client is made by the user and handed in. */
  readonly packages?: readonly string[];
  /** The packages that it may import, since they are bundled into what is published. */
  readonly bundles?: readonly string[];
  /** May it import `node:` modules? */
  readonly node?: true;
}

const util = 'src/util';
const errors = 'src/errors';
const types = 'src/types';
const schema = 'src/schema';
const sql = 'src/sql';
const compiler = 'src/compiler';
const driver = 'src/driver';
const engine = 'src/engine';

/** Every dialect, each blind to the others. */
const dialects = ['sqlite', 'postgres', 'mysql'];

/** Every adapter: the one dialect that it joins, the client, where that is a package and not a binding, and what it shares. */
const adapters: readonly { name: string; dialect: string; packages: readonly string[]; shares?: string }[] = [
  { name: 'libsql', dialect: 'sqlite', packages: ['@libsql/client'] },
  { name: 'd1', dialect: 'sqlite', packages: [] },
  { name: 'node-sqlite', dialect: 'sqlite', packages: [] },
  { name: 'durable-object', dialect: 'sqlite', packages: [] },
  { name: 'postgres-shared', dialect: 'postgres', packages: [] },
  { name: 'pg', dialect: 'postgres', packages: [], shares: 'postgres-shared' },
  { name: 'postgres', dialect: 'postgres', packages: [], shares: 'postgres-shared' },
  { name: 'neon', dialect: 'postgres', packages: [], shares: 'postgres-shared' },
  { name: 'pglite', dialect: 'postgres', packages: [], shares: 'postgres-shared' },
];

const toSchema = [util, errors, types, schema];
const toCompiler = [...toSchema, sql, compiler];
const toEngine = [...toCompiler, driver, engine];
const orm = ['mapping', 'state', 'declarative', 'loading', 'unit-of-work', 'session'].map((name) => `src/orm/${name}`);
const core = [...toEngine, ...orm, 'src/orm', 'src/migrate'];

export const layers: readonly Layer[] = [
  { folder: util, imports: [] },
  { folder: errors, imports: [util] },
  { folder: driver, imports: [util, errors], types: [compiler] },
  { folder: types, imports: [util, errors] },
  { folder: schema, imports: [util, errors, types] },
  { folder: sql, imports: toSchema },
  { folder: compiler, imports: [...toSchema, sql] },
  ...dialects.map((name) => ({ folder: `src/dialect/${name}`, imports: toCompiler })),
  { folder: engine, imports: [...toCompiler, driver] },
  // The ORM goes one way: each folder may import those before it.
  ...orm.map((folder, at) => ({ folder, imports: [...toEngine, ...orm.slice(0, at)] })),
  { folder: 'src/orm', imports: [...toEngine, ...orm] },
  { folder: 'src/migrate', imports: toEngine },
  { folder: 'src/testing', imports: core },
  {
    folder: 'src/cli',
    imports: ['src', ...core],
    bundles: ['@clack/prompts', 'commander', 'picocolors'],
    node: true,
  },
  { folder: 'src', imports: core },
  ...adapters.map(({ name, dialect, packages, shares }) => ({
    folder: `adapters/${name}`,
    imports: [util, errors, driver, `src/dialect/${dialect}`, ...(shares ? [`adapters/${shares}`] : [])],
    packages,
  })),
];

/** Files over the limit of 400 code lines (never over 700, never more than five), each with its reason. */
export const longFiles: readonly string[] = [];

/** Files that may write `any`, each with its reason. */
export const anyFiles: readonly string[] = [];
