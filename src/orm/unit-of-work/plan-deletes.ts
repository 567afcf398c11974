import type { WriteOperation } from '../../compiler/write-plan.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { topologicalGroups } from '../../util/topological.ts';
import { dependents, type Mapper, type MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { storedValue } from '../state/snapshot.ts';
import { deletesChildren } from './sweep.ts';
import { deleteLinks, sweepStatements } from './sweep-statements.ts';
import { groupByTable, type Pairing, type Pending, type WorkSet } from './work.ts';

interface Planned {
  readonly operation: WriteOperation;
  readonly states: readonly InstanceState[];
}

export interface DeletePlan {
  readonly operations: readonly Planned[];
  /** Whether rows that refer to each other in a cycle are deleted: the checks wait for the end of the unit. */
  readonly deferred: boolean;
}

/**
 * First, whether every row is there as it was read; then rows of link tables, then children before parents; before each
 * table, what goes with its rows.
 */
export function planDeletes(work: WorkSet, pending: Pending): DeletePlan {
  const operations: Planned[] = [...checks(work, pending), ...partings(work.parted, pending)];
  const tables = new Set(work.deletions.flatMap((state) => state.mapper.tables));
  const swept = sweptTables(work.deletions.map((state) => state.mapper));
  let deferred = false;
  for (const group of childrenFirst(new Set([...tables, ...swept]))) {
    const parts = group.length > 1 ? clearKeys(group, swept, work, pending, operations) : [group];
    deferred ||= parts.some((part) => part.length > 1);
    for (const table of parts.flat()) {
      if (!tables.has(table)) continue;
      for (const operation of sweepOf(table, work, pending)) operations.push({ operation, states: [] });
      const rows = work.deletions.filter((state) => state.mapper.tables.includes(table));
      const key = rows.map((state) => keyOf(state, state.mapper.key, pending));
      operations.push({ operation: { kind: 'delete', table, key: table.primaryKey, rows: key }, states: [] });
    }
  }
  return { operations, deferred };
}

/** Tables in the order of their foreign keys; those in a cycle together. */
function childrenFirst(tables: ReadonlySet<Table>): Table[][] {
  return topologicalGroups(tables, (table) => table.foreignKeys.map((key) => key.references[0]!.table)).toReversed();
}

/** Each deleted row, in the table of its hierarchy that has the version; else in the root's. */
function checks(work: WorkSet, pending: Pending): Planned[] {
  const byTable = new Map<Table, InstanceState[]>();
  for (const state of work.deletions) {
    const { root, version } = state.mapper;
    const table = version?.column.table ?? root.table;
    const states = byTable.get(table);
    if (states) states.push(state);
    else byTable.set(table, [state]);
  }
  return [...byTable].map(([table, states]) => {
    const { version } = states[0]!.mapper;
    const rows = states.map((state) => ({
      key: keyOf(state, state.mapper.key, pending),
      ...(version ? { version: keyOf(state, [version], pending)[0] } : {}),
    }));
    return { operation: { kind: 'check', table, key: table.primaryKey, version: version?.column, rows }, states };
  });
}

function keyOf(state: InstanceState, columns: readonly MappedColumn[], pending: Pending): unknown[] {
  const codecs = state.mapper.codecs(pending.dialect);
  return columns.map((mapped) => storedValue(state, mapped, codecs));
}

function partings(parted: readonly Pairing[], pending: Pending): Planned[] {
  return [...groupByTable(parted)].map(([table, pairs]) => {
    const { ownerColumns, targetColumns } = pairs[0]!.relation.table!;
    const key = [...ownerColumns, ...targetColumns];
    const rows = pairs.map((pair) => pairKey(pair, key, pending));
    return { operation: { kind: 'delete', table, key, rows }, states: [] };
  });
}

/** The key of a pair, whichever side it was recorded from. */
function pairKey({ relation, owner, target }: Pairing, columns: readonly TableColumn[], pending: Pending): unknown[] {
  const { ownerColumns, targetColumns, ownerKey, targetKey } = relation.table!;
  const values = new Map<TableColumn, unknown>();
  keyOf(owner, ownerKey, pending).forEach((value, at) => values.set(ownerColumns[at]!, value));
  keyOf(target, targetKey, pending).forEach((value, at) => values.set(targetColumns[at]!, value));
  return columns.map((column) => values.get(column));
}

/** What goes, or loses its key, with the rows deleted from a table. */
function sweepOf(table: Table, work: WorkSet, pending: Pending): WriteOperation[] {
  const byMapper = new Map<Mapper, InstanceState[]>();
  for (const state of work.deletions) {
    if (state.mapper.table !== table) continue;
    const states = byMapper.get(state.mapper);
    if (states) states.push(state);
    else byMapper.set(state.mapper, [state]);
  }
  return [...byMapper].flatMap(([mapper, states]) => {
    const rowsOf = (columns: readonly MappedColumn[]) => ({
      keys: states.map((state) => keyOf(state, columns, pending)),
    });
    return [
      ...[...mapper.relations.values()].flatMap((relation) =>
        relation.table ? deleteLinks(relation, rowsOf(relation.table.ownerKey)) : [],
      ),
      ...dependents(mapper).flatMap((relation) => sweepStatements(relation, rowsOf(relation.link.references))),
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
function clearKeys(
  group: readonly Table[],
  swept: ReadonlySet<Table>,
  work: WorkSet,
  pending: Pending,
  operations: Planned[],
): Table[][] {
  const inside = group.flatMap((table) =>
    table.foreignKeys.filter((key) => key.references[0]!.table !== table && group.includes(key.references[0]!.table)),
  );
  for (const key of inside.filter((item) => item.nullable)) {
    const states = work.deletions.filter((state) => state.mapper.tables.includes(key.table));
    if (states.length === 0) continue;
    const rows = states.map((state) => ({
      key: keyOf(state, state.mapper.key, pending),
      values: key.columns.map(() => null),
    }));
    operations.push({
      operation: {
        kind: 'update',
        table: key.table,
        key: key.table.primaryKey,
        set: key.columns,
        version: undefined,
        rows,
        returning: [],
      },
      states,
    });
  }
  // Of rows that are not in memory, no key was set to NULL.
  const left = inside.filter((item) => !item.nullable || swept.has(item.table));
  return topologicalGroups(group, (table) =>
    left.filter((key) => key.table === table).map((key) => key.references[0]!.table),
  ).toReversed();
}
