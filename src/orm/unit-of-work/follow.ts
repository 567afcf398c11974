import type { Cell, Followers } from '../../compiler/write-plan.ts';
import { foreignKeysOf, type ForeignKey } from '../../schema/foreign-key.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { groupBy } from '../../util/group-by.ts';
import { dependents, type Link, type MappedColumn } from '../mapping/mapper.ts';
import { defineColumn } from '../state/columns.ts';
import { identityOf, type IdentityMap } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { hasKeys, isSame, remember } from '../state/links.ts';
import { decoded, rawValues } from '../state/snapshot.ts';
import { carriedValue, cellOf, type NewRows } from './cells.ts';
import type { Cells, RowChange } from './row-operations.ts';
import type { Change, WorkSet } from './work.ts';

/** A change of values that rows of other tables refer to. */
interface Moved {
  readonly table: Table;
  /** Of each row that changes: the old and the new cells of columns, as far as they are known. */
  readonly rows: readonly Row[];
}

interface Row {
  readonly before: ReadonlyMap<TableColumn, Cell>;
  readonly after: ReadonlyMap<TableColumn, Cell>;
}

/**
 * What has to change with the keys of a table, so that rows that refer to them still do: one set-based update for each
 * foreign key that the database does not keep in step itself (`onUpdate`), also of rows that are not in memory, and of what
 * refers to those by the columns that change.
 *
 * @param cellsNow what rows have by then: they may have followed others themselves.
 */
export function followersOf(
  table: Table,
  changes: readonly RowChange[],
  cellsNow: (state: InstanceState, columns: readonly MappedColumn[]) => readonly Cell[],
): Followers[] {
  const referred = new Set(keysTo(table).flatMap(({ references }) => references));
  if (referred.size === 0) return [];
  const rows = changes.flatMap(({ state, cells }) => {
    if (![...cells.keys()].some(({ column }) => referred.has(column))) return [];
    const known = state.mapper.columns.filter(({ column, index }) => referred.has(column) && isRead(state, index));
    const before = new Map(cellsNow(state, known).map((cell, at) => [known[at]!.column, cell] as const));
    const after = new Map([...before, ...[...cells].map(([{ column }, cell]) => [column, cell] as const)]);
    return [{ before, after }];
  });
  return rows.length === 0 ? [] : followMove({ table, rows }, new Set());
}

function isRead({ positions }: InstanceState, index: number): boolean {
  return (positions![index] ?? -1) >= 0;
}

/** Whether a change gives rows of the table values that foreign keys refer to, whoever keeps these in step. */
export function movesKeys(table: Table, changes: readonly RowChange[]): boolean {
  const referred = new Set(referencesTo(table).flatMap(({ references }) => references));
  return changes.some(({ cells }) => [...cells.keys()].some(({ column }) => referred.has(column)));
}

function referencesTo(table: Table): ForeignKey[] {
  return table.metadata.tables
    .flatMap((holder) => foreignKeysOf(holder).filter(({ target }) => target.split('.')[0] === table.name))
    .filter(({ references }) => references[0]!.table === table);
}

/** The foreign keys that refer to a table and that the database leaves alone when what they refer to changes. */
function keysTo(table: Table): ForeignKey[] {
  return referencesTo(table).filter(
    ({ options }) => options.onUpdate === undefined || options.onUpdate === 'no action',
  );
}

function followMove({ table, rows }: Moved, seen: ReadonlySet<ForeignKey>): Followers[] {
  return keysTo(table).flatMap((key): Followers[] => {
    const pairs = seen.has(key) ? [] : knownPairs(key, rows[0]!.before, seen.size > 0);
    const isMoved = ({ before, after }: Row): boolean =>
      pairs.some(([, referred]) => before.get(referred) !== after.get(referred));
    const moved = rows.filter(isMoved);
    if (moved.length === 0) return [];
    const match = pairs.map(([column]) => column);
    const cells = (of: 'before' | 'after', row: Row): Cell[] => pairs.map(([, referred]) => row[of].get(referred));
    const named = (of: 'before' | 'after', row: Row): Map<TableColumn, Cell> =>
      new Map(cells(of, row).map((cell, at) => [match[at]!, cell]));
    const next = moved.map((row) => ({ before: named('before', row), after: named('after', row) }));
    return [
      {
        table: key.table,
        match,
        set: match,
        present: key.columns.filter((column) => column.nullable && !match.includes(column)),
        rows: moved.map((row) => [...cells('before', row), ...cells('after', row)]),
      },
      ...followMove({ table: key.table, rows: next }, new Set([...seen, key])),
    ];
  });
}

/**
 * The columns of a foreign key and what each refers to, as far as it is known; none where that does not say which rows
 * are meant. Of rows that followed others themselves, only what they followed by is known: that is enough where all of it
 * is referred to.
 */
function knownPairs(
  { columns, references }: ForeignKey,
  known: ReadonlyMap<TableColumn, Cell>,
  hasFollowed: boolean,
): (readonly [column: TableColumn, referred: TableColumn])[] {
  const pairs = columns.map((column, at) => [column, references[at]!] as const);
  const found = pairs.filter(([, referred]) => known.has(referred));
  if (found.length === pairs.length) return found;
  return hasFollowed && [...known.keys()].every((item) => references.includes(item)) ? found : [];
}

/** A child in memory whose key changes with its parent's, and the values that it had when the plan was made. */
export interface Follower {
  readonly child: InstanceState;
  readonly link: Link;
  readonly values: readonly unknown[];
  /** What the row has in the columns of the link before it is changed itself. */
  readonly cells: readonly Cell[];
  /** Columns that the program changes itself, in the same commit. */
  readonly own: ReadonlySet<MappedColumn> | undefined;
}

interface Mover {
  readonly state: InstanceState;
  readonly columns: readonly MappedColumn[];
}

/** Finds the children in memory whose rows change with what they refer to, by the unit or by the database. */
export function findFollowers(changes: readonly Change[], rows: NewRows): Follower[] {
  const own = new Map(changes.map(({ state, cells }) => [state, cells]));
  const found: Follower[] = [];
  const seen = new Map<InstanceState, Set<Link>>();
  let movers: readonly Mover[] = changes.map(({ state, cells }) => ({ state, columns: [...cells.keys()] }));
  while (movers.length > 0) {
    const next: Follower[] = [];
    for (const [mapper, moved] of groupBy(movers, ({ state }) => state.mapper)) {
      for (const { link } of dependents(mapper)) {
        const parents = moved.filter(({ columns }) => link.references.some((mapped) => columns.includes(mapped)));
        if (parents.length > 0) next.push(...followersOver(link, parents, own, rows, seen));
      }
    }
    found.push(...next);
    movers = next.map(({ child, link }) => ({ state: child, columns: link.columns }));
  }
  return found;
}

function followersOver(
  link: Link,
  parents: readonly Mover[],
  own: ReadonlyMap<InstanceState, Change['cells']>,
  rows: NewRows,
  seen: Map<InstanceState, Set<Link>>,
): Follower[] {
  const children = groupBy([...rows.identities.of(link.holder).values()], (child) => storedText(child, link));
  return parents.flatMap(({ state }) =>
    (children.get(identityOf(rawValues(state, link.references))) ?? []).flatMap((child): Follower[] => {
      const done = seen.get(child) ?? new Set();
      if (done.has(link)) return [];
      seen.set(child, done.add(link));
      const cells = link.columns.map((mapped, at) =>
        cellOf(child.codecs[mapped.index]!, carriedValue(state, link, at, rows)),
      );
      const stored = rawValues(child, link.columns);
      if (cells.every((cell, at) => cell === stored[at])) return [];
      const changed = own.get(child);
      return [{ child, link, values: child.values(link.columns), cells, own: changed && new Set(changed.keys()) }];
    }),
  );
}

function storedText(child: InstanceState, link: Link): string | number {
  const has = child.mapper.links.has(link) && link.columns.every(({ index }) => isRead(child, index));
  const raw = has ? rawValues(child, link.columns) : [null];
  return raw.includes(null) ? '' : identityOf(raw);
}

/** Brings a child in step; what the program gave its key meanwhile stays pending. `raw` is what a cell has stored. */
export function settleFollower(
  { child, link, values, cells, own }: Follower,
  identities: IdentityMap,
  rawOf: (child: InstanceState, mapped: MappedColumn, cell: Cell) => unknown,
): void {
  const known = child.known(link);
  const row = [...child.row!];
  const { columns } = link;
  // A key that was assigned refers to what it says.
  const isKept = known && !known.changed && hasKeys(child, known);
  columns.forEach((mapped, at) => {
    if (own?.has(mapped)) return;
    const raw = rawOf(child, mapped, cells[at]);
    row[child.positions![mapped.index]!] = raw;
    // A relation that was set gives the key itself.
    if (!known?.changed && isSame(mapped, child.entity[mapped.attribute], values[at]))
      defineColumn(child.entity, mapped, raw === null ? null : decoded(child, mapped, raw));
  });
  child.row = row;
  identities.noteRows();
  if (isKept) remember(child, link, known.target, child.values(link.columns), false);
  if (!columns.some((mapped) => child.mapper.key.includes(mapped))) return;
  identities.delete(child);
  identities.set(child);
}

/** The keys that rows have once they have followed what they refer to. */
export function followedCells(followers: readonly Follower[]): Cells {
  const followed = new Map<InstanceState, ReadonlyMap<MappedColumn, Cell>>();
  for (const { child, link, cells } of followers) {
    const own = link.columns.map((mapped, at) => [mapped, cells[at]] as const);
    followed.set(child, new Map([...(followed.get(child) ?? []), ...own]));
  }
  return followed;
}

/** What the unit, or the database with it, changes before it deletes. */
export function movedCells({ changes, followers }: Pick<WorkSet, 'changes' | 'followers'>): Cells {
  const moved = new Map(followedCells(followers));
  // Not of the primary key alone: others may refer to any unique column.
  for (const { state, cells } of changes) {
    const followed = moved.get(state);
    moved.set(state, followed ? new Map([...followed, ...cells]) : cells);
  }
  return moved;
}
