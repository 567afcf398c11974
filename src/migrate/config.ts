import type { Engine } from '../engine/engine.ts';
import { ConfigurationError } from '../errors/errors.ts';
import type { MetaData } from '../schema/metadata.ts';
import type { Operation } from './operations/operation.ts';
import type { ObjectName, SchemaSnapshot } from './snapshot.ts';

/** What `cinnabar.config.ts` says. */
export interface CinnabarConfig {
  /** Opens the database. It is closed when the command has ended. */
  readonly engine: () => Engine | Promise<Engine>;
  /** The models: their metadata, or their base. */
  readonly metadata?: MetadataSource;
  /** The folder of the revisions: `./migrations` unless told. */
  readonly revisions?: string;
  /** Tables, views and enums that are not the models' business: names, patterns with `*`, or what tells. */
  readonly ignore?: readonly string[] | ((object: ObjectName) => boolean);
  /**
   * Changes what leads from the database to the models, before `revision --autogenerate` writes it and `check` and `diff`
   * tell it: leaves operations out, puts others in their place, or adds some.
   *
   * @example
   * rewrite: (operations) => operations.filter(({ kind }) => kind !== 'setComment')
   */
  readonly rewrite?: (operations: readonly Operation[], from: SchemaSnapshot) => readonly Operation[];
  /** Ends what `engine` opened beside the engine: a pool, a proxy. */
  readonly close?: () => void | Promise<void>;
}

/** Where the tables of models are: a metadata, or what has one, as `declarativeBase()` gives. */
export type MetadataSource = MetaData | { readonly metadata: MetaData };

/**
 * The configuration of the command line, checked.
 *
 * @example
 * export default defineConfig({
 *   engine: () => createEngine(nodeSqlite(new DatabaseSync('app.db'))),
 *   metadata: Model.metadata,
 *   revisions: './migrations',
 * })
 * @throws ConfigurationError if there is no way to open the database in it.
 */
export function defineConfig(config: CinnabarConfig): CinnabarConfig {
  if (typeof config?.engine !== 'function') {
    throw new ConfigurationError(
      `defineConfig(): 'engine' is a function that opens the database: engine: () => createEngine(…)`,
    );
  }
  return config;
}
