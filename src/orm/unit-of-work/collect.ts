import type { Cell } from '../../compiler/write-plan.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import type { Link, MappedColumn, Mapper, RelationMapping } from '../mapping/mapper.ts';
import type { Collection } from '../state/collection.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { changedColumns } from '../state/snapshot.ts';
import { cellOf, checkCell, checkLinks, type NewRows } from './cells.ts';
import { goesWithTarget, sweep } from './sweep.ts';
import type { Change, Insertion, Pairing, Pending, Settlement, WorkSet } from './work.ts';

/** Finds what a commit has to do. Refuses whatever cannot be stored; changes nothing. */
export function collectWork(pending: Pending): WorkSet {
  const settlements = collectSettlements(pending);
  const deleted = new Set([...pending.deleted, ...collectOrphans(pending)]);
  const swept = sweep(deleted, pending);
  const gone = (state: InstanceState): boolean => deleted.has(state) || swept.has(state);
  const dropped = collectDropped(pending, gone);
  const insertions = collectInsertions(pending, dropped);
  const rows: NewRows = { insertions, dropped };
  for (const { state, cells } of insertions.values()) fillCells(state, cells, rows);
  const changes: Change[] = [];
  for (const state of pending.identities) {
    if (gone(state)) continue;
    checkLinks(state);
    const change = collectChange(state, pending, rows);
    if (change) changes.push(change);
  }
  return {
    insertions,
    changes,
    deletions: [...deleted].filter((state) => !state.isNew),
    swept,
    dropped,
    ...collectPairs(settlements, (state) => gone(state) || dropped.has(state)),
    settlements,
  };
}

function collectSettlements(pending: Pending): Settlement[] {
  const settlements: Settlement[] = [];
  const look = (state: InstanceState): void => {
    for (const collection of state.collections?.values() ?? []) {
      if (collection.added.size === 0 && collection.removed.size === 0) continue;
      settlements.push({ collection, added: [...collection.added], removed: [...collection.removed] });
    }
  };
  for (const state of pending.added) look(state);
  for (const state of pending.identities) look(state);
  return settlements;
}

/** Rows taken out of a collection that owns them, and given to no other parent. */
function collectOrphans(pending: Pending): InstanceState[] {
  return [...pending.identities].filter((state) =>
    [...(state.links ?? [])].some(([link, known]) => known.changed && isOrphaned(state, link)),
  );
}

function isOrphaned(child: InstanceState, link: Link): boolean {
  return (
    child.links?.get(link)?.target === null &&
    child.values(link.columns).every((value) => value === null) &&
    link.backward.some(({ cascade, target }) => cascade === 'orphans' && child.mapper.isA(target))
  );
}

/** New entities that were deleted or lost their parent, and those that in turn lose them. */
function collectDropped(pending: Pending, gone: (state: InstanceState) => boolean): Set<InstanceState> {
  const dropped = new Set<InstanceState>();
  for (let before = -1; before < dropped.size;) {
    before = dropped.size;
    for (const state of pending.added)
      if (pending.deleted.has(state) || lostItsParent(state, (parent) => gone(parent) || dropped.has(parent)))
        dropped.add(state);
  }
  return dropped;
}

/** A new entity that was taken out of the collection that owns it, or whose parent goes and takes its children along. */
function lostItsParent(state: InstanceState, gone: (state: InstanceState) => boolean): boolean {
  return [...state.mapper.links].some((link) => {
    const known = state.links?.get(link);
    if (!known?.changed) return false;
    if (known.target === null) return isOrphaned(state, link);
    return known.target !== undefined && gone(known.target) && goesWithTarget(link);
  });
}

function collectInsertions(pending: Pending, dropped: ReadonlySet<InstanceState>): Map<InstanceState, Insertion> {
  const insertions = new Map<InstanceState, Insertion>();
  const last = new Map<Mapper, number>();
  const added = [...pending.added].filter((state) => !dropped.has(state));
  for (const state of parentsFirst(added)) {
    const { root, generatedKey } = state.mapper;
    let ordinal = 0;
    if (generatedKey && state.entity[generatedKey.attribute] === undefined) {
      ordinal = (last.get(root) ?? 0) + 1;
      last.set(root, ordinal);
    }
    insertions.set(state, { state, cells: [], ordinal });
  }
  return insertions;
}

/** New rows in the order in which they were added, but within a tree of one table parents first, however deep it is. */
function parentsFirst(states: readonly InstanceState[]): Set<InstanceState> {
  const left = new Set(states);
  const ordered = new Set<InstanceState>();
  for (const state of states) {
    const path = [state];
    for (let at = path.at(-1); at; at = path.at(-1)) {
      left.delete(at);
      // What is neither left nor ordered is further up the path: a circle.
      const parent = parentAmong(left, at);
      if (parent) path.push(parent);
      else ordered.add(path.pop()!);
    }
  }
  return ordered;
}

/** One of `states` that an entity of the same table refers to. */
function parentAmong(states: ReadonlySet<InstanceState>, { links, mapper }: InstanceState): InstanceState | undefined {
  for (const { target } of links?.values() ?? []) {
    if (target && target.mapper.root === mapper.root && states.has(target)) return target;
  }
  return undefined;
}

/** The first version of a row. */
const FIRST_VERSION = 1;

function fillCells(state: InstanceState, cells: Cell[], rows: NewRows): void {
  const { mapper } = state;
  for (const mapped of mapper.columns) {
    const { spec } = mapped.column;
    let cell = cellOf(state, mapped, rows);
    if (cell === undefined) {
      const made =
        spec.defaultSql !== undefined || (mapped === mapper.generatedKey && rows.insertions.get(state)!.ordinal > 0);
      if (mapped === mapper.version) cell = FIRST_VERSION;
      if (cell === undefined && made) {
        cells.push(undefined);
        continue;
      }
    }
    checkCell(state, mapped, cell);
    cells.push(cell);
  }
}

function collectChange(state: InstanceState, pending: Pending, rows: NewRows): Change | undefined {
  const { mapper } = state;
  const codecs = mapper.codecs(pending.dialect);
  const changed = changedColumns(state, codecs);
  if (changed.length === 0) return undefined;
  const cells = new Map<MappedColumn, Cell>();
  for (const mapped of changed) {
    const cell = cellOf(state, mapped, rows);
    if (mapper.fixed.has(mapped)) {
      throw new ConfigurationError(
        `${mapper.name}.${mapped.attribute} tells what class a row is of, and cannot be changed`,
      );
    }
    checkCell(state, mapped, cell);
    cells.set(mapped, cell);
  }
  const made = new Set<MappedColumn>();
  for (const mapped of mapper.columns) {
    const { onUpdate } = mapped.column.spec;
    if (!onUpdate || cells.has(mapped)) continue;
    const value = onUpdate();
    checkCell(state, mapped, value);
    cells.set(mapped, value);
    made.add(mapped);
  }
  const { version } = mapper;
  if (version && !cells.has(version)) {
    cells.set(version, Number(state.row![state.positions![version.index]!]) + 1);
    made.add(version);
  }
  return { state, cells, made };
}

/** Each pair of a many-to-many once, though both sides know it. */
function collectPairs(
  settlements: readonly Settlement[],
  gone: (state: InstanceState) => boolean,
): { paired: Pairing[]; parted: Pairing[] } {
  const seen = new Map<InstanceState, Map<RelationMapping, Set<InstanceState>>>();
  const isFirst = (owner: InstanceState, relation: RelationMapping, target: InstanceState): boolean => {
    const { inverse } = relation.table!;
    if (inverse && seen.get(target)?.get(inverse)?.has(owner)) return false;
    const relations = seen.get(owner) ?? new Map<RelationMapping, Set<InstanceState>>();
    const targets = relations.get(relation) ?? new Set<InstanceState>();
    seen.set(owner, relations.set(relation, targets.add(target)));
    return true;
  };
  const pairs = (collection: Collection, change: 'added' | 'removed'): Pairing[] => {
    const { owner, relation } = collection;
    const { table } = relation;
    if (!table || gone(owner)) return [];
    // A side that is loaded knows whether the pair is a change at all.
    const isChange = (target: InstanceState): boolean => {
      const mirror = table.inverse && target.collections?.get(table.inverse);
      return !mirror?.loaded || mirror[change].has(owner);
    };
    return [...collection[change]]
      .filter((target) => !gone(target) && isChange(target) && isFirst(owner, relation, target))
      .map((target) => ({ relation, owner, target }));
  };
  return {
    paired: settlements.flatMap(({ collection }) => pairs(collection, 'added')),
    parted: settlements.flatMap(({ collection }) => pairs(collection, 'removed')),
  };
}
