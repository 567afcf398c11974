import type { Dialect } from '../../compiler/dialect.ts';
import type { TableColumn } from '../../schema/table.ts';
import type { Expression } from '../../sql/expression.ts';
import type { SelectNode } from '../../sql/nodes.ts';
import type { Branded } from '../../util/brand.ts';
import type { RelationMapping } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import type { EntityShape } from './entity-query.ts';

type Cells = readonly unknown[];

/** A relation to load, and those to load beyond it. */
export interface Branch {
  readonly relation: RelationMapping;
  /** The program's own select of the target: a part of the relation. */
  readonly part: SelectNode | undefined;
  readonly branches: readonly Branch[];
  /** Where there are several parts of the relation: the name of this one. */
  readonly name?: string;
  /** Undefined for a query of its own that repeats the one of the parents. */
  readonly strategy?: Strategy | undefined;
}

export const LOAD_BY: symbol = Symbol.for('cinnabar.load-by');

/** What `with()` was given for a relation, where it is more than relations or a part. */
export class LoadSpec implements Branded {
  declare readonly branches: (relation: RelationMapping, where: string) => Branch[];

  constructor(branches: (relation: RelationMapping, where: string) => Branch[]) {
    this.branches = branches;
  }

  get brand(): symbol {
    return LOAD_BY;
  }
}

export type StrategyName = 'batch' | 'selectIn' | 'join' | 'json' | 'containsEager' | 'lazy' | 'raise';

/** What a session tells of a relation that it loads. */
export interface LoadEvent {
  readonly model: string;
  readonly relation: string;
  /** `batch`: in the unit of its parents, by their query. `selectIn`: in the next one, by their keys. */
  readonly strategy: StrategyName;
  /** Where another was asked for: which, and why it could not be. */
  readonly instead?: { readonly of: StrategyName; readonly because: string };
}

/** A way to load a relation other than by a query of its own in the unit of its parents. */
export interface Strategy {
  readonly name: StrategyName;
  /** Puts it into the query of its parents; or says why it cannot be. Without this, it is loaded after them, by keys. */
  readonly embed?: (branch: Branch, host: Host, dialect: Dialect) => Embedded | string;
  /** Loads nothing, but hears of the parents. */
  readonly note?: (parents: readonly InstanceState[], relation: RelationMapping) => void;
}

/** A select that is being put together. */
export interface HostSelect {
  node: SelectNode;
  readonly shape: EntityShape;
  /** Where its rows say which parent they belong to. */
  readonly ownerAt: readonly number[] | undefined;
  /** The same rows, as a subquery; undefined where they may not be repeated. */
  readonly core: SelectNode | undefined;
  /** Why nothing can be put into it. */
  readonly closed: string | undefined;
  /** Whether the program has joined something to it, so that its rows may not be distinct. */
  readonly isJoined: boolean;
  /** A column of its own tables in it. */
  readonly place: (column: TableColumn) => Expression;
  /** How many names it has given to tables. */
  names: number;
  /** Once relations are put into it: its own rows, each once. */
  reduce?: (rows: readonly Cells[]) => Cells[];
}

/** What reads the parents: into its select relations are put. */
export interface Host {
  readonly select: HostSelect;
  /** A column of the parents in it. */
  readonly place: (column: TableColumn) => Expression;
}

/** A relation within the query of its parents. */
export interface Embedded {
  readonly shape: EntityShape;
  readonly ownerAt: readonly number[] | undefined;
  /** Where it shares the select of its parents, it shares their rows. */
  readonly host: Host;
  /** Called once all that lies beyond was put in. */
  readonly finish?: () => void;
  /** The rows of the relation, from those of the parents. */
  rows(parents: readonly Cells[]): Cells[];
}
