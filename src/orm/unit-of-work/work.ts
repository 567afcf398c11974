import type { Dialect } from '../../compiler/dialect.ts';
import { KeyReference, type Cell } from '../../compiler/write-plan.ts';
import type { Table } from '../../schema/table.ts';
import type { MappedColumn, Mapper, RelationMapping } from '../mapping/mapper.ts';
import type { Collection } from '../state/collection.ts';
import type { IdentityMap } from '../state/identity-map.ts';
import type { InstanceState, LinkState } from '../state/instance-state.ts';
import type { Follower } from './follow.ts';

/** What a session hands over to be written. */
export interface Pending {
  readonly dialect: Dialect;
  readonly identities: IdentityMap;
  /** To be inserted, in the order in which they were added. */
  readonly added: ReadonlySet<InstanceState>;
  readonly deleted: ReadonlySet<InstanceState>;
}

/** A row to be inserted, and the reference to its key: with the ordinal 0 where the program gave that. */
export class Insertion extends KeyReference {
  declare readonly state: InstanceState;
  /** The cell of each column of its model, undefined where the database makes it. */
  declare readonly cells: Cell[];
  /** What its keys refer to: what is set from now on stays pending. */
  declare readonly links: readonly LinkState[];

  constructor(state: InstanceState, ordinal: number) {
    super(state.mapper.root.table, ordinal);
    this.state = state;
    this.cells = state.values(state.mapper.columns);
    this.links = state.links;
  }
}

/** The new row of an entity, where the commit has one. */
export function insertionOf(state: InstanceState, { insertions }: Pick<WorkSet, 'insertions'>): Insertion | undefined {
  const found = insertions[state.place];
  return found?.state === state ? found : undefined;
}

/** A row to be changed: its new cells, by column. */
export interface Change {
  readonly state: InstanceState;
  readonly cells: ReadonlyMap<MappedColumn, Cell>;
  /** Of the cells, those that the program did not give: the version, and what `onUpdate` makes. */
  readonly made: readonly MappedColumn[];
  /** Of the cells, those that the database computes: their values come back. Such a row has a statement of its own. */
  readonly computed?: readonly MappedColumn[];
}

/** A pair of a many-to-many, in the direction of `relation`. */
export interface Pairing {
  readonly relation: RelationMapping;
  readonly owner: InstanceState;
  readonly target: InstanceState;
}

/** What a collection had pending when the plan was made: later edits stay pending. */
export interface Settlement {
  readonly collection: Collection;
  readonly added: readonly InstanceState[];
  readonly removed: readonly InstanceState[];
}

/** All that one commit does, before it is put in order. */
export interface WorkSet {
  readonly dialect: Dialect;
  readonly identities: IdentityMap;
  readonly isGone: (state: InstanceState) => boolean;
  readonly insertions: readonly Insertion[];
  /** What the new rows are of. */
  readonly mappers: readonly Mapper[];
  readonly changes: readonly Change[];
  /** Every entity of the session that has a row. */
  readonly persistent: readonly InstanceState[];
  /** Of them, those of which the program has set a relation. */
  readonly relinked: readonly InstanceState[];
  /** Children in memory whose keys change with what they refer to. */
  readonly followers: readonly Follower[];
  /** New entities that take the place of a deleted one of their class and key: its row is changed, and not deleted. */
  readonly switched: ReadonlyMap<InstanceState, InstanceState>;
  /** Deleted each by its key. */
  readonly deletions: readonly InstanceState[];
  /** Deleted by the database or by a set-based statement, together with a parent. */
  readonly swept: ReadonlySet<InstanceState>;
  /** New entities that lost their parent: they are forgotten. */
  readonly dropped: ReadonlySet<InstanceState>;
  readonly paired: readonly Pairing[];
  readonly parted: readonly Pairing[];
  readonly settlements: readonly Settlement[];
}

/** The link table that a pair is in. */
export function tableOf({ relation }: Pairing): Table {
  return relation.table!.table;
}
