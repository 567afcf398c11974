import type { Cell, WriteOperation } from '../../compiler/write-plan.ts';
import { foreignKeysOf, referredTables } from '../../schema/foreign-key.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { groupBy } from '../../util/group-by.ts';
import { topologicalGroups } from '../../util/topological.ts';
import { dependents, type Mapper, type MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { storedCells, storedRows, tablesOf, updateRows, type Step } from './row-operations.ts';
import { deletesChildren } from './sweep.ts';
import { deleteLinks, sweepStatements, type Leaving } from './sweep-statements.ts';
import { leavingOver } from './switch.ts';
import { tableOf, type Pairing, type WorkSet } from './work.ts';

export interface DeletePlan {
  /** What goes with rows that stay for another entity: before that one gets children of its own. */
  readonly first: readonly Step[];
  readonly steps: readonly Step[];
  /** Whether rows that refer to each other in a cycle are deleted: the checks wait for the end of the unit. */
  readonly deferred: boolean;
}

/** What columns of an entity hold when the deletions run. */
export type CellsNow = (state: InstanceState, columns: readonly MappedColumn[]) => readonly Cell[];

/**
 * First, whether every row is there as it was read; then rows of link tables, then children before parents; before each
 * table, what goes with its rows.
 *
 * @param all with the rows that stay for other entities: of these, only what belongs to them goes.
 */
export function planDeletes(work: WorkSet, all: WorkSet, cellsNow: CellsNow): DeletePlan {
  const steps: Step[] = [...checks(work, cellsNow), ...partings(work.parted, cellsNow)];
  const kept = [...all.switched.values()];
  const first = [...tablesOf(kept)].flatMap((table) =>
    sweepOf(table, kept, all).map((operation): Step => ({ operation, states: [] })),
  );
  const tables = tablesOf(work.deletions);
  const swept = sweptTables(work.deletions.map((state) => state.mapper));
  let deferred = false;
  for (const group of childrenFirst(new Set([...tables, ...swept]))) {
    const parts = group.length > 1 ? clearKeys(group, swept, work, steps) : [group];
    deferred ||= parts.some((part) => part.length > 1);
    for (const table of parts.flat()) {
      if (!tables.has(table)) continue;
      for (const operation of sweepOf(table, work.deletions)) steps.push({ operation, states: [] });
      const states = work.deletions.filter((state) => state.mapper.tables.includes(table));
      const rows = states.map((state) => cellsNow(state, state.mapper.key));
      steps.push({ operation: { kind: 'delete', table, match: table.primaryKey, set: [], rows }, states: [] });
    }
  }
  return { first, steps, deferred };
}

/** Tables in the order of their foreign keys; those in a cycle together. */
function childrenFirst(tables: ReadonlySet<Table>): Table[][] {
  return topologicalGroups(tables, referredTables).toReversed();
}

/** Each deleted row, in the table of its hierarchy that has the version; else in the root's. */
function checks(work: WorkSet, cellsNow: CellsNow): Step[] {
  const byTable = groupBy(work.deletions, ({ mapper }) => mapper.version?.column.table ?? mapper.root.table);
  return [...byTable].map(([table, states]) => {
    const { version } = states[0]!.mapper;
    const versions = version ? [version] : [];
    const rows = states.map((state) => cellsNow(state, [...state.mapper.key, ...versions]));
    const match = [...table.primaryKey, ...versions.map(({ column }) => column)];
    return { operation: { kind: 'check', table, match, set: [], rows }, states };
  });
}

function partings(parted: readonly Pairing[], cellsNow: CellsNow): Step[] {
  return [...groupBy(parted, tableOf)].map(([table, pairs]) => {
    const { ownerColumns, targetColumns } = pairs[0]!.relation.table!;
    const match = [...new Set([...ownerColumns, ...targetColumns])];
    const rows = pairs.map((pair) => pairKey(pair, match, cellsNow));
    return { operation: { kind: 'delete', table, match, set: [], rows }, states: [] };
  });
}

/** The key of a pair, whichever side it was recorded from. */
function pairKey({ relation, owner, target }: Pairing, columns: readonly TableColumn[], cellsNow: CellsNow): unknown[] {
  const { ownerColumns, targetColumns, ownerKey, targetKey } = relation.table!;
  const values = new Map<TableColumn, unknown>();
  cellsNow(owner, ownerKey).forEach((value, at) => values.set(ownerColumns[at]!, value));
  cellsNow(target, targetKey).forEach((value, at) => values.set(targetColumns[at]!, value));
  return columns.map((column) => values.get(column));
}

/** What goes, or loses its key, with the rows deleted from a table; `keeping` is given where the rows stay. */
function sweepOf(table: Table, deletions: readonly InstanceState[], keeping?: WorkSet): WriteOperation[] {
  const own = deletions.filter((state) => state.mapper.table === table);
  const byMapper = groupBy(own, (state) => state.mapper);
  return [...byMapper].flatMap(([mapper, states]) => {
    const rowsOf = (columns: readonly MappedColumn[]) => ({ keys: storedRows(states, columns) });
    const leaving: Leaving | undefined = keeping && ((link) => leavingOver(link, states, keeping));
    return [
      ...[...mapper.relations.values()].flatMap((relation) =>
        relation.table ? deleteLinks(relation, rowsOf(relation.table.ownerKey), keeping !== undefined) : [],
      ),
      ...dependents(mapper).flatMap((relation) =>
        sweepStatements(relation, rowsOf(relation.link.references), [], leaving),
      ),
    ];
  });
}

/** Tables whose rows go by a set-based statement or by the database, not each by its key. */
function sweptTables(deleted: readonly Mapper[]): Set<Table> {
  const mappers = new Set(deleted);
  const swept = new Set<Table>();
  for (const mapper of mappers) {
    for (const relation of dependents(mapper)) {
      if (!deletesChildren(relation)) continue;
      for (const child of relation.target.family()) {
        mappers.add(child);
        for (const table of child.tables) swept.add(table);
      }
    }
  }
  return swept;
}

/** Sets nullable keys among rows that refer to each other in a cycle to NULL; gives the order that is left. */
function clearKeys(group: readonly Table[], swept: ReadonlySet<Table>, work: WorkSet, steps: Step[]): Table[][] {
  const inside = group.flatMap((table) =>
    foreignKeysOf(table).filter(
      (key) => key.references[0]!.table !== table && group.includes(key.references[0]!.table),
    ),
  );
  for (const key of inside.filter((item) => item.nullable)) {
    const states = work.deletions.filter((state) => state.mapper.tables.includes(key.table));
    if (states.length === 0) continue;
    const changes = states.map((state) => ({
      state,
      cells: new Map(
        key.columns.flatMap((column) => (column.nullable ? [[state.mapper.attributeOf(column)!, null]] : [])),
      ),
    }));
    const keyCells = (state: InstanceState): Cell[] => storedCells(state);
    steps.push(...updateRows(key.table, changes, key.table.primaryKey, keyCells));
  }
  // Of rows that are not in memory, no key was set to NULL.
  const left = inside.filter((item) => !item.nullable || swept.has(item.table));
  return topologicalGroups(group, (table) =>
    left.filter((key) => key.table === table).map((key) => key.references[0]!.table),
  ).toReversed();
}
