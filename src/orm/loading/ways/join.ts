import type { LoadBy } from '../../../sql/loading.ts';
import { Order, logical } from '../../../sql/expression.ts';
import type { SelectNode } from '../../../sql/nodes.ts';
import { columnNode } from '../../../sql/source.ts';
import { inQuery, named } from '../related.ts';
import type { Branch, Embedded, Host, HostSelect, Strategy } from '../strategy.ts';
import { distinctRows, identityAt, innerOf, widen } from './rows.ts';
import { loadBy } from './simple.ts';

const JOIN: Strategy = { name: 'join', embed };

/**
 * Loads a relation by a LEFT JOIN in the query of its parents. Best for to-one relations: a collection repeats the row of
 * each parent. Where the query cannot take a join, the relation is loaded as it would be without.
 *
 * @example
 * session.query(Post).with({ author: joinedLoad(true) })
 * // select … from "posts" left join "users" as "r:1" on "r:1"."id" = "posts"."author_id"
 */
export function joinedLoad<const W>(relations: W): LoadBy<W> {
  return loadBy(relations, JOIN);
}

function embed(branch: Branch, host: Host): Embedded | string {
  const { relation, part } = branch;
  const { select } = host;
  if (select.closed) return select.closed;
  if (part && (part.lock || part.limit || part.offset)) return 'the part is locked, or cut off for each parent';
  // At most one row joins each parent only where it has the key.
  const isMultiplied = relation.way !== 'forward';
  if (isMultiplied && select.isJoined) return 'the query has joins of its own';
  const parents = isMultiplied ? uncut(select) : select.node;
  if (!parents) return 'its parents are cut off, and cannot be read twice';
  const { rows, tables, outputs, on } = innerOf(branch, host);
  widen(select, isMultiplied);
  const at = parents.outputs.length;
  const { from, joins, where } = tables.node;
  const within = joins.length > 0 ? joins : undefined;
  select.node = {
    ...parents,
    outputs: [...parents.outputs, ...outputs],
    joins: [...parents.joins, { type: 'left', source: from!, on: logical('and', [on, ...where]), within }],
    orderBy: [...parents.orderBy, ...tables.order(rows.order)],
  };
  const { shape, ownerAt } = rows;
  const identity = identityAt({ shape, ownerAt });
  const key = identity[identity.length - 1]!;
  return {
    shape,
    ownerAt,
    host: { select, place: (column) => tables.place(column) },
    rows: (found) => {
      const own = found.map((row) => row.slice(at, at + outputs.length));
      return distinctRows(
        own.filter((row) => row[key] !== null),
        identity,
      );
    },
  };
}

/** The select without LIMIT, which would count the rows of the join: what it lets through is a condition. */
function uncut({ node, core, shape, names, place }: HostSelect): SelectNode | undefined {
  const { mapper } = shape.candidates[shape.candidates.length - 1]!;
  // Rows of one parent after the other, so that those of a join come in the order of the relation.
  const orderBy = [...node.orderBy, ...mapper.key.map(({ column }) => new Order(place(column), false))];
  if (!node.limit && !node.offset) return { ...node, orderBy };
  if (!core) return undefined;
  const keys = mapper.key.map(({ column }) => columnNode(column));
  const page = inQuery(keys, { ...core, outputs: named('key', keys) }, `page:${names}`);
  return { ...node, where: [page], limit: undefined, offset: undefined, orderBy };
}
