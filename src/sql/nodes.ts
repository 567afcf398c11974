import type { Table, TableColumn } from '../schema/table.ts';
import type { Expression, Order } from './expression.ts';

/** What FROM and JOIN name, as data. */
export type SourceNode = TableSource | AliasSource | DerivedSource;

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

/** A subquery in FROM, or a CTE. */
export interface DerivedSource {
  readonly kind: 'derived';
  readonly name: string;
  readonly cte: boolean;
  /** A recursive CTE reads itself in its second part. */
  readonly recursive: boolean;
  readonly select: SelectNode;
}

export interface JoinNode {
  readonly type: 'inner' | 'left' | 'right' | 'full';
  readonly source: SourceNode;
  readonly on: Expression;
  /** Joined to the source before it is joined itself: the tables of base classes. */
  readonly within?: readonly JoinNode[];
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

export interface SelectNode {
  readonly kind: 'select';
  readonly outputs: readonly Output[];
  readonly shape: readonly ShapeEntry[];
  readonly from: SourceNode | undefined;
  readonly joins: readonly JoinNode[];
  readonly where: readonly Expression[];
  readonly groupBy: readonly Expression[];
  readonly having: readonly Expression[];
  readonly orderBy: readonly Order[];
  readonly limit: Expression | undefined;
  readonly offset: Expression | undefined;
  readonly distinct: boolean;
  /** UNION of these, with the `orderBy` and `limit` of this node. */
  readonly compound: { readonly all: boolean; readonly selects: readonly SelectNode[] } | undefined;
  /** Relations that a session loads beside the rows. */
  readonly load?: Readonly<Record<string, unknown>> | undefined;
  /** The only attributes that a session reads, beside the key. */
  readonly only?: readonly string[] | undefined;
}

export type Assignment = readonly [column: TableColumn, value: Expression];

export interface InsertNode {
  readonly kind: 'insert';
  readonly table: Table;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Expression[])[];
  readonly select: SelectNode | undefined;
  readonly conflict:
    | { readonly target: readonly TableColumn[]; readonly set: readonly Assignment[] | undefined }
    | undefined;
  readonly returning: readonly Output[];
  readonly shape: readonly ShapeEntry[];
}

export interface UpdateNode {
  readonly kind: 'update';
  readonly table: Table;
  readonly set: readonly Assignment[];
  readonly where: readonly Expression[];
  readonly returning: readonly Output[];
  readonly shape: readonly ShapeEntry[];
}

export interface DeleteNode {
  readonly kind: 'delete';
  readonly table: Table;
  readonly where: readonly Expression[];
  readonly returning: readonly Output[];
  readonly shape: readonly ShapeEntry[];
}

export type WriteNode = InsertNode | UpdateNode | DeleteNode;
export type StatementNode = SelectNode | WriteNode;

/** A table as statements see a model: its columns by attribute, and what a select of it reads. */
export interface EntitySource {
  readonly name: string;
  readonly source: SourceNode;
  /** Tables of base classes. */
  readonly joins: readonly JoinNode[];
  /** Rows of a single-table subclass. */
  readonly where: readonly Expression[];
  readonly columns: ReadonlyMap<string, Expression>;
  /** Conditions for `filterBy`: columns by value, to-one relations by entity. */
  filter(values: object): Expression[];
  /** The mapper of the model, for a session. */
  readonly owner?: unknown;
}
