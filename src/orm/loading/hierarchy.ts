import type { Table } from '../../schema/table.ts';
import { ColumnNode, type Expression } from '../../sql/expression.ts';
import type { EntitySource, JoinNode, SelectNode, ShapeEntry, SourceNode } from '../../sql/nodes.ts';
import { someExpression } from '../../sql/tree.ts';
import { allEqual } from '../mapping/entity-source.ts';
import { heritage } from '../mapping/heritage.ts';
import type { Mapper } from '../mapping/mapper.ts';
import {
  makeShape,
  type EntityShape,
  type Hierarchy,
  type PlacedShapes,
  type ShapeInTheMaking,
} from './entity-query.ts';

/** How models are read whose rows may be of subclasses. */
export const hierarchy: Hierarchy = { ...heritage, addSubclasses, namedJoins, withSubclasses };

function addSubclasses(
  mapper: Mapper,
  shape: ShapeInTheMaking,
  inherited: readonly number[] = [],
  root = mapper,
): void {
  for (const member of mapper.subclasses) {
    const markers = [...inherited];
    if (member.table !== mapper.table) {
      const [own, others] = [member.table, root.table].map((table) => table.primaryKey.map((key) => shape.node(key)));
      shape.joins.push({ type: 'left', source: shape.place.sourceOf(member.table), on: allEqual(own!, others!) });
      markers.push(shape.read(`${member.table.name}.key`, member.table.primaryKey[0]!));
    }
    shape.add(member, markers);
    addSubclasses(member, shape, markers, root);
  }
}

function namedJoins({ joins }: EntityShape, conditions: readonly Expression[]): readonly JoinNode[] {
  const named = new Set<unknown>();
  for (const condition of conditions) {
    someExpression(condition, (item) => {
      if (item instanceof ColumnNode) named.add(item.source);
      return false;
    });
  }
  return joins.filter(({ source }) => named.has(source));
}

function withSubclasses(node: SelectNode): PlacedShapes {
  const outputs = [];
  const joins = [...node.joins];
  const shape: ShapeEntry[] = [];
  const shapes: (EntityShape | undefined)[] = [];
  for (const entry of node.shape) {
    const start = outputs.length;
    shape.push({ ...entry, start });
    if (entry.entity?.owner === undefined) {
      outputs.push(...node.outputs.slice(entry.start, entry.start + (entry.entity?.columns.size ?? 1)));
      shapes.push(undefined);
      continue;
    }
    const placed = placedShape(entry.entity, start, entry.name!);
    outputs.push(...placed.outputs);
    joins.push(...placed.joins);
    shapes.push(placed);
  }
  return { node: { ...node, outputs, joins, shape }, shapes };
}

/** The shape of an entity as a member of a row: under the name of its alias, its columns from `start`. */
function placedShape(entity: EntitySource, start: number, name: string): EntityShape {
  const own = [entity.source, ...entity.joins.map((join) => join.source)];
  const added = new Map<Table, SourceNode>();
  const sourceOf = (table: Table): SourceNode => {
    const known = own.find((source) => 'table' in source && source.table === table) ?? added.get(table);
    if (known) return known;
    const source: SourceNode = { kind: 'alias', table, name: `${name}:${table.name}` };
    added.set(table, source);
    return source;
  };
  return makeShape(entity.owner as Mapper, undefined, { sourceOf, start });
}
