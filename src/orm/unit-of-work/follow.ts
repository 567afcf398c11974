import type { Cell, Rows } from '../../compiler/write-plan.ts';
import { foreignKeysOf, type ForeignKey } from '../../schema/foreign-key.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { groupBy } from '../../util/group-by.ts';
import { dependents, type Link, type MappedColumn } from '../mapping/mapper.ts';
import { defineColumn } from '../state/columns.ts';
import { identityOf } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { remember, sameKeys } from '../state/links.ts';
import { decoded, rawValues } from '../state/snapshot.ts';
import { storedCells } from './row-operations.ts';
import type { Change, Pending } from './work.ts';

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
 */
export function followersOf(table: Table, changes: readonly Change[]): Rows[] {
  const referred = new Set(keysTo(table).flatMap(({ references }) => references));
  if (referred.size === 0) return [];
  const rows = changes.flatMap(({ state, cells }) => {
    if (![...cells.keys()].some(({ column }) => referred.has(column))) return [];
    const known = state.mapper.columns.filter(({ column, index }) => referred.has(column) && isRead(state, index));
    const before = new Map(storedCells(state, known).map((cell, at) => [known[at]!.column, cell] as const));
    const after = new Map([...before, ...[...cells].map(([{ column }, cell]) => [column, cell] as const)]);
    return [{ before, after }];
  });
  return rows.length === 0 ? [] : followMove({ table, rows }, new Set());
}

function isRead({ positions }: InstanceState, index: number): boolean {
  return (positions![index] ?? -1) >= 0;
}

/** The foreign keys that refer to a table and that the database leaves alone when what they refer to changes. */
function keysTo(table: Table): ForeignKey[] {
  const isMeant = ({ target, options }: ForeignKey): boolean =>
    target.split('.')[0] === table.name && (options.onUpdate === undefined || options.onUpdate === 'no action');
  return table.metadata.tables
    .flatMap((holder) => foreignKeysOf(holder).filter(isMeant))
    .filter(({ references }) => references[0]!.table === table);
}

function followMove({ table, rows }: Moved, seen: ReadonlySet<ForeignKey>): Rows[] {
  return keysTo(table).flatMap((key): Rows[] => {
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
        rows: moved.map((row) => [...cells('before', row), ...cells('after', row)]),
      },
      ...followMove({ table: key.table, rows: next }, new Set([...seen, key])),
    ];
  });
}

/**
 * The columns of a foreign key and what each refers to, as far as it is known; none where that does not say which rows
 * are meant. Of rows that followed others themselves, only what they followed by is known: that is enough where all of it
 * is referred to, and the rest is never NULL.
 */
function knownPairs(
  { columns, references }: ForeignKey,
  known: ReadonlyMap<TableColumn, Cell>,
  hasFollowed: boolean,
): (readonly [column: TableColumn, referred: TableColumn])[] {
  const pairs = columns.map((column, at) => [column, references[at]!] as const);
  const found = pairs.filter(([, referred]) => known.has(referred));
  if (found.length === pairs.length) return found;
  const isSure =
    pairs.every(([column]) => !column.nullable) && [...known.keys()].every((item) => references.includes(item));
  return hasFollowed && isSure ? found : [];
}

/** A child in memory whose key changes with its parent's, and the key that it had when the plan was made. */
export interface Follower {
  readonly child: InstanceState;
  readonly link: Link;
  readonly keys: readonly unknown[];
  readonly raw: readonly unknown[];
}

type Mover = Pick<Change, 'state' | 'cells'>;

/** Finds the children in memory whose rows change with what they refer to, by the unit or by the database. */
export function findFollowers(changes: readonly Change[], pending: Pending): Follower[] {
  const own = new Map(changes.map(({ state, cells }) => [state, cells]));
  const found: Follower[] = [];
  const seen = new Set<Link>();
  for (let movers: readonly Mover[] = changes; movers.length > 0;) {
    const next: Follower[] = [];
    for (const [mapper, moved] of groupBy(movers, ({ state }) => state.mapper)) {
      for (const { link } of dependents(mapper)) {
        const rows = moved.filter(({ cells }) => link.references.some((mapped) => cells.has(mapped)));
        if (rows.length === 0 || seen.has(link)) continue;
        seen.add(link);
        next.push(...followersOver(link, rows, pending).filter(({ child }) => !isOwn(own.get(child), link)));
      }
    }
    found.push(...next);
    movers = next.map(({ child, link, raw }) => ({
      state: child,
      cells: new Map(link.columns.map((mapped, at) => [mapped, raw[at]])),
    }));
  }
  return found;
}

/** Whether the program gives the key another value in the same commit. */
function isOwn(cells: Change['cells'] | undefined, { columns }: Link): boolean {
  return cells !== undefined && columns.some((mapped) => cells.has(mapped));
}

function followersOver(link: Link, movers: readonly Mover[], pending: Pending): Follower[] {
  const children = groupBy([...pending.identities.of(link.holder).values()], (child) => storedText(child, link));
  return movers.flatMap(({ state, cells }) => {
    const before = rawValues(state, link.references);
    const after = before.map((cell, at) => {
      const referred = link.references[at]!;
      return cells.has(referred) ? cells.get(referred) : cell;
    });
    const raw = link.onUpdate === 'set null' ? link.columns.map(() => null) : after;
    return (children.get(identityOf(before)) ?? []).map((child) => ({
      child,
      link,
      keys: child.values(link.columns),
      raw,
    }));
  });
}

function storedText(child: InstanceState, link: Link): string | number {
  const has = child.mapper.links.has(link) && link.columns.every(({ index }) => isRead(child, index));
  const raw = has ? rawValues(child, link.columns) : [null];
  return raw.includes(null) ? '' : identityOf(raw);
}

/** Brings a child in step; what the program gave its key meanwhile stays pending. */
export function settleFollower({ child, link, keys, raw }: Follower, pending: Pending): void {
  const isOpen = sameKeys(link, keys, child.values(link.columns));
  const known = child.links?.get(link);
  const row = [...child.row!];
  link.columns.forEach((mapped, at) => (row[child.positions![mapped.index]!] = raw[at]));
  child.row = row;
  if (isOpen) {
    link.columns.forEach((mapped, at) => defineColumn(child.entity, mapped, valueOf(child, mapped, raw[at])));
    if (known) remember(child, link, known.target, child.values(link.columns), false);
  }
  if (!link.columns.some((mapped) => child.mapper.key.includes(mapped))) return;
  pending.identities.delete(child);
  pending.identities.set(child, identityOf(rawValues(child, child.mapper.key)));
}

function valueOf(child: InstanceState, mapped: MappedColumn, raw: unknown): unknown {
  return raw === null ? null : decoded(child, mapped, raw);
}
