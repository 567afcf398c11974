import { SqlCell, type Cell } from '../../compiler/write-plan.ts';
import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import type { ColumnSpec } from '../../schema/column.ts';
import { assertWritable, type Link, type MappedColumn, type Mapper, type RelationMapping } from '../mapping/mapper.ts';
import type { Collection } from '../state/collection.ts';
import { guarding } from '../state/guarding.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { changedColumns, storedValue } from '../state/snapshot.ts';
import { assigning } from './assigning.ts';
import { checkedCell, columnsOfRelinked, fillLinked, valueOf, type NewRows } from './cells.ts';
import { findFollowers } from './follow.ts';
import { isHandedOver, ownerOver, refuseSecondOwner } from './owners.ts';
import { mappersOf, ofMapper } from './row-operations.ts';
import { findSwitches, switchChange } from './switch.ts';
import { goesWithTarget, sweep } from './sweep.ts';
import { nextVersion } from './version.ts';
import {
  Insertion,
  insertionOf,
  type Change,
  type Pairing,
  type Pending,
  type Settlement,
  type WorkSet,
} from './work.ts';

/** Finds what a commit has to do. Refuses whatever cannot be stored; changes nothing. */
export function collectWork(pending: Pending): WorkSet {
  // There may be many, and they are looked at several times.
  const persistent = pending.identities.all();
  const { settlements, relinked } = survey(pending.added, persistent);
  const deleted = new Set([...pending.deleted, ...relinked.filter(isOrphan)]);
  const swept = sweep(deleted, pending);
  for (const { mapper } of deleted) assertWritable(mapper, 'delete()');
  const isAnyGone = deleted.size + swept.size > 0;
  const gone = (state: InstanceState): boolean => isAnyGone && (deleted.has(state) || swept.has(state));
  const dropped = collectDropped(pending, gone);
  const { insertions, mappers } = collectInsertions(pending, dropped);
  const { dialect } = pending;
  const rows: NewRows = { insertions, dropped, dialect, identities: pending.identities, isGone: gone };
  insertions.forEach((insertion) => {
    const { state } = insertion;
    fillCells(insertion, rows);
    refuseSecondOwner(state);
    guarding.current?.(state);
  });
  const changes: Change[] = [];
  const relinks = new Set(relinked);
  for (const state of persistent) {
    if (gone(state)) continue;
    const changed = relinks.has(state) ? columnsOfRelinked(state, rows) : changedColumns(state);
    if (changed.length === 0) continue;
    const change = changeOf(state, changed, rows);
    assertWritable(state.mapper, 'commit()');
    refuseSecondOwner(state);
    guarding.current?.(state);
    changes.push(change);
  }
  const deletions = [...deleted].filter((state) => !state.isNew);
  const switched = findSwitches(insertions, deletions, pending);
  for (const [state, old] of switched) changes.push(switchChange(insertionOf(state, rows)!, old, rows));
  const isLeft = ({ state }: Insertion): boolean => !switched.has(state);
  const kept = switched.size > 0 ? { ...rows, insertions: placed(insertions.filter(isLeft)) } : rows;
  return {
    ...kept,
    mappers,
    changes,
    persistent,
    followers: findFollowers(changes, kept),
    switched,
    deletions,
    swept,
    ...collectPairs(settlements, (state) => gone(state) || dropped.has(state)),
    settlements,
    relinked,
  };
}

/** Whom a commit would write, as things stand. */
export function findParticipants(pending: Pending): Record<'inserts' | 'updates' | 'deletes', InstanceState[]> {
  const persistent = pending.identities.all();
  const deleted = new Set([...pending.deleted, ...survey(undefined, persistent).relinked.filter(isOrphan)]);
  const swept = sweep(deleted, pending);
  const gone = (state: InstanceState): boolean => deleted.has(state) || swept.has(state);
  const dropped = collectDropped(pending, gone);
  return {
    inserts: [...pending.added].filter((state) => !dropped.has(state)),
    updates: persistent.filter((state) => !gone(state) && changedColumns(state).length > 0),
    deletes: [...deleted, ...swept].filter((state) => !state.isNew),
  };
}

interface Survey {
  readonly settlements: Settlement[];
  /** Stored ones of which the program has set a relation. */
  readonly relinked: InstanceState[];
}

/** What there is to do for relations, in one look at each entity: there may be many, most with nothing to do. */
function survey(added: ReadonlySet<InstanceState> | undefined, persistent: readonly InstanceState[]): Survey {
  const found: Survey = { settlements: [], relinked: [] };
  added?.forEach((state) => {
    if (state.collections.size > 0) noteSettlements(state, found.settlements);
  });
  for (const state of persistent) {
    if (state.links.length > 0 && state.links.some(({ changed }) => changed)) found.relinked.push(state);
    if (state.collections.size > 0) noteSettlements(state, found.settlements);
  }
  return found;
}

function noteSettlements({ collections }: InstanceState, settlements: Settlement[]): void {
  collections.forEach((collection) => {
    if (collection.isPending) settlements.push({ collection, ...collection.pending() });
  });
}

/** A row taken out of a collection that owns it, and given to no other parent. */
function isOrphan(state: InstanceState): boolean {
  return state.links.some(({ link, changed }) => changed && isOrphaned(state, link));
}

function isOrphaned(child: InstanceState, link: Link): boolean {
  return (
    child.known(link)?.target === null &&
    child.values(link.emptied).every((value) => value === null) &&
    ownerOver(child, link) !== undefined &&
    !isHandedOver(child, link)
  );
}

/** New entities that were deleted or lost their parent, and those that in turn lose them. */
function collectDropped(pending: Pending, gone: (state: InstanceState) => boolean): Set<InstanceState> {
  const dropped = new Set<InstanceState>();
  const isGone = (parent: InstanceState): boolean => gone(parent) || dropped.has(parent);
  for (let before = -1; before < dropped.size;) {
    before = dropped.size;
    pending.added.forEach((state) => {
      if (pending.deleted.has(state) || lostItsParent(state, isGone)) dropped.add(state);
    });
  }
  return dropped;
}

/** A new entity that was taken out of the collection that owns it, or whose parent goes and takes its children along. */
function lostItsParent(state: InstanceState, gone: (state: InstanceState) => boolean): boolean {
  for (const { link, target, changed } of state.links) {
    if (!changed || target === undefined) continue;
    if (target === null ? isOrphaned(state, link) : gone(target) && goesWithTarget(link)) return true;
  }
  return false;
}

function collectInsertions(
  pending: Pending,
  dropped: ReadonlySet<InstanceState>,
): Pick<WorkSet, 'insertions' | 'mappers'> {
  const all = [...pending.added];
  const added = dropped.size > 0 ? all.filter((state) => !dropped.has(state)) : all;
  const mappers = mappersOf(added);
  const ofRoot = ofMapper(() => ({ made: 0 }));
  const insertions = parentsFirst(added, mappers).map((state) => {
    const { root, generatedKey } = state.mapper;
    const isMade = generatedKey && state.entity[generatedKey.attribute] === undefined;
    return new Insertion(state, isMade ? ++ofRoot(root).made : 0);
  });
  return { insertions: placed(insertions), mappers };
}

/** Notes with each entity where its row is. */
function placed(insertions: readonly Insertion[]): readonly Insertion[] {
  insertions.forEach(({ state }, at) => (state.place = at));
  return insertions;
}

/** New rows in the order in which they were added, but within a tree of one table parents first, however deep it is. */
function parentsFirst(states: readonly InstanceState[], mappers: readonly Mapper[]): readonly InstanceState[] {
  const mayBeTree = ({ links, root }: Mapper): boolean => [...links].some(({ target }) => target.root === root);
  if (!mappers.some(mayBeTree)) return states;
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
  return [...ordered];
}

/** One of `states` that an entity of the same table refers to. */
function parentAmong(states: ReadonlySet<InstanceState>, { links, mapper }: InstanceState): InstanceState | undefined {
  for (const { target } of links) {
    if (target && target.mapper.root === mapper.root && states.has(target)) return target;
  }
  return undefined;
}

function fillCells(insertion: Insertion, rows: NewRows): void {
  const { state, cells, ordinal } = insertion;
  const { mapper } = state;
  const { columns, version } = mapper;
  const made = ordinal > 0 ? mapper.generatedKey : undefined;
  fillLinked(state, cells, rows);
  for (const mapped of columns) {
    const { spec } = mapped.column;
    let value = spec.computed ? undefined : cells[mapped.index];
    if (value === undefined && mapped === version && !spec.fetched) value = nextVersion(mapped, undefined);
    if (mapped === made) value = insertion;
    const isOpen = value === undefined && mayBeMade(spec);
    cells[mapped.index] = isOpen ? undefined : checkedCell(state, mapped, value);
  }
}

/** Whether the database makes a value where the program gives none. */
function mayBeMade({ computed, fetched, defaultSql }: ColumnSpec): boolean {
  return computed !== undefined || fetched === true || defaultSql !== undefined;
}

function changeOf(state: InstanceState, changed: readonly MappedColumn[], rows: NewRows): Change {
  const { mapper } = state;
  const cells = new Map<MappedColumn, Cell>();
  for (const mapped of changed) cells.set(mapped, changedCell(state, mapped, rows));
  const computed = assigning.current && changed.filter((mapped) => cells.get(mapped) instanceof SqlCell);
  const made: MappedColumn[] = [];
  for (const mapped of mapper.columns) {
    const { onUpdate } = mapped.column.spec;
    if (!onUpdate || cells.has(mapped)) continue;
    cells.set(mapped, checkedCell(state, mapped, onUpdate()));
    made.push(mapped);
  }
  const { version } = mapper;
  if (version && !version.column.spec.fetched && !cells.has(version)) {
    cells.set(version, checkedCell(state, version, nextVersion(version, storedValue(state, version))));
    made.push(version);
  }
  return { state, cells, made, ...(computed?.length && { computed }) };
}

function changedCell(state: InstanceState, mapped: MappedColumn, rows: NewRows): Cell {
  const cell = assigning.current?.(state, mapped);
  if (cell) return cell;
  const { mapper } = state;
  const value = valueOf(state, mapped, rows);
  if (mapper.fixed.has(mapped)) {
    throw new ConfigurationError(
      `${mapper.name}.${mapped.attribute} of ${state.label} tells what class a row is of, and cannot be changed`,
      { model: mapper.name, attributes: [mapped.attribute] },
    );
  }
  if (mapped.column.spec.computed) {
    throw new InvalidValueError(`${mapper.name}.${mapped.attribute} is computed by the database: it cannot be set`);
  }
  return checkedCell(state, mapped, value);
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
      const mirror = table.inverse && target.collections.get(table.inverse);
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
