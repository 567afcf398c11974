import { ColumnNode, Order, Scoped, type Expression } from '../../../sql/expression.ts';
import type { AliasSource, JoinNode, SelectNode, SourceNode } from '../../../sql/nodes.ts';
import { tableSource } from '../../../sql/source.ts';
import { sourcesOf } from '../../../sql/tree.ts';
import type { TableColumn } from '../../../schema/table.ts';

/** A select whose tables go by names of their own, so that it can stand within any other. */
export interface Renamed {
  readonly node: SelectNode;
  /** A column of its tables. */
  place(column: TableColumn): Expression;
  order(orderBy: readonly Order[]): Order[];
}

export function renamed(node: SelectNode, name: () => string): Renamed {
  const aliases = new Map<SourceNode, AliasSource>();
  for (const source of sourcesOf(node))
    if (source.kind === 'table') aliases.set(source, { kind: 'alias', table: source.table, name: name() });
  const move = (source: SourceNode): SourceNode => aliases.get(source) ?? source;
  const scope = (item: Expression): Expression => {
    let scoped = item;
    for (const [from, alias] of aliases) scoped = new Scoped(scoped, from, alias.name);
    return scoped;
  };
  const moveJoin = (join: JoinNode): JoinNode => ({
    ...join,
    source: move(join.source),
    on: scope(join.on),
    within: join.within?.map(moveJoin),
  });
  return {
    node: { ...node, from: move(node.from!), joins: node.joins.map(moveJoin), where: node.where.map(scope) },
    place: (column) => new ColumnNode(move(tableSource(column.table)), column.name, column.type, column),
    order: (orderBy) => orderBy.map((by) => new Order(scope(by.expression), by.descending, by.nulls)),
  };
}
