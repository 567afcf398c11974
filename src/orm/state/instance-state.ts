import type { Codec, Dialect } from '../../compiler/dialect.ts';
import type { Link, Mapper, RelationMapping } from '../mapping/mapper.ts';
import type { Collection } from './collection.ts';
import type { IdentityMap } from './identity-map.ts';

/**
 * The life of an entity: `transient` (made by the program, in no session), `pending` (added, to be inserted),
 * `persistent` (has a row), `deleted` (its row will go with the next commit), `detached` (had a row, in no session).
 */
export type Status = 'transient' | 'pending' | 'persistent' | 'deleted' | 'detached';

/** What a session does for the entities in it. */
export interface LoadContext {
  /** The session itself. */
  readonly session: object;
  readonly dialect: Dialect;
  readonly identities: IdentityMap;
  /** Loads a relation for the entity and its peers. */
  load(state: InstanceState, relation: RelationMapping): Promise<void>;
  /** Set while rows that are read may be undone: called before one is taken over, and for each new entity. */
  noteRead: ((state: InstanceState, isNew: boolean) => void) | undefined;
  /** Takes in what a change made reachable. */
  reach(state: InstanceState): void;
}

/** Where the columns of a model are in a row; -1 where the row has them not. */
export type Positions = readonly number[];

/** The known target of a foreign key, and the key's values at the time: other values mean another target. */
export interface LinkState {
  readonly link: Link;
  /** Null is no target; undefined is not loaded. */
  readonly target: InstanceState | null | undefined;
  keys: readonly unknown[];
  /** Set by the program since the last commit, so that a key that disagrees is a contradiction. */
  changed: boolean;
}

/** What most entities have: loops over one kind of collection alone are fast. A frozen array is of a kind of its own. */
const NO_LINKS: readonly LinkState[] = [];
export const NO_COLLECTIONS: Map<RelationMapping, Collection> = /* @__PURE__ */ new Map();

/** What the library knows of one entity. */
export class InstanceState {
  declare readonly mapper: Mapper;
  entity: Record<string, unknown> = undefined as never;
  context: LoadContext | undefined;
  /** What its row is of, once it is in no session. */
  dialect: Dialect | undefined;
  declare status: Status;
  /** The row as it was read or sent, in the database's form. Undefined for a new entity. */
  row: readonly unknown[] | undefined;
  positions: Positions | undefined;
  /** Its key in the identity map. */
  identity: string | number | undefined;
  /** What is known of its foreign keys: a new list with each change. */
  links: readonly LinkState[] = NO_LINKS;
  collections: Map<RelationMapping, Collection> = NO_COLLECTIONS;
  /** Where it was among the new rows of a commit. */
  place = 0;
  /** The entities of the same result: a lazy load serves them all. */
  peers: readonly InstanceState[] | undefined;

  constructor(mapper: Mapper, status: Status) {
    this.mapper = mapper;
    this.status = status;
  }

  get isNew(): boolean {
    return this.status === 'transient' || this.status === 'pending';
  }

  /** How the database that its row is of stores its columns. */
  get codecs(): readonly Codec[] {
    return this.mapper.codecs((this.context ?? (this as { readonly dialect: Dialect })).dialect);
  }

  /** Takes it out of its session. */
  leave(status: Status): void {
    this.status = status;
    this.dialect = this.context?.dialect ?? this.dialect;
    this.context = undefined;
  }

  /** What is known of a foreign key. */
  known(link: Link): LinkState | undefined {
    for (const known of this.links) if (known.link === link) return known;
    return undefined;
  }

  values(columns: readonly { readonly attribute: string }[]): unknown[] {
    const { entity } = this;
    // A copy takes as much memory as it needs, and no function is made for each call.
    const values: unknown[] = columns.slice();
    for (let at = 0; at < values.length; at++) values[at] = entity[columns[at]!.attribute];
    return values;
  }

  /** For messages: `a new User (key: id)`. It names the columns of the key, never their values. */
  get label(): string {
    return `a ${this.isNew ? 'new ' : ''}${labelOf(this.mapper)}`;
  }
}

/** A model and the columns of its key, for messages. */
export function labelOf({ name, key }: Mapper): string {
  return `${name} (key: ${key.map(({ attribute }) => attribute).join(', ')})`;
}
