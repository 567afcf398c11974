import type { Codec, Dialect } from '../../compiler/dialect.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import type { Expression, Order } from '../../sql/expression.ts';
import type { EntitySource } from '../../sql/nodes.ts';
import { readOnly } from '../../sql/write.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { Heritage } from './heritage.ts';

/** A column as an attribute of a model. */
export interface MappedColumn {
  readonly attribute: string;
  readonly column: TableColumn;
  readonly type: SqlType;
  /** Its place among the attributes of the model; a subclass keeps the places of its base. */
  readonly index: number;
  readonly hidden: boolean;
  /** Neither hidden nor guarded: an own property and no more. */
  readonly plain: boolean;
}

/** A foreign key that relations follow. Relations of both sides share it. */
export interface Link {
  /** The side that has the key. */
  readonly holder: Mapper;
  readonly columns: readonly MappedColumn[];
  /** The side referred to. */
  readonly target: Mapper;
  readonly references: readonly MappedColumn[];
  /** Whether it refers to the primary key, by which the identity map has its entities. */
  readonly byKey: boolean;
  readonly nullable: boolean;
  /** The columns that are emptied where it refers to nothing: without one that other keys share and that cannot be NULL. */
  readonly emptied: readonly MappedColumn[];
  readonly onDelete: string | undefined;
  /** Set where the database changes the key with what it refers to. */
  readonly onUpdate: string | undefined;
  /** The relations of the target over this key: collections, and the far side of a one-to-one. */
  readonly backward: RelationMapping[];
}

/** The table between the two sides of a many-to-many. */
export interface LinkTable {
  readonly table: Table;
  readonly ownerColumns: readonly TableColumn[];
  readonly targetColumns: readonly TableColumn[];
  readonly ownerKey: readonly MappedColumn[];
  readonly targetKey: readonly MappedColumn[];
  /** Whether the database deletes the rows with the owner. */
  readonly cascades: boolean;
  /** The same relation, seen from the other side. */
  inverse: RelationMapping | undefined;
}

/** A relation, resolved. */
export interface RelationMapping {
  readonly name: string;
  readonly owner: Mapper;
  readonly target: Mapper;
  /** `forward`: the owner has the key. `backward`: the target has it. `through`: a link table. */
  readonly way: 'forward' | 'backward' | 'through';
  readonly many: boolean;
  readonly nullable: boolean;
  readonly link: Link | undefined;
  readonly table: LinkTable | undefined;
  readonly cascade: 'save' | 'delete' | 'orphans';
  readonly orderBy: (() => readonly Order[]) | undefined;
  /** Set where it only shows what is stored: under which condition of its own. */
  readonly view?: (() => readonly Expression[]) | undefined;
  /** Whether the database alone says what becomes of the far ends of a deleted row. */
  readonly passiveDeletes?: boolean | undefined;
  /** Undefined for a collection without a name. */
  readonly kind?: RelationKind | undefined;
}

/** What only relations of one kind do, brought by the function that declares them: `many()`, `one()`, `writeOnly()`. */
export interface RelationKind {
  readonly many: boolean;
  readonly neverLoaded?: boolean;
  /** Conditions under which a key of the owner refers to an entity, or to nothing. */
  readonly refersTo?: (owner: Mapper, relation: RelationMapping, entity: unknown, where: string) => Expression[];
}

/** The parents' columns by which a relation is followed. */
export function followed(relation: RelationMapping): readonly MappedColumn[] {
  if (relation.table) return relation.table.ownerKey;
  return relation.way === 'forward' ? relation.link!.columns : relation.link!.references;
}

/**
 * Relations whose far ends are rows with a key that refers to the owner. A key that only the other side has a relation for
 * counts as a collection without a name.
 */
export function dependents(mapper: Mapper): (RelationMapping & { readonly link: Link })[] {
  const named = [...mapper.relations.values()].filter(
    (relation): relation is RelationMapping & { link: Link } =>
      relation.way === 'backward' && relation.link !== undefined && !relation.view,
  );
  const links = new Set(named.map(({ link }) => link));
  const nameless = [...mapper.incoming].filter((link) => !links.has(link));
  // What is only read has no rows of its own that a key would have to leave.
  return [...named, ...nameless.map(collectionOver)].filter(({ link }) => !link.holder.table.settings.readOnly);
}

/** Refuses a write of a model that is only read. */
export function assertWritable({ table, name }: Mapper, where: string): void {
  if (table.settings.readOnly) throw readOnly(name, where);
}

const collections = new WeakMap<Link, RelationMapping & { readonly link: Link }>();

function collectionOver(link: Link): RelationMapping & { readonly link: Link } {
  let relation = collections.get(link);
  if (relation) return relation;
  relation = {
    name: `(${link.holder.name}.${link.columns.map(({ attribute }) => attribute).join(', ')})`,
    owner: link.target,
    target: link.holder,
    way: 'backward',
    many: true,
    nullable: true,
    link,
    table: undefined,
    cascade: 'save',
    orderBy: undefined,
  };
  collections.set(link, relation);
  return relation;
}

/** A class that entities are made of. */
export type EntityClass = abstract new (...args: never[]) => object;

/** Everything that the session knows of a model: its columns, its key, its relations, its subclasses. */
export class Mapper {
  /** Undefined until the class is known: a query, a relation, `new` or `register` names it. */
  declare class: EntityClass | undefined;
  declare readonly table: Table;
  declare readonly base: Mapper | undefined;
  /** Set where it has a base, or a subclass. */
  declare heritage: Heritage | undefined;
  declare readonly root: Mapper;
  /** The root's first. One for each level of joined inheritance. */
  declare readonly tables: readonly Table[];
  declare readonly columns: readonly MappedColumn[];
  /** Where a row of all its columns, in order, has each of them. */
  declare readonly positions: readonly number[];
  declare readonly key: readonly MappedColumn[];
  declare readonly version: MappedColumn | undefined;
  /** Every row is of a subclass. */
  declare readonly abstract: boolean;
  /** Values by which rows of this class are told from others of its base. */
  declare readonly fixed: ReadonlyMap<MappedColumn, unknown>;
  readonly relations: Map<string, RelationMapping> = new Map();
  /** Foreign keys of this model that a relation follows, its bases' too. */
  readonly links: Set<Link> = new Set();
  /** Foreign keys of other models (or this one) that refer to this model, and that a relation follows. */
  readonly incoming: Set<Link> = new Set();
  readonly subclasses: Mapper[] = [];
  declare readonly source: EntitySource;
  readonly #byName: ReadonlyMap<string, MappedColumn>;
  #dialect: Dialect | undefined;
  #codecs: readonly Codec[] = [];

  constructor(parts: {
    class: EntityClass | undefined;
    table: Table;
    base: Mapper | undefined;
    heritage: Heritage | undefined;
    columns: readonly MappedColumn[];
    fixed: ReadonlyMap<MappedColumn, unknown>;
    abstract: boolean;
    source: EntitySource;
  }) {
    const { base, table } = parts;
    this.class = parts.class;
    this.table = table;
    this.base = base;
    this.heritage = parts.heritage;
    this.root = base?.root ?? this;
    this.tables = !base ? [table] : base.tables.includes(table) ? base.tables : [...base.tables, table];
    this.columns = parts.columns;
    this.positions = parts.columns.map((mapped) => mapped.index);
    this.key = base?.key ?? parts.columns.filter((mapped) => mapped.column.spec.key);
    this.version = parts.columns.find((mapped) => mapped.column.spec.version);
    this.abstract = parts.abstract;
    this.fixed = parts.fixed;
    this.source = parts.source;
    this.#byName = new Map(parts.columns.map((mapped) => [mapped.attribute, mapped]));
  }

  /** For messages: the class, once it is known; else the table. */
  get name(): string {
    return this.class?.name || this.table.name;
  }

  column(attribute: string): MappedColumn | undefined {
    return this.#byName.get(attribute);
  }

  /** The attribute that a column of one of its tables is mapped to. */
  attributeOf(column: TableColumn): MappedColumn | undefined {
    const mapped = this.#byName.get(column.attribute);
    return mapped?.column === column ? mapped : this.columns.find((other) => other.column === column);
  }

  /** The sole key that the database makes, where there is one. */
  get generatedKey(): MappedColumn | undefined {
    return this.root.table.generatedKey && this.key[0];
  }

  isA(other: Mapper): boolean {
    return this === other || (this.base?.isA(other) ?? false);
  }

  extendBy(subclass: Mapper): void {
    this.subclasses.push(subclass);
    this.heritage = subclass.heritage;
  }

  /** This model and every one that extends it. */
  family(): Mapper[] {
    return this.subclasses.length === 0 ? [this] : [this, ...this.subclasses.flatMap((sub) => sub.family())];
  }

  /** How a dialect stores the columns. Programs mostly have one: only its codecs are kept. */
  codecs(dialect: Dialect): readonly Codec[] {
    // A function that keeps the dialect would take memory with each call.
    if (this.#dialect !== dialect) this.#learn(dialect);
    return this.#codecs;
  }

  #learn(dialect: Dialect): void {
    this.#dialect = dialect;
    this.#codecs = this.columns.map((mapped) => dialect.codec(mapped.type));
  }

  /** For messages: what can be named after `User.`. */
  attributeNames(): string {
    return [...this.#byName.keys(), ...this.relations.keys()].join(', ');
  }
}
