import { ConfigurationError } from '../errors/errors.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { ColumnSpec, OnDelete } from './column.ts';
import type { Fragment } from './fragment.ts';
import type { MetaData } from './metadata.ts';
import type { NamingStrategy } from './naming.ts';

/** A column of a table. */
export class TableColumn {
  readonly table: Table;
  readonly attribute: string;
  readonly name: string;
  readonly spec: ColumnSpec;
  readonly type: SqlType;
  /** Its place in the table. */
  readonly index: number;
  /** NULL may be stored: said so, or a column of a subclass in its base's table. */
  readonly nullable: boolean;

  constructor(table: Table, attribute: string, spec: ColumnSpec, nullable: boolean = spec.nullable) {
    this.table = table;
    this.attribute = attribute;
    this.name = spec.name ?? table.naming.column(attribute);
    this.spec = spec;
    this.type = spec.type;
    this.index = table.columns.length;
    this.nullable = nullable && !spec.key;
  }

  /** For messages: `users.email`. */
  get path(): string {
    return `${this.table.name}.${this.attribute}`;
  }
}

/** A foreign key. Its target is found when the metadata is complete. */
export class ForeignKey {
  readonly table: Table;
  readonly columns: readonly TableColumn[];
  /** `users.id`, `projects` (its key) or `projects.tenantId,id`. */
  readonly target: string;
  readonly onDelete: OnDelete | undefined;
  #resolved: readonly TableColumn[] | undefined;

  constructor(table: Table, columns: readonly TableColumn[], target: string, onDelete: OnDelete | undefined) {
    this.table = table;
    this.columns = columns;
    this.target = target;
    this.onDelete = onDelete;
  }

  /** The columns referred to, in the order of `columns`. */
  get references(): readonly TableColumn[] {
    return (this.#resolved ??= this.#resolve());
  }

  get nullable(): boolean {
    return this.columns.every((column) => column.nullable);
  }

  #resolve(): readonly TableColumn[] {
    const [name = '', attributes] = this.target.split('.');
    const table = this.table.metadata.find(name, this.table.schema);
    const owner = `${this.table.name}.${this.columns.map((column) => column.attribute).join(',')}`;
    if (!table) {
      throw new ConfigurationError(
        `${owner} refers to the table '${name}', which no model has; known: ${this.table.metadata.names()}`,
      );
    }
    const found = attributes
      ? attributes.split(',').map((attribute) => table.column(attribute.trim()))
      : table.primaryKey;
    if (found.length !== this.columns.length || found.length === 0) {
      throw new ConfigurationError(
        `${owner} has ${this.columns.length} column(s) and refers to ${found.length} of '${this.target}'`,
      );
    }
    return found;
  }
}

/** An index, as data. */
export interface IndexSpec {
  readonly on: readonly Fragment[];
  readonly unique: boolean;
  readonly where?: Fragment;
  readonly name?: string;
}

let tables = 0;

/** A table: plain schema data, made by `Model()` or by a many-to-many relation. */
export class Table {
  readonly metadata: MetaData;
  readonly name: string;
  readonly schema: string | undefined;
  readonly naming: NamingStrategy;
  readonly columns: TableColumn[] = [];
  readonly uniques: (readonly TableColumn[])[] = [];
  readonly foreignKeys: ForeignKey[] = [];
  readonly checks: Map<string, Fragment> = new Map();
  readonly indexes: IndexSpec[] = [];
  /** A short name for cache keys, unlike every other table's. */
  readonly id: string = (tables++).toString(36);
  readonly #byAttribute = new Map<string, TableColumn>();
  #primaryKey: readonly TableColumn[] = [];
  #generatedKey: TableColumn | undefined;

  constructor(metadata: MetaData, name: string, naming: NamingStrategy, schema?: string) {
    if (name === '' || name.includes('\0')) throw new ConfigurationError('a table needs a name');
    this.metadata = metadata;
    this.name = name;
    this.naming = naming;
    this.schema = schema;
  }

  get primaryKey(): readonly TableColumn[] {
    return this.#primaryKey;
  }

  /** The sole integer key that the database makes, where there is one. */
  get generatedKey(): TableColumn | undefined {
    return this.#generatedKey;
  }

  /** Adds a column and what it says of itself: its uniqueness, its foreign key. */
  add(attribute: string, spec: ColumnSpec, nullable?: boolean): TableColumn {
    const column = new TableColumn(this, attribute, spec, nullable);
    const taken = this.columns.find((other) => other.name === column.name || other.attribute === attribute);
    if (taken) {
      throw new ConfigurationError(
        `table '${this.name}' has two columns '${column.name}' (${taken.attribute}, ${attribute}): rename one with .named()`,
      );
    }
    this.columns.push(column);
    this.#byAttribute.set(attribute, column);
    if (spec.key) {
      this.#primaryKey = [...this.#primaryKey, column];
      this.#generatedKey = generatedKeyOf(this.#primaryKey);
    }
    if (spec.unique) this.uniques.push([column]);
    if (spec.references) this.refer([column], spec.references.target, spec.references.onDelete);
    return column;
  }

  refer(columns: readonly TableColumn[], target: string, onDelete?: OnDelete): ForeignKey {
    const key = new ForeignKey(this, columns, target, onDelete);
    this.foreignKeys.push(key);
    return key;
  }

  find(attribute: string): TableColumn | undefined {
    return this.#byAttribute.get(attribute);
  }

  column(attribute: string): TableColumn {
    const column = this.#byAttribute.get(attribute);
    if (column) return column;
    const known = this.columns.map((other) => other.attribute).join(', ');
    throw new ConfigurationError(`table '${this.name}' has no attribute '${attribute}'; it has ${known}`);
  }
}

function generatedKeyOf([sole, ...others]: readonly TableColumn[]): TableColumn | undefined {
  const isMade = sole && others.length === 0 && sole.spec.generated && !sole.spec.references && isWhole(sole);
  return isMade ? sole : undefined;
}

function isWhole(column: TableColumn): boolean {
  const { kind } = column.type;
  return (kind === 'integer' || kind === 'bigint') && !column.spec.make && !column.spec.defaultSql;
}
