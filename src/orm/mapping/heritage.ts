import type { Table } from '../../schema/table.ts';
import type { Expression } from '../../sql/expression.ts';
import type { JoinNode } from '../../sql/nodes.ts';
import { columnNode, tableSource } from '../../sql/source.ts';
import { allEqual } from './entity-source.ts';
import type { Mapper } from './mapper.ts';
import type { ModelInfo } from './model-info.ts';

/** What only models that extend another do, brought by `extend()`. */
export interface Heritage {
  /** The tables of the bases, each joined by the key. */
  joins(info: ModelInfo): JoinNode[];
  /** Which rows of its tables are its own. A base that is no subclass has them all. */
  rows(mapper: Mapper): Expression[];
  /** Gives it what its base has. */
  inherit(mapper: Mapper): void;
}

export const heritage: Heritage = { joins: baseJoins, rows: ownRows, inherit };

function inherit(mapper: Mapper): void {
  const base = mapper.base!;
  for (const [name, relation] of base.relations) mapper.relations.set(name, relation);
  for (const link of base.links) mapper.links.add(link);
  for (const link of base.incoming) mapper.incoming.add(link);
}

/** Which rows of its tables are of a subclass, or of one of its own. */
function ownRows(mapper: Mapper): Expression[] {
  return [...mapper.fixed.keys()].map((mapped) => {
    const node = mapper.source.columns.get(mapped.attribute)!;
    const values = [...new Set(mapper.family().map((member) => member.fixed.get(mapped)))];
    return values.length === 1 ? node.eq(values[0]) : node.in(values);
  });
}

/** The tables of the bases, each joined by the key. */
function baseJoins(info: ModelInfo): JoinNode[] {
  const joins: JoinNode[] = [];
  for (let child = info; child.base; child = child.base) {
    if (child.base.table === child.table) continue;
    joins.push({ type: 'inner', source: tableSource(child.base.table), on: sameKey(child.table, child.base.table) });
  }
  return joins;
}

/** Equality of the primary keys of two tables of one hierarchy. */
function sameKey(left: Table, right: Table): Expression {
  return allEqual(left.primaryKey.map(columnNode), right.primaryKey.map(columnNode));
}
