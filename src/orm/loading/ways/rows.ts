import { ColumnNode } from '../../../sql/expression.ts';
import { allEqual } from '../../mapping/entity-source.ts';
import { followed } from '../../mapping/mapper.ts';
import { identityOf } from '../../state/identity-map.ts';
import type { Expression } from '../../../sql/expression.ts';
import type { Output } from '../../../sql/nodes.ts';
import { relatedRows, type RelatedRows } from '../related.ts';
import type { Branch, Host, HostSelect } from '../strategy.ts';
import { renamed, type Renamed } from './renamed.ts';

type Cells = readonly unknown[];

/** What a relation reads, under names of its own, and how its rows belong to those of the parents. */
export interface Inner {
  readonly rows: RelatedRows;
  readonly tables: Renamed;
  readonly outputs: readonly Output[];
  readonly on: Expression;
}

/** The relation, to be put into the query of its parents. */
export function innerOf(branch: Branch, { select, place }: Host): Inner {
  const rows = relatedRows(branch);
  const { core, shape, ends } = rows;
  const tables = renamed({ ...core, joins: [...core.joins, ...shape.joins] }, () => `r:${++select.names}`);
  const outputs = rows.outputs.map(({ name, expression }) => ({
    name,
    expression: tables.place((expression as ColumnNode).column!),
  }));
  const on = allEqual(
    ends.map((end) => tables.place(end.column!)),
    followed(branch.relation).map((mapped) => place(mapped.column)),
  );
  return { rows, tables, outputs, on };
}

/** Where the rows of a select have what tells one from the next: the parent's key, and their own. */
export function identityAt({ shape, ownerAt }: Pick<HostSelect, 'shape' | 'ownerAt'>): number[] {
  const { mapper, positions } = shape.candidates[shape.candidates.length - 1]!;
  return [...(ownerAt ?? []), ...mapper.key.map((mapped) => positions[mapped.index]!)];
}

/** The first row of each. */
export function distinctRows(rows: readonly Cells[], at: readonly number[]): Cells[] {
  const seen = new Set<string | number>();
  return rows.filter((row) => {
    const before = seen.size;
    return seen.add(identityOf(at.map((place) => row[place]))).size > before;
  });
}

/** From now on the rows of the select have more than its own columns, or come several times over. */
export function widen(select: HostSelect, isMultiplied: boolean): void {
  const width = select.node.outputs.length;
  const before = select.reduce ?? ((rows) => rows.map((row) => row.slice(0, width)));
  const at = isMultiplied ? identityAt(select) : undefined;
  select.reduce = (rows) => (at ? distinctRows(before(rows), at) : before(rows));
}
