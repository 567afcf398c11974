import { topologicalGroups } from '../../util/topological.ts';
import { findTable, isSame, keyOf, nameOf } from '../names.ts';
import { demandOf } from '../operations/constraints.ts';
import type { Constraint, Operation } from '../operations/operation.ts';
import type { ForeignKeySnapshot, ObjectName, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import type { TableDifference } from './tables.ts';

/** Foreign keys that have to be out of the way while what they lead to changes. */
export interface KeyMoves {
  /** Those that go, before everything else. */
  readonly early: readonly Operation[];
  /** Those that come back, after everything else. */
  readonly late: readonly Operation[];
}

type Differences = ReadonlyMap<TableSnapshot, TableDifference>;

/**
 * @param gone the tables that are dropped, and `held` those of them that are dropped last.
 * @param isTyped whether the columns of a key have to be of the types of those that they lead to.
 */
export function keyMoves(
  from: SchemaSnapshot,
  differences: Differences,
  { gone, held, isTyped }: { gone: readonly TableSnapshot[]; held: readonly TableSnapshot[]; isTyped: boolean },
): KeyMoves {
  const lost = lostKeys(differences);
  const retyped = isTyped ? retypedColumns(differences) : new Set<string>();
  const isDisturbed = (table: ObjectName, key: ForeignKeySnapshot): boolean =>
    (gone.some((other) => isSame(other, key.target)) && !held.some((other) => isSame(other, key.target))) ||
    lost.has(columnsKey(key.target, key.references)) ||
    key.columns.some((name) => retyped.has(columnsKey(table, [name]))) ||
    key.references.some((name) => retyped.has(columnsKey(key.target, [name])));
  const early: Operation[] = [];
  const late: Operation[] = [];
  for (const [table, { drops }] of differences) {
    const going = foreignKeyDrops(drops);
    early.push(...going.filter(({ constraint }) => isDisturbed(table, constraint)));
    const leaving = going.map(({ constraint }) => demandOf(constraint));
    for (const key of findTable(from, table)!.foreignKeys) {
      const old: Constraint = { kind: 'foreignKey', ...key };
      if (!isDisturbed(table, key) || leaving.includes(demandOf(old))) continue;
      const kept = table.foreignKeys.find((other) => demandOf({ kind: 'foreignKey', ...other }) === demandOf(old));
      early.push({ kind: 'dropConstraint', table: nameOf(table), constraint: old });
      late.push({ kind: 'addConstraint', table: nameOf(table), constraint: { kind: 'foreignKey', ...(kept ?? key) } });
    }
  }
  const ofCycles = cycleKeys(gone);
  const known = new Set(ofCycles.map((operation) => JSON.stringify(operation)));
  const ofHeld = held
    .flatMap((table) => keyDrops(table, (key) => isDisturbed(table, key)))
    .filter((operation) => !known.has(JSON.stringify(operation)));
  return { early: [...early, ...ofHeld, ...ofCycles], late };
}

type KeyDrop = Extract<Operation, { kind: 'dropConstraint' }> & {
  readonly constraint: Extract<Constraint, { kind: 'foreignKey' }>;
};

function foreignKeyDrops(drops: readonly Operation[]): KeyDrop[] {
  return drops.filter(
    (operation): operation is KeyDrop =>
      operation.kind === 'dropConstraint' && operation.constraint.kind === 'foreignKey',
  );
}

/** Columns of a table, in any order, as text. */
function columnsKey(table: ObjectName, columns: readonly (string | undefined)[]): string {
  return JSON.stringify([keyOf(table), columns.map((name) => name ?? '').toSorted()]);
}

/** What was a key and is none for a while. */
function lostKeys(differences: Differences): Set<string> {
  const lost = new Set<string>();
  for (const [table, { drops }] of differences) {
    for (const operation of drops) {
      if (operation.kind === 'dropIndex' && operation.index.unique)
        lost.add(
          columnsKey(
            table,
            operation.index.on.map(({ column }) => column),
          ),
        );
      if (operation.kind !== 'dropConstraint') continue;
      const { constraint } = operation;
      if (constraint.kind === 'primaryKey' || constraint.kind === 'unique')
        lost.add(columnsKey(table, constraint.columns));
    }
  }
  return lost;
}

function retypedColumns(differences: Differences): Set<string> {
  return new Set(
    [...differences].flatMap(([table, { columns }]) =>
      columns.flatMap((operation) =>
        operation.kind === 'alterColumn' && operation.from.type !== operation.to.type
          ? [columnsKey(table, [operation.from.name])]
          : [],
      ),
    ),
  );
}

/** Tables that refer to each other cannot be dropped one after the other. */
function cycleKeys(gone: readonly TableSnapshot[]): Operation[] {
  return topologicalGroups(gone, (table) => referred(table, gone)).flatMap((group) => {
    if (group.length === 1) return [];
    return group.flatMap((table) =>
      keyDrops(table, ({ target }) => group.some((other) => other !== table && isSame(other, target))),
    );
  });
}

function keyDrops(table: TableSnapshot, isMeant: (key: ForeignKeySnapshot) => boolean): Operation[] {
  return table.foreignKeys.filter(isMeant).map((key): Operation => ({
    kind: 'dropConstraint',
    table: nameOf(table),
    constraint: { kind: 'foreignKey', ...key },
  }));
}

/** A table that is dropped, without the keys that went before it. */
export function afterEarly(table: TableSnapshot, early: readonly Operation[]): TableSnapshot {
  const lost = foreignKeyDrops(early).filter((operation) => isSame(operation.table, table));
  const demands = lost.map(({ constraint }) => demandOf(constraint));
  const foreignKeys = table.foreignKeys.filter((key) => !demands.includes(demandOf({ kind: 'foreignKey', ...key })));
  return { ...table, foreignKeys };
}

/** The tables that have to wait until one that stays has lost its key to them, with those that they refer to. */
export function heldTables(gone: readonly TableSnapshot[], from: SchemaSnapshot): TableSnapshot[] {
  const held = new Set<TableSnapshot>();
  const hold = (table: TableSnapshot): void => {
    for (const other of referred(table, gone)) {
      if (held.has(other)) continue;
      held.add(other);
      hold(other);
    }
  };
  for (const table of from.tables) if (!gone.includes(table)) hold(table);
  return gone.filter((table) => held.has(table));
}

/** Those of the tables that a table refers to, but for itself. */
export function referred(table: TableSnapshot, among: readonly TableSnapshot[]): TableSnapshot[] {
  return among.filter((other) => other !== table && table.foreignKeys.some(({ target }) => isSame(target, other)));
}
