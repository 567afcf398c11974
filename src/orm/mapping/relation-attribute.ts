import { ConfigurationError } from '../../errors/errors.ts';
import { RELATION, type Joinable } from '../../sql/entity-select.ts';
import {
  Bind,
  ColumnNode,
  Scoped,
  coalesced,
  exists,
  expressionOf,
  logical,
  negated,
  type Expression,
  type ExpressionNode,
} from '../../sql/expression.ts';
import type { AliasSource, JoinNode, SelectNode } from '../../sql/nodes.ts';
import { selectNode } from '../../sql/select.ts';
import { columnNode, tableSource } from '../../sql/source.ts';
import { someExpression, sourcesOf } from '../../sql/tree.ts';
import type { TableColumn } from '../../schema/table.ts';
import { booleanType } from '../../types/scalar.ts';
import { allEqual } from './entity-source.ts';
import type { RelationMapping } from './mapper.ts';

/** A relation of a class, for queries: `User.c.posts.some(…)`. */
export class RelationAttribute implements Joinable {
  declare readonly resolve: () => RelationMapping;

  constructor(resolve: () => RelationMapping) {
    this.resolve = resolve;
  }

  get brand(): symbol {
    return RELATION;
  }
  get kind(): 'many' | 'one' {
    return this.resolve().many ? 'many' : 'one';
  }
  get target(): unknown {
    return this.resolve().target.class;
  }

  /** A condition that is undefined is none that was left out: it would hold for more rows than were meant. */
  some(...given: readonly unknown[]): Expression {
    return related(this.resolve(), given.length === 0 ? undefined : expressionOf(given[0], 'some()'));
  }
  has(...given: readonly unknown[]): Expression {
    return this.some(...given);
  }
  none(...given: readonly unknown[]): Expression {
    return negated(this.some(...given));
  }
  every(condition: unknown): Expression {
    const met = coalesced(expressionOf(condition, 'every()'), new Bind(false, booleanType));
    return negated(related(this.resolve(), negated(met)));
  }
  eq(entity: unknown): Expression {
    const relation = this.resolve();
    const { kind, way, owner, name } = relation;
    const where = `${owner.name}.${name}.eq()`;
    if (!kind?.refersTo || way !== 'forward')
      throw new ConfigurationError(`${where}: the key is on the other side; use has()`);
    return logical('and', kind.refersTo(owner, relation, entity, where));
  }

  joins(): readonly JoinNode[] {
    const { owner, target, name, table, link, view } = this.resolve();
    if (owner.root === target.root) {
      throw new ConfigurationError(`join(): ${owner.name}.${name} is of the same table; join an alias() of it`);
    }
    const { source, joins, where } = target.source;
    const joined = (on: Expression): JoinNode => ({
      type: 'inner',
      source,
      on: logical('and', [on, ...where, ...(view?.() ?? [])]),
      within: joins.length > 0 ? joins : undefined,
    });
    if (!table) return [joined(linked(link!, same, same))];
    const ownerSide = allEqual(
      table.ownerColumns.map(columnNode),
      table.ownerKey.map((key) => columnNode(key.column)),
    );
    return [{ type: 'inner', source: tableSource(table.table), on: ownerSide }, joined(targetSide(table, same))];
  }
}

type Place = (column: TableColumn) => Expression;
const same: Place = columnNode;

/** The foreign key and what it refers to are equal. */
function linked(link: NonNullable<RelationMapping['link']>, holder: Place, target: Place): Expression {
  return allEqual(
    link.columns.map((mapped) => holder(mapped.column)),
    link.references.map((mapped) => target(mapped.column)),
  );
}

function targetSide(table: NonNullable<RelationMapping['table']>, target: Place): Expression {
  return allEqual(
    table.targetColumns.map(columnNode),
    table.targetKey.map((mapped) => target(mapped.column)),
  );
}

/** EXISTS over the related rows. */
function related(relation: RelationMapping, condition: Expression | undefined): Expression {
  return exists(relatedSelect(relation, condition).node);
}

/** The related rows of one. Where both sides are one table, they go by another name, in expressions too. */
export function relatedSelect(
  relation: RelationMapping,
  condition: Expression | undefined,
): { readonly node: SelectNode; readonly place: (item: Expression) => Expression } {
  const { target, owner, way, link, table } = relation;
  const self = owner.root === target.root;
  if (self && target.source.joins.length > 0) {
    throw new ConfigurationError(
      `${owner.name}.${relation.name}: a condition over a subclass of its own hierarchy; use exists() with an alias()`,
    );
  }
  const source = self ? aliasFor(target.root.table, condition) : target.source.source;
  const place: Place = self ? (column) => new ColumnNode(source, column.name, column.type, column) : same;
  const scope = (item: Expression): Expression => (self ? new Scoped(item, target.source.source, source.name) : item);
  const joins: JoinNode[] = [...target.source.joins];
  const where: Expression[] = [];
  if (table) {
    joins.unshift({ type: 'inner', source: tableSource(table.table), on: targetSide(table, place) });
    where.push(
      allEqual(
        table.ownerColumns.map(columnNode),
        table.ownerKey.map((mapped) => columnNode(mapped.column)),
      ),
    );
  } else {
    where.push(way === 'forward' ? linked(link!, same, place) : linked(link!, place, same));
  }
  for (const own of [...target.source.where, ...(relation.view?.() ?? [])]) where.push(scope(own));
  if (condition) where.push(scope(condition));
  return { node: selectNode([], [], { from: source, joins, where }), place: scope };
}

/** A name that nothing within the condition has. */
function aliasFor(table: AliasSource['table'], condition: Expression | undefined): AliasSource {
  const used = new Set<string>();
  if (condition) {
    someExpression(condition, (given) => {
      const node = given as ExpressionNode;
      const sources = node.kind === 'select' ? sourcesOf(node.node) : node.kind === 'column' ? [node.source] : [];
      for (const source of sources) if (source !== 'excluded') used.add(source.name.toLowerCase());
      return false;
    });
  }
  let number = 1;
  while (used.has(`${table.name}_${number}`.toLowerCase())) number++;
  return { kind: 'alias', table, name: `${table.name}_${number}` };
}
