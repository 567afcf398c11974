import { ConfigurationError } from '../errors/errors.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { ColumnSpec, ForeignKeyOptions } from './column.ts';
import type { Fragment } from './fragment.ts';
import type { MetaData } from './metadata.ts';
import { snakeCase } from './naming.ts';

/** A column of a table. */
export class TableColumn {
  declare readonly table: Table;
  declare readonly attribute: string;
  declare readonly name: string;
  declare readonly spec: ColumnSpec;
  declare readonly type: SqlType;
  /** Its place in the table. */
  declare readonly index: number;
  /** NULL may be stored: said so, or a column of a subclass in its base's table. */
  declare readonly nullable: boolean;
  /** For messages: `users.email`. */
  declare readonly path: string;

  constructor(table: Table, attribute: string, spec: ColumnSpec, nullable: boolean = spec.nullable) {
    this.table = table;
    this.attribute = attribute;
    this.name = spec.name ?? table.metadata.naming.column?.(attribute) ?? snakeCase(attribute);
    this.spec = spec;
    this.type = spec.type;
    this.index = table.columns.length;
    this.nullable = nullable && !spec.key;
    this.path = `${table.name}.${attribute}`;
  }
}

/** A foreign key, as it was said. */
export interface Reference {
  readonly columns: readonly TableColumn[];
  /** `users.id`, `projects` (its key) or `projects.tenantId,id`. */
  readonly target: string;
  readonly options: ForeignKeyOptions;
}

/** An index, as data. */
export interface IndexSpec {
  readonly on: readonly Fragment[];
  readonly unique: boolean;
  readonly where?: Fragment;
  readonly name?: string;
  /** How it is built, where that is not the database's usual way: `gin`. */
  readonly method?: string;
  /** Columns that are kept in it and not searched by. */
  readonly include?: readonly Fragment[];
  readonly nullsNotDistinct?: true;
}

/** What a table says beside its columns. */
export interface TableSettings {
  /** The attached database, or the schema, that the table is in. */
  schema?: string | undefined;
  /** Read only: a view, or a table that others write. It is neither created nor dropped as a table. */
  readOnly?: boolean;
  /** SQLite: values of another type than their column's are refused by the database, too. */
  strict?: boolean;
  /** SQLite: rows are stored by their primary key, which the program makes. */
  withoutRowid?: boolean;
  /** Stored where the database keeps comments; SQLite does not. */
  comment?: string;
}

/** Constraints over several columns, by attribute. */
export interface TableConstraints {
  readonly unique?: readonly (readonly PropertyKey[])[];
  readonly foreignKeys?: readonly (ForeignKeyOptions & {
    readonly columns: readonly PropertyKey[];
    readonly references: string;
  })[];
}

let tables = 0;

/** A table: plain schema data, made by `Model()`, by `table()` or by a many-to-many relation. */
export class Table {
  declare readonly metadata: MetaData;
  declare readonly name: string;
  declare readonly schema: string | undefined;
  declare readonly settings: TableSettings;
  /** The model that it was declared with, for messages. */
  model?: string;
  readonly columns: TableColumn[] = [];
  readonly uniques: (readonly TableColumn[])[] = [];
  readonly references: Reference[] = [];
  readonly checks: Map<string, Fragment> = new Map();
  readonly indexes: IndexSpec[] = [];
  /** Checks and indexes that are yet to be made: few programs create their tables. */
  readonly rules: (() => object)[] = [];
  /** A short name for cache keys, unlike every other table's. */
  readonly id: string = (tables++).toString(36);
  readonly #byAttribute = new Map<string, TableColumn>();
  #primaryKey: readonly TableColumn[] = [];
  #generatedKey: TableColumn | undefined;

  constructor(metadata: MetaData, name: string, settings: TableSettings = {}) {
    if (name === '' || name.includes('\0')) throw new ConfigurationError('a table needs a name');
    this.metadata = metadata;
    this.name = name;
    this.schema = settings.schema ?? metadata.schema;
    this.settings = settings;
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
    if (spec.references) this.refer([column], spec.references.target, spec.references);
    return column;
  }

  refer(columns: readonly TableColumn[], target: string, options: ForeignKeyOptions = {}): void {
    this.references.push({ columns, target, options });
  }

  /** Adds constraints over several columns. */
  constrain({ unique = [], foreignKeys = [] }: TableConstraints): void {
    const named = (attributes: readonly PropertyKey[]): TableColumn[] =>
      attributes.map((attribute) => this.column(String(attribute)));
    for (const attributes of unique) this.uniques.push(named(attributes));
    for (const key of foreignKeys) this.refer(named(key.columns), key.references, key);
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
