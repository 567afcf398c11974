import { ConfigurationError } from '../errors/errors.ts';
import { topologicalGroups } from '../util/topological.ts';
import type { ForeignKeyOptions, OnDelete } from './column.ts';
import { tableNames, type MetaData } from './metadata.ts';
import type { Reference, Table, TableColumn } from './table.ts';

/** What stands in the text of a table as it is given. */
const ACTIONS: ReadonlySet<unknown> = /* @__PURE__ */ new Set<OnDelete>([
  'cascade',
  'set null',
  'set default',
  'restrict',
  'no action',
]);

const TIMES: ReadonlySet<unknown> = /* @__PURE__ */ new Set([undefined, 'immediate', 'deferred']);

/** A foreign key. Its target is found when the metadata is complete. */
export class ForeignKey {
  declare readonly table: Table;
  declare readonly columns: readonly TableColumn[];
  /** `users.id`, `projects` (its key) or `projects.tenantId,id`. */
  declare readonly target: string;
  declare readonly options: ForeignKeyOptions;
  #resolved: readonly TableColumn[] | undefined;

  constructor(table: Table, { columns, target, options }: Reference) {
    this.table = table;
    this.columns = columns;
    this.target = target;
    this.options = options;
    for (const action of [options.onDelete, options.onUpdate]) {
      if (action === undefined || ACTIONS.has(action)) continue;
      throw new ConfigurationError(`${this.path}: onDelete and onUpdate are one of ${[...ACTIONS].join(', ')}`);
    }
    if (!TIMES.has(options.deferrable))
      throw new ConfigurationError(`${this.path}: deferrable is 'immediate' or 'deferred'`);
  }

  /** The columns referred to, in the order of `columns`. */
  get references(): readonly TableColumn[] {
    return (this.#resolved ??= this.#resolve());
  }

  /** Where one column is NULL, it refers to nothing. */
  get nullable(): boolean {
    return this.columns.some((column) => column.nullable);
  }

  get onDelete(): ForeignKeyOptions['onDelete'] {
    return this.options.onDelete;
  }

  /** For messages: `posts.authorId`. */
  get path(): string {
    return `${this.table.name}.${this.columns.map((column) => column.attribute).join(',')}`;
  }

  #resolve(): readonly TableColumn[] {
    const [name = '', attributes] = this.target.split('.');
    const table = this.table.metadata.find(name, this.table.schema);
    if (!table) {
      throw new ConfigurationError(
        `${this.path} refers to the table '${name}', which no model has; known: ${tableNames(this.table.metadata)}`,
      );
    }
    const found = attributes
      ? attributes.split(',').map((attribute) => table.column(attribute.trim()))
      : table.primaryKey;
    if (found.length !== this.columns.length || found.length === 0) {
      throw new ConfigurationError(
        `${this.path} has ${this.columns.length} column(s) and refers to ${found.length} of '${this.target}'`,
      );
    }
    return found;
  }
}

const made = new WeakMap<Table, ForeignKey[]>();

/** The foreign keys of a table. */
export function foreignKeysOf(table: Table): readonly ForeignKey[] {
  let keys = made.get(table);
  if (!keys) made.set(table, (keys = []));
  for (let at = keys.length; at < table.references.length; at++)
    keys.push(new ForeignKey(table, table.references[at]!));
  return keys;
}

/** The tables that a table refers to. */
export function referredTables(table: Table): Table[] {
  return foreignKeysOf(table).map((key) => key.references[0]!.table);
}

/** Tables after those that they refer to; a group of several is a cycle. */
export function sortedTables(metadata: MetaData): Table[][] {
  metadata.complete();
  return topologicalGroups(metadata.tables, referredTables);
}
