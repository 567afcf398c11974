import { ConfigurationError } from '../../../errors/errors.ts';
import type { LoadBy, NamedParts } from '../../../sql/loading.ts';
import { isRecord, kindOf } from '../../../util/brand.ts';
import { branchOf } from '../branches.ts';
import { LoadSpec, type Branch } from '../strategy.ts';

/**
 * Several parts of one relation, each under its name: in `parts` of the relation, never in `items`.
 *
 * @example
 * const user = await session.query(User).with({
 *   posts: parts({ newest: select(Post).orderBy(Post.c.id.desc()).limit(3), drafts: select(Post).where(isDraft) }),
 * }).one()
 * user.posts.parts.newest
 * @throws ConfigurationError for what is no select of the relation's target.
 */
export function parts<const P extends Readonly<Record<string, unknown>>>(selects: P): LoadBy<NamedParts<P>> {
  if (!isRecord(selects)) throw new ConfigurationError(`parts(): expected selects by name, got ${kindOf(selects)}`);
  const spec: object = new LoadSpec((relation, where) =>
    Object.entries(selects).flatMap(([name, value]) =>
      branchOf(relation, value, `${where}.${name}`).map((branch): Branch => {
        if (branch.part && branch.name === undefined) return { ...branch, name };
        throw new ConfigurationError(`${where}.${name}: expected a select of ${relation.target.name}, as parts are`);
      }),
    ),
  );
  return spec as LoadBy<NamedParts<P>>;
}
