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
  const { byState, byKey } = placesOf(insertions);
  return insertions.flatMap((insertion) => {
    const place = byState.get(insertion.state)!;
    return linksOf(insertion.state.mapper)
      .filter((link) => {
        const target = insertion.state.known(link)?.target;
        const text = keyText(link.target.root.table, link.columns, insertion.cells);
        return (target ? byState.get(target)! : byKey.get(text)!) > place;
      })
      .map((link) => ({ insertion, link }));
  });
}

/** When each new row is written, among those of its table. */
interface Places {
  readonly byState: ReadonlyMap<InstanceState, number>;
  /** By the keys that are given. */
  readonly byKey: ReadonlyMap<string, number>;
}

/** Rows whose keys are given come first, then those whose keys are made, in the order of these. */
function placesOf(insertions: readonly Insertion[]): Places {
  const byState = new Map<InstanceState, number>();
  const byKey = new Map<string, number>();
  for (const { state, cells, ordinal } of insertions) {
    const place = ordinal > 0 ? 2 ** 32 + ordinal : byState.size;
    byState.set(state, place);
    if (ordinal === 0) byKey.set(keyText(state.mapper.root.table, state.mapper.key, cells), place);
  }
  return { byState, byKey };
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
  const given = new Set<string>();
  for (const { state, cells } of work.insertions) given.add(keyText(state.mapper.root.table, state.mapper.key, cells));
  return work.insertions.flatMap((insertion) =>
    [...insertion.state.mapper.links].flatMap((link): Reference[] => {
      const from = link.columns[0]!.column.table;
      const to = link.references[0]!.column.table;
      const cells = link.columns.map((mapped) => insertion.cells[mapped.index]);
      if (from === to || !group.includes(from) || !group.includes(to)) return [];
      if (cells.some((cell) => cell === null || cell === undefined)) return [];
      const target = insertion.state.known(link)?.target;
      const refers =
        cells.some((cell) => cell instanceof KeyReference) ||
        (target && insertionOf(target, work)) ||
        given.has(keyText(link.target.root.table, link.columns, insertion.cells));
      return refers ? [{ from, to, link, insertion }] : [];
    }),
  );
}

function keyText(table: Table, key: readonly MappedColumn[], cells: readonly unknown[]): string {
  return `${table.id}:${key.map((mapped) => String(cells[mapped.index])).join()}`;
}
