import { ConfigurationError } from '../errors/errors.ts';
import type { QualifiedName, ViewDefinition } from './definition.ts';
import type { NamingStrategy } from './naming.ts';
import type { Table } from './table.ts';

export interface MetaDataOptions {
  /** How names in the database follow from those in the program; `author_id` from `authorId` unless told. */
  readonly naming?: Partial<NamingStrategy> | undefined;
  /** The schema of tables that name none. */
  readonly schema?: string | undefined;
  /** What a second table of one name means: a mistake, or a module loaded again. */
  readonly onDuplicate?: 'error' | 'replace' | undefined;
}

/**
 * A registry of tables. A declarative base owns one; tables without a model share one that they are given.
 *
 * @example
 * const metadata = new MetaData({ schema: 'archive' })
 * const orgs = table('orgs', { id: integer().primaryKey() }, { metadata })
 * await createAll(engine, metadata) // create table if not exists "archive"."orgs" ("id" integer …)
 */
export class MetaData {
  readonly #tables = new Map<string, Table>();
  /** In the order in which they were made: one that reads another comes after it. */
  readonly views: Map<string, ViewDefinition> = new Map();
  declare readonly naming: Partial<NamingStrategy>;
  declare readonly schema: string | undefined;
  readonly #replace: boolean;
  /** Completes the registry (link tables, foreign keys of relations) before it is read. */
  complete: () => void = () => {};

  constructor({ naming = {}, schema, onDuplicate }: MetaDataOptions = {}) {
    this.naming = naming;
    this.schema = schema;
    this.#replace = onDuplicate === 'replace';
  }

  get tables(): readonly Table[] {
    return [...this.#tables.values()];
  }

  add(table: Table): Table {
    return this.put(this.#tables, table);
  }

  /** Registers a table or a view. */
  put<T extends QualifiedName>(all: Map<string, T>, item: T): T {
    const key = keyOf(item.name, item.schema);
    if (all.has(key) && !this.#replace) {
      throw new ConfigurationError(
        `two tables or views are named '${item.name}'. Rename one, or for hot reload: { onDuplicate: 'replace' }`,
      );
    }
    all.set(key, item);
    return item;
  }

  /** The table of that name in `schema`, else the one without a schema. */
  find(name: string, schema?: string): Table | undefined {
    return this.#tables.get(keyOf(name, schema)) ?? this.#tables.get(keyOf(name));
  }
}

function keyOf(name: string, schema?: string): string {
  return schema === undefined ? name : `${schema}\0${name}`;
}

/** For messages: what there is. */
export function tableNames(metadata: MetaData): string {
  return metadata.tables.map((table) => `'${table.name}'`).join(', ') || 'none';
}
