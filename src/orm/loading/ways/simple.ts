import type { LoadBy } from '../../../sql/loading.ts';
import { branchOf } from '../branches.ts';
import { LoadSpec, type Strategy } from '../strategy.ts';

/** A way to load: a strategy for the branches that something makes of a relation. */
export function loadBy<W>(relations: unknown, strategy: Strategy | undefined): LoadBy<W> {
  const spec: object = new LoadSpec((relation, where) =>
    branchOf(relation, relations, where).map((branch) => ({ ...branch, strategy })),
  );
  return spec as LoadBy<W>;
}

const SELECT_IN: Strategy = { name: 'selectIn' };

/**
 * Loads a relation in a second round trip, by the keys of the entities that the first has brought. Best where the query of
 * the parents reads much and yields little.
 *
 * @example
 * session.query(User).where(slow).limit(10).with({ posts: selectInLoad(true) })
 * // select … from "posts" where "posts"."author_id" in (select value from json_each(?1)) order by "posts"."id"
 */
export function selectInLoad<const W>(relations: W): LoadBy<W> {
  return loadBy(relations, SELECT_IN);
}

/**
 * Loads a relation as it is by default: by a query of its own in the same round trip, which repeats that of the parents.
 *
 * @example
 * session.query(User).with({ posts: batchLoad(true) })
 * // select … from "posts" where "posts"."author_id" in (with "parents:0" as (…) select "key0" from "parents:0")
 */
export function batchLoad<const W>(relations: W): LoadBy<W> {
  return loadBy(relations, undefined);
}
