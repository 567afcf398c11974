import type { DeleteOperation, WriteOperation } from '../../compiler/write-plan.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { topologicalGroups } from '../../util/topological.ts';
import type { Mapper, MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { storedValue } from '../state/snapshot.ts';
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

/** Rows of link tables first, then children before parents; before each table, what goes with its rows. */
export function planDeletes(work: WorkSet, pending: Pending): DeletePlan {
  const operations: Planned[] = partings(work.parted, pending);
  const tables = new Set(work.deletions.flatMap((state) => state.mapper.tables));
  const groups = topologicalGroups(tables, (table) =>
    table.foreignKeys.map((key) => key.references[0]!.table),
  ).toReversed();
  let deferred = false;
  for (const group of groups) {
    if (group.length > 1) deferred = !clearKeys(group, work, pending, operations) || deferred;
    for (const table of group.toReversed()) {
      for (const operation of sweepOf(table, work, pending)) operations.push({ operation, states: [] });
      deleteFrom(table, work, pending, operations);
    }
  }
  return { operations, deferred };
}

function keyOf(state: InstanceState, columns: readonly MappedColumn[], pending: Pending): unknown[] {
  const codecs = state.mapper.codecs(pending.dialect);
  return columns.map((mapped) => storedValue(state, mapped, codecs));
}

function partings(parted: readonly Pairing[], pending: Pending): Planned[] {
  return [...groupByTable(parted)].map(([table, pairs]) => {
    const { ownerColumns, targetColumns } = pairs[0]!.relation.table!;
    const key = [...ownerColumns, ...targetColumns];
    const rows = pairs.map((pair) => ({ key: pairKey(pair, key, pending) }));
    return { operation: { kind: 'delete', table, key, version: undefined, rows, exact: false }, states: [] };
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

/** Rows of a hierarchy's sub-table go before those of its base: the order of foreign keys sees to that. */
function deleteFrom(table: Table, work: WorkSet, pending: Pending, operations: Planned[]): void {
  for (const exact of [true, false]) {
    const states = work.deletions.filter(
      (state) => state.mapper.tables.includes(table) && work.covered.has(state) !== exact && state.row !== undefined,
    );
    if (states.length === 0) continue;
    const version = states[0]!.mapper.version;
    const versioned = exact && version?.column.table === table ? version : undefined;
    const operation: DeleteOperation = {
      kind: 'delete',
      table,
      key: table.primaryKey,
      version: versioned?.column,
      rows: states.map((state) => ({
        key: keyOf(state, state.mapper.key, pending),
        ...(versioned ? { version: keyOf(state, [versioned], pending)[0] } : {}),
      })),
      exact,
    };
    operations.push({ operation, states });
  }
}

/** What goes, or loses its key, with the rows deleted from a table. */
function sweepOf(table: Table, work: WorkSet, pending: Pending): WriteOperation[] {
  const byMapper = new Map<Mapper, InstanceState[]>();
  for (const state of work.deletions) {
    if (state.mapper.table === table) byMapper.set(state.mapper, [...(byMapper.get(state.mapper) ?? []), state]);
  }
  return [...byMapper].flatMap(([mapper, states]) =>
    [...mapper.relations.values()].flatMap((relation) => {
      const rowsOf = (columns: readonly MappedColumn[]) => ({
        keys: states.map((state) => keyOf(state, columns, pending)),
      });
      if (relation.table) return deleteLinks(relation, rowsOf(relation.table.ownerKey));
      return relation.way === 'backward' ? sweepStatements(relation, rowsOf(relation.link!.references)) : [];
    }),
  );
}

/** Sets the nullable keys among rows that go together to NULL; says whether that breaks every cycle. */
function clearKeys(group: readonly Table[], work: WorkSet, pending: Pending, operations: Planned[]): boolean {
  const inside = group.flatMap((table) =>
    table.foreignKeys.filter((key) => key.references[0]!.table !== table && group.includes(key.references[0]!.table)),
  );
  for (const key of inside.filter((item) => item.nullable)) {
    const states = work.deletions.filter(
      (state) => state.mapper.tables.includes(key.table) && !work.covered.has(state),
    );
    if (states.length === 0) continue;
    operations.push({
      operation: {
        kind: 'update',
        table: key.table,
        key: key.table.primaryKey,
        set: key.columns,
        version: undefined,
        rows: states.map((state) => ({
          key: keyOf(state, state.mapper.key, pending),
          values: key.columns.map(() => null),
        })),
        returning: [],
      },
      states,
    });
  }
  const fixed = inside.filter((item) => !item.nullable);
  const left = topologicalGroups(group, (table) =>
    fixed.filter((key) => key.table === table).map((key) => key.references[0]!.table),
  );
  return left.every((part) => part.length === 1);
}
