import { ConfigurationError } from '../../../errors/errors.ts';
import { entitySelectNode } from '../../../sql/entity-select.ts';
import type { FromJoin, LoadBy } from '../../../sql/loading.ts';
import { columnNode } from '../../../sql/source.ts';
import { branchOf } from '../branches.ts';
import { relatedRows } from '../related.ts';
import { LoadSpec, type Branch, type Embedded, type Host, type Strategy } from '../strategy.ts';
import { distinctRows, identityAt, widen } from './rows.ts';

const CONTAINS: Strategy = { name: 'containsEager', embed };

/**
 * What the query has joined itself, by `join()`, with its conditions and in its order: a part of the relation, in
 * `subset`, since the query may have left some out. Entities come once each, those without a match not at all.
 *
 * @example
 * session.query(User).join(User.c.posts).where(Post.c.views.gt(5)).with({ posts: containsEager() })
 * // select "users"…, "posts"… from "users" join "posts" on … where "posts"."views" > ?1
 * @throws ConfigurationError where the query joins no such relation, or is cut off: LIMIT would count pairs.
 */
export function containsEager(): LoadBy<FromJoin<true>>;
export function containsEager<const W>(relations: W): LoadBy<FromJoin<W>>;
export function containsEager(relations: unknown = true): LoadBy<FromJoin<never>> {
  const spec: object = new LoadSpec((relation, where) =>
    branchOf(relation, relations, where).map((branch): Branch => {
      if (!branch.part && branch.strategy === undefined)
        return { ...branch, part: entitySelectNode(relation.target.source), strategy: CONTAINS };
      throw new ConfigurationError(`${where}: containsEager() takes relations of ${relation.target.name} alone`);
    }),
  );
  return spec as LoadBy<FromJoin<never>>;
}

function embed(branch: Branch, { select, place }: Host): Embedded {
  const { owner, name, target } = branch.relation;
  const path = `${owner.name}.${name}`;
  const { node } = select;
  if (place !== columnNode || !node.joins.some(({ source }) => source === target.source.source))
    throw new ConfigurationError(`with(): ${path}: containsEager() reads what the query joins: .join(${path})`);
  if (select.closed || node.limit || node.offset)
    throw new ConfigurationError(
      `with(): ${path}: containsEager() of a query that is cut off, grouped or locked would lose some: load a part, ${name}: select(${target.name}).where(…)`,
    );
  const { shape, outputs, ownerAt } = relatedRows(branch);
  widen(select, true);
  const at = node.outputs.length;
  select.node = { ...node, outputs: [...node.outputs, ...outputs], joins: [...node.joins, ...shape.joins] };
  const identity = identityAt({ shape, ownerAt });
  return {
    shape,
    ownerAt,
    host: { select, place },
    rows: (found) =>
      distinctRows(
        found.map((row) => row.slice(at, at + outputs.length)),
        identity,
      ),
  };
}
