import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import type { Engine } from '../engine/engine.ts';
import type { CinnabarConfig } from '../migrate/config.ts';
import { compare, type Comparison } from '../migrate/diff/compare.ts';
import type { Renames } from '../migrate/diff/diff.ts';
import type { ObjectName } from '../migrate/snapshot.ts';
import type { MetaData } from '../schema/metadata.ts';
import { CommandFailure, told } from './failure.ts';
import { importDefault } from './load-module.ts';
import { given as fromHere, shown } from './paths.ts';
import { readRevisions, type RevisionFile } from './revision-files.ts';

export const CONFIG_NAMES: readonly string[] = ['ts', 'mts', 'js', 'mjs'].map((end) => `cinnabar.config.${end}`);

/** What the configuration of a folder says. */
export interface Project {
  /** The folder of the configuration, which its paths start from. */
  readonly root: string;
  /** The folder of the revisions. */
  readonly folder: string;
  readonly config: CinnabarConfig;
}

/** Finds the configuration here or in a folder above, and reads it. */
export async function loadProject(given: string | undefined): Promise<Project> {
  const path = given === undefined ? findConfig('.') : fromHere(given);
  if (path === undefined || !existsSync(path)) {
    const where = given === undefined ? 'here, nor in a folder above' : `at ${given}`;
    throw new CommandFailure(
      `there is no cinnabar.config.ts ${where}: \`cinnabar init\` writes one, \`--config\` names another`,
    );
  }
  const root = dirname(path);
  // The paths in a configuration are from its folder, wherever in the project the command is called.
  process.chdir(root);
  const exported = await importDefault(path, root);
  const config = exported as Partial<CinnabarConfig> | undefined;
  if (typeof config?.engine !== 'function') {
    throw new CommandFailure(
      `${shown(path)} has no 'engine': it has to end in \`export default defineConfig({ engine: () => createEngine(…), … })\``,
    );
  }
  return { root, folder: resolve(root, config.revisions ?? 'migrations'), config: config as CinnabarConfig };
}

function findConfig(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const found = CONFIG_NAMES.map((name) => join(folder, name)).find(existsSync);
    if (found !== undefined || dirname(folder) === folder) return found;
  }
}

/** The revisions of a project. */
export function revisionsOf({ folder, root }: Project): Promise<readonly RevisionFile[]> {
  return readRevisions(folder, root);
}

/** Opens the database for as long as some work takes. */
export async function withEngine<T>({ config }: Project, work: (engine: Engine) => Promise<T>): Promise<T> {
  let engine: Engine;
  try {
    engine = await config.engine();
  } catch (error) {
    throw new CommandFailure(`'engine' of the configuration failed: ${told(error).message}`, undefined, error);
  }
  if (typeof engine?.all !== 'function') {
    throw new CommandFailure(`'engine' of the configuration gives no engine: engine: () => createEngine(libsql(…))`);
  }
  try {
    return await work(engine);
  } finally {
    await atMost(CLOSING_TIME, async () => {
      await engine.close().catch(() => undefined);
      await config.close?.();
    });
  }
}

/** How long closing may take, in milliseconds: some clients wait for a server that is not there. */
const CLOSING_TIME = 3_000;

async function atMost(milliseconds: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((done) => (timer = setTimeout(done, milliseconds)));
  await Promise.race([work(), late]).finally(() => clearTimeout(timer));
}

/** The tables of the models. */
export function metadataOf({ config: { metadata } }: Project): MetaData {
  const found: unknown = isObject(metadata) && 'metadata' in metadata ? metadata.metadata : metadata;
  if (!isObject(found) || !('tables' in found)) {
    throw new CommandFailure(
      `the configuration names no models: \`metadata: Model.metadata\`, with the modules of all models imported`,
    );
  }
  const { tables, views } = found as MetaData;
  if (tables.length + views.size > 0) return found as MetaData;
  throw new CommandFailure(
    `there is no table in 'metadata' of the configuration: import the modules of all models there, so that they are known`,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' || typeof value === 'function' ? value !== null : false;
}

/** Cinnabar's own tables, and those that other tools keep beside them. */
const OURS = ['cinnabar_*', 'd1_migrations', '_cf_*', 'sqlite_*', '__drizzle_migrations', '_prisma_migrations'];

/** Whether a table, an enum or a view is none of the models' business. */
export function ignoredBy({ config: { ignore = [] } }: Project): (object: ObjectName) => boolean {
  const patterns = [...OURS, ...(typeof ignore === 'function' ? [] : ignore)].map(
    (pattern) => new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')}$`),
  );
  return (object) =>
    patterns.some((pattern) => pattern.test(object.name)) || (typeof ignore === 'function' && ignore(object));
}

/** What leads from the database to the models, as the configuration wants it. */
export async function difference(project: Project, engine: Engine, renames: Renames = {}): Promise<Comparison> {
  const found = await compare(engine, metadataOf(project), { ignore: ignoredBy(project), renames });
  const { rewrite } = project.config;
  if (!rewrite) return found;
  const operations: unknown = rewrite(found.operations, found.current);
  if (Array.isArray(operations)) return { ...found, operations: operations as Comparison['operations'] };
  throw new CommandFailure(`'rewrite' of the configuration gives no list of operations`);
}
