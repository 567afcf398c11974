import { ConfigurationError } from '../errors/errors.ts';
import { topologicalGroups } from '../util/topological.ts';
import type { Table } from './table.ts';

/** A registry of tables. A declarative base owns one; `createAll` and migrations read it. */
export class MetaData {
  readonly #tables = new Map<string, Table>();
  readonly #replace: boolean;
  /** Completes the registry (link tables, foreign keys of relations) before it is read. */
  complete: () => void = () => {};

  constructor(options: { onDuplicate?: 'error' | 'replace' } = {}) {
    this.#replace = options.onDuplicate === 'replace';
  }

  get tables(): readonly Table[] {
    return [...this.#tables.values()];
  }

  add(table: Table): Table {
    const key = keyOf(table.name, table.schema);
    if (this.#tables.has(key) && !this.#replace) {
      throw new ConfigurationError(
        `two models have the table '${table.name}'. Rename one, or for hot reload: declarativeBase({ onDuplicate: 'replace' })`,
      );
    }
    this.#tables.set(key, table);
    return table;
  }

  /** The table of that name in `schema`, else the one without a schema. */
  find(name: string, schema?: string): Table | undefined {
    return this.#tables.get(keyOf(name, schema)) ?? this.#tables.get(keyOf(name));
  }

  names(): string {
    return this.tables.map((table) => `'${table.name}'`).join(', ') || 'none';
  }

  /** Tables after those that they refer to; a group of several is a cycle. */
  sorted(): Table[][] {
    this.complete();
    return topologicalGroups(this.#tables.values(), (table) =>
      table.foreignKeys.map((key) => key.references[0]!.table),
    );
  }
}

function keyOf(name: string, schema?: string): string {
  return schema === undefined ? name : `${schema}\0${name}`;
}
