import type { QualifiedName } from '../schema/definition.ts';
import type { Table, TableColumn } from '../schema/table.ts';
import type { Expression, List, Order, Piece, Writer } from './expression.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { LockNode } from './lock.ts';
import type { RowsDialect, RowsLimits } from './insert-rows.ts';

/** What FROM and JOIN name, as data. */
export type SourceNode = TableSource | AliasSource | ViewSource | DerivedSource | RowsSource;

/** A table under its own name. */
export interface TableSource {
  readonly kind: 'table';
  readonly table: Table;
  readonly name: string;
}

/** A table once more, under another name. */
export interface AliasSource {
  readonly kind: 'alias';
  readonly table: Table;
  readonly name: string;
}

/** A view of the database. */
export interface ViewSource {
  readonly kind: 'view';
  readonly table: QualifiedName;
  readonly name: string;
}

/** A subquery in FROM, or a CTE. */
export interface DerivedSource {
  readonly kind: 'derived';
  readonly name: string;
  readonly cte: boolean;
  /** A recursive CTE reads itself in its second part. */
  readonly recursive: boolean;
  /** Whether a CTE is computed once, or written into what reads it; the database chooses where undefined. */
  readonly materialized?: boolean | undefined;
  readonly select: SelectNode;
}

/** Rows of values. */
export interface RowsSource {
  readonly kind: 'rows';
  readonly name: string;
  readonly columns: readonly string[];
  readonly list: List;
  /** The select of the rows, from one parameter, or from one for each value. */
  text(dialect: ListWriter, placeholder: () => string): string;
}

/** What rows of values ask of the dialect that renders them. */
export interface ListWriter {
  quote(identifier: string): string;
  codec(type: SqlType): { bind?(placeholder: string): string };
  list(codecs: readonly never[]): { from(placeholder: string): string; cell(at: number): string } | undefined;
}

export type SetOperator = 'union' | 'union all' | 'intersect' | 'except';

export interface JoinNode {
  readonly type: 'inner' | 'left' | 'right' | 'full';
  readonly source: SourceNode;
  readonly on: Expression;
  /** Joined to the source before it is joined itself: the tables of base classes. */
  readonly within?: readonly JoinNode[] | undefined;
}

/** A column of a result. */
export interface Output {
  readonly name: string;
  readonly expression: Expression;
}

/** One member of a row: an expression's value, or the columns of an entity. */
export interface ShapeEntry {
  /** Undefined where the entity is the row. */
  readonly name: string | undefined;
  readonly start: number;
  /** Undefined for a plain value. */
  readonly entity: EntitySource | undefined;
}

/** Selects combined. */
export interface Compound {
  readonly operator: SetOperator;
  readonly selects: readonly SelectNode[];
  /** The selects, combined; `most` of them at once. */
  text(render: (select: SelectNode) => string, most: number): string;
  /** Undefined in a common table expression, which has no order, and is read by other selects. */
  readonly result?: {
    /** The column by which it is ordered, counted from 0. */
    placeOf(by: Order, node: SelectNode): number;
    /** The same as a subquery, so that it is ordered by what is stored and not by the form in which it is read. */
    around(node: SelectNode): SelectNode;
  };
}

/** How each column of an answer is decoded; undefined where it is as it comes. */
export type Decoders = readonly (((raw: unknown) => unknown) | undefined)[];

/** The entity of a row that a session has made: of a member of the row, by its place. */
export type EntityAt = (member: number, row: number) => unknown;

/** Makes what reads the rows of a statement. */
export type RowReader = (
  node: { readonly shape: readonly ShapeEntry[] },
  decoders: Decoders,
  entityAt?: EntityAt,
) => (cells: readonly unknown[], row: number) => unknown;

/** A statement whose rows the program is given. The reader comes with it, so that a program without one does without it. */
interface Readable {
  readonly shape: readonly ShapeEntry[];
  readonly reader?: RowReader;
}

export interface SelectNode extends Readable {
  readonly kind: 'select';
  readonly outputs: readonly Output[];
  readonly from: SourceNode | undefined;
  readonly joins: readonly JoinNode[];
  readonly where: readonly Expression[];
  readonly groupBy: readonly Expression[];
  readonly having: readonly Expression[];
  readonly orderBy: readonly Order[];
  readonly limit: Expression | undefined;
  readonly offset: Expression | undefined;
  readonly distinct: boolean;
  /** These combined, with the `orderBy` and `limit` of this node. */
  readonly compound: Compound | undefined;
  readonly lock?: LockNode | undefined;
  /** Relations that a session loads beside the rows. */
  readonly load?: Readonly<Record<string, unknown>> | undefined;
  /** The only attributes that a session reads, beside the key. */
  readonly only?: readonly string[] | undefined;
  /** The filters of sessions that this statement goes without. */
  readonly lifted?: readonly object[] | undefined;
  /** What is read beside the columns of entities. */
  readonly extra?: Extra | undefined;
}

/** Columns beside those of entities, and who takes them: the rows, the entity of each, and where the columns begin. */
export interface Extra {
  readonly outputs: readonly Output[];
  take(rows: readonly (readonly unknown[])[], entities: readonly object[], at: number): void;
}

export type Assignment = readonly [column: TableColumn, value: Expression];

/** What becomes of a row that is there already. */
export interface Conflict {
  /** By which columns; any where there is none. */
  readonly target: readonly TableColumn[];
  /** Which rows the unique index of the target is of. */
  readonly index: Expression | undefined;
  /** Undefined where the row stays as it is. */
  readonly set: readonly Assignment[] | undefined;
  /** Which rows are changed. */
  readonly where: readonly Expression[];
}

export interface InsertNode extends Readable {
  readonly kind: 'insert';
  /** What follows the table, up to RETURNING. */
  written(node: InsertNode, dialect: Writer): readonly Piece[];
  readonly table: Table;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Expression[])[];
  /** How many rows are put. It comes with the insert, so that a program without one does without it. */
  readonly many?: {
    asParameter(node: InsertNode, dialect: RowsDialect): InsertNode;
    split(node: InsertNode, dialect: RowsDialect, limits: RowsLimits): InsertNode[];
  };
  readonly select: SelectNode | undefined;
  readonly conflict: Conflict | undefined;
  readonly returning: readonly Output[];
  readonly lifted?: readonly object[];
}

export interface UpdateNode extends Readable {
  readonly kind: 'update';
  /** What follows the table, up to FROM or WHERE. */
  written(node: UpdateNode, dialect: Writer): readonly Piece[];
  readonly table: Table;
  readonly set: readonly Assignment[];
  /** What else the update reads. */
  readonly from?: SourceNode | undefined;
  readonly joins?: readonly JoinNode[];
  readonly where: readonly Expression[];
  readonly returning: readonly Output[];
  readonly lifted?: readonly object[];
}

export interface DeleteNode extends Readable {
  readonly kind: 'delete';
  readonly table: Table;
  readonly where: readonly Expression[];
  readonly returning: readonly Output[];
  readonly lifted?: readonly object[];
}

export type WriteNode = InsertNode | UpdateNode | DeleteNode;
export type StatementNode = SelectNode | WriteNode;

/** What adds conditions of its own to a statement, and to every select within it. The same node for the same node. */
export interface Rewriting {
  select(node: SelectNode): SelectNode;
  write(node: WriteNode): WriteNode;
}

/** Attributes that are several columns, `address` of `address.street` and `address.city`: as wholes, and by the columns. */
export interface EmbeddedValues {
  has(attribute: string): boolean;
  /** The parts of the wholes that are given. */
  spread(values: object, model: string): Record<string, unknown>;
  /** The wholes of the parts in a row, in place. */
  nest(row: Record<string, unknown>): Record<string, unknown>;
  toJson(entity: Readonly<Record<string, unknown>>, json: Record<string, unknown>): void;
}

/** A table as statements see a model: its columns by attribute, and what a select of it reads. */
export interface EntitySource {
  readonly name: string;
  readonly source: SourceNode;
  /** Tables of base classes. */
  readonly joins: readonly JoinNode[];
  /** Rows of a single-table subclass. */
  readonly where: readonly Expression[];
  readonly columns: ReadonlyMap<string, Expression>;
  /** What builds a select of a model; undefined for a table that has none. */
  readonly builder?: new (node: SelectNode) => object;
  /** Conditions for `filterBy` of a model: columns by value, to-one relations by entity. */
  filter?(values: object): Expression[];
  /** Values of several columns. */
  readonly embedded?: EmbeddedValues | undefined;
  /** The mapper of the model, for a session. */
  readonly owner?: unknown;
}
