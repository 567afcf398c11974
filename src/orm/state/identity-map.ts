import type { Table } from '../../schema/table.ts';
import type { Link, MappedColumn, Mapper } from '../mapping/mapper.ts';
import type { InstanceState } from './instance-state.ts';

/** A key as one value: a sole key as it is, a composite one as text. */
export function identityOf(raw: readonly unknown[]): string | number {
  return raw.length === 1 ? identityOfSole(raw[0]) : JSON.stringify(raw.map(partOf));
}

/** The same for a key of one column. */
export function identityOfSole(raw: unknown): string | number {
  return typeof raw === 'number' || typeof raw === 'string' ? raw : JSON.stringify([partOf(raw)]);
}

/** Drivers give bytes as a view, as a buffer or as an array of numbers. */
function partOf(part: unknown): unknown {
  if (part instanceof ArrayBuffer) return [...new Uint8Array(part)];
  return part instanceof Uint8Array ? [...part] : part;
}

/** The same for columns of an entity's row; undefined where one is NULL, or was not read. */
export function identityIn(
  { row, positions }: InstanceState,
  columns: readonly MappedColumn[],
): string | number | undefined {
  if (columns.length === 1) {
    const sole = row![positions![columns[0]!.index]!];
    return sole === null || sole === undefined ? undefined : identityOfSole(sole);
  }
  const raw = columns.map(({ index }) => row![positions![index]!] ?? undefined);
  return raw.includes(undefined) ? undefined : identityOf(raw);
}

interface Index {
  readonly states: ReadonlyMap<string | number | undefined, InstanceState>;
  /** How many entities there were: those that were read since are not in it. */
  readonly size: number;
}

/** One entity for each row that the session knows: by hierarchy, then by key in the database's form. */
export class IdentityMap {
  readonly #roots = new Map<Mapper, Map<string | number, InstanceState>>();
  /** Entities by the columns that a foreign key refers to beside the primary key, made when asked for. */
  readonly #byReference = new Map<Link, Index>();

  get(mapper: Mapper, identity: string | number | undefined): InstanceState | undefined {
    return this.#roots.get(mapper.root)?.get(identity!);
  }

  /** The entities of a hierarchy by key; for loops that look up many. */
  of(mapper: Mapper): Map<string | number, InstanceState> {
    let states = this.#roots.get(mapper.root);
    if (!states) this.#roots.set(mapper.root, (states = new Map()));
    return states;
  }

  /** The entities of the hierarchy that has rows in a table, where there are some, and its root. */
  holding(table: Table): [Mapper, ReadonlyMap<string | number, InstanceState>] | undefined {
    return [...this.#roots].find(
      ([root, states]) => states.size > 0 && root.family().some(({ tables }) => tables.includes(table)),
    );
  }

  /** The entity that the row of another refers to. */
  referred(state: InstanceState, link: Link): InstanceState | undefined {
    return state.row && this.find(link, identityIn(state, link.columns));
  }

  /** The entity that has what a foreign key refers to. */
  find(link: Link, identity: string | number | undefined): InstanceState | undefined {
    if (link.byKey) return this.get(link.target, identity);
    const states = this.of(link.target);
    let found = this.#byReference.get(link);
    if (found?.size !== states.size) {
      const index = new Map<string | number | undefined, InstanceState>();
      for (const state of states.values())
        if (state.mapper.isA(link.target)) index.set(identityIn(state, link.references), state);
      this.#byReference.set(link, (found = { states: index, size: states.size }));
    }
    return identity === undefined ? undefined : found.states.get(identity);
  }

  /** Rows are others than they were, or have other values in these columns. */
  noteRows(columns?: ReadonlyMap<MappedColumn, unknown>): void {
    // Mostly there is nothing to forget, and clearing a map makes another.
    if (this.#byReference.size === 0) return;
    for (const link of this.#byReference.keys())
      if (!columns || link.references.some((mapped) => columns.has(mapped))) this.#byReference.delete(link);
  }

  set(state: InstanceState, identity: string | number = identityIn(state, state.mapper.key)!): void {
    this.noteRows();
    state.identity = identity;
    this.of(state.mapper).set(identity, state);
  }

  /** Takes the entity out; another that has its key by now stays. */
  delete(state: InstanceState): void {
    this.noteRows();
    if (state.identity === undefined) return;
    const states = this.of(state.mapper);
    if (states.get(state.identity) === state) states.delete(state.identity);
    state.identity = undefined;
  }

  /** Everything that is in it now. */
  all(): InstanceState[] {
    const all: InstanceState[] = [];
    for (const states of this.#roots.values()) for (const state of states.values()) all.push(state);
    return all;
  }

  [Symbol.iterator](): Iterator<InstanceState> {
    return this.all().values();
  }

  clear(): void {
    this.#roots.clear();
    this.noteRows();
  }
}
