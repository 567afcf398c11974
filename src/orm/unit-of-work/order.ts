import { KeyReference } from '../../compiler/write-plan.ts';
import { foreignKeysOf, referredTables } from '../../schema/foreign-key.ts';
import type { Table } from '../../schema/table.ts';
import { topologicalGroups } from '../../util/topological.ts';
import type { Link, MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { ofMapper } from './row-operations.ts';
import { insertionOf, type Insertion, type WorkSet } from './work.ts';

/** The order in which tables take their new rows, and what is put off to make it possible. */
export interface InsertOrder {
  readonly tables: readonly Table[];
  /** Keys that are NULL at first and set by an UPDATE after all rows are there. */
  readonly late: ReadonlyMap<Insertion, readonly MappedColumn[]>;
  /** Whether a cycle is left that no nullable key breaks: the checks wait for the end of the unit. */
  readonly deferred: boolean;
}

type NewWork = Pick<WorkSet, 'insertions' | 'mappers'>;

interface Reference {
  readonly from: Table;
  readonly to: Table;
  readonly link: Link;
  readonly insertion: Insertion;
}

/** Parents before children, by the foreign keys of the tables. */
export function orderInserts(work: NewWork): InsertOrder {
  const tables = new Set(work.mappers.flatMap((mapper) => mapper.tables));
  const ordered: Table[] = [];
  const late = new Map<Insertion, readonly MappedColumn[]>();
  let deferred = false;
  for (const group of topologicalGroups(tables, referredTables)) {
    if (group.length === 1) ordered.push(...group);
    else deferred = breakCycle(group, findReferences(group, work), ordered, late) || deferred;
  }
  for (const { insertion, link } of findAhead(work)) {
    if (link.nullable) putOff(late, { insertion, link });
    else deferred = true;
  }
  return { tables: ordered, late, deferred };
}

/**
 * New rows that refer to one of their own table which is written after them: in a circle, or from a row whose key is given
 * to one whose key the database makes. The rows of a table may take several statements, and each is checked by itself.
 */
function findAhead({ insertions, mappers }: NewWork): Pick<Reference, 'insertion' | 'link'>[] {
  const linksOf = ofMapper(({ links }) => [...links].filter(isWithinTable));
  if (!mappers.some((mapper) => linksOf(mapper).length > 0)) return [];
  const places = placesOf(insertions);
  const targetOf = targetsAmong(insertions);
  return insertions.flatMap((insertion) =>
    linksOf(insertion.state.mapper)
      .filter((link) => places.get(targetOf(link, insertion)!)! > places.get(insertion.state)!)
      .map((link) => ({ insertion, link })),
  );
}

/**
 * When each new row is written, among those of its table: those whose keys are given come first, then those whose keys are
 * made, in the order of these.
 */
function placesOf(insertions: readonly Insertion[]): ReadonlyMap<InstanceState, number> {
  const places = new Map<InstanceState, number>();
  for (const { state, ordinal } of insertions) places.set(state, ordinal > 0 ? 2 ** 32 + ordinal : places.size);
  return places;
}

/** The entities that new rows refer to over a key: those that were set, or new ones that have the values of the key. */
function targetsAmong(
  insertions: readonly Insertion[],
): (link: Link, insertion: Insertion) => InstanceState | undefined | null {
  const known = new Map<Link, ReadonlyMap<string | undefined, InstanceState>>();
  return (link, { state, cells }) => {
    const target = state.known(link)?.target;
    const text = target ? undefined : textOf(link.columns, cells);
    if (text === undefined) return target;
    let given = known.get(link);
    if (!given) {
      const rows = insertions.filter((item) => item.state.mapper.isA(link.target));
      known.set(link, (given = new Map(rows.map((item) => [textOf(link.references, item.cells), item.state]))));
    }
    return given.get(text);
  };
}

function isWithinTable({ columns, references }: Link): boolean {
  return columns[0]!.column.table === references[0]!.column.table;
}

/** Orders tables that refer to each other, by what their new rows really refer to. */
function breakCycle(
  group: readonly Table[],
  inside: readonly Reference[],
  ordered: Table[],
  late: Map<Insertion, readonly MappedColumn[]>,
): boolean {
  const hierarchy = (table: Table): Table[] => keyParents(table);
  const after = (some: readonly Reference[]) => (table: Table) => [
    ...hierarchy(table),
    ...some.filter((item) => item.from === table).map((item) => item.to),
  ];
  let left = false;
  for (const part of topologicalGroups(group, after(inside))) {
    if (part.length === 1) {
      ordered.push(...part);
      continue;
    }
    const within = inside.filter((item) => part.includes(item.from) && part.includes(item.to));
    const fixed = within.filter((item) => !item.link.nullable);
    for (const item of within) if (item.link.nullable) putOff(late, item);
    for (const rest of topologicalGroups(part, after(fixed))) {
      ordered.push(...rest);
      left ||= rest.length > 1;
    }
  }
  return left;
}

function putOff(
  late: Map<Insertion, readonly MappedColumn[]>,
  { insertion, link }: Pick<Reference, 'insertion' | 'link'>,
): void {
  const columns = link.columns.filter((mapped) => mapped.column.nullable);
  late.set(insertion, [...(late.get(insertion) ?? []), ...columns]);
}

/** A subclass's table refers to its base's by the primary key: that order always holds. */
function keyParents(table: Table): Table[] {
  return foreignKeysOf(table)
    .filter((key) => key.columns.every((column) => column.spec.key))
    .map((key) => key.references[0]!.table);
}

/** What the new rows of these tables refer to among each other. */
function findReferences(group: readonly Table[], work: NewWork): Reference[] {
  const targetOf = targetsAmong(work.insertions);
  return work.insertions.flatMap((insertion) =>
    [...insertion.state.mapper.links].flatMap((link): Reference[] => {
      const from = link.columns[0]!.column.table;
      const to = link.references[0]!.column.table;
      const cells = link.columns.map((mapped) => insertion.cells[mapped.index]);
      if (from === to || !group.includes(from) || !group.includes(to)) return [];
      if (cells.some((cell) => cell === null || cell === undefined)) return [];
      const target = targetOf(link, insertion);
      const refers = cells.some((cell) => cell instanceof KeyReference) || (target && insertionOf(target, work));
      return refers ? [{ from, to, link, insertion }] : [];
    }),
  );
}

/** Values as one text; undefined where one is NULL, or made by the unit. */
function textOf(columns: readonly MappedColumn[], cells: readonly unknown[]): string | undefined {
  const values = columns.map(({ index }) => cells[index]);
  const isOpen = (cell: unknown): boolean => cell === null || cell === undefined || cell instanceof KeyReference;
  return values.some(isOpen) ? undefined : JSON.stringify(values.map(String));
}
