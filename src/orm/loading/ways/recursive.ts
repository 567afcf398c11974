import { ConfigurationError, InvalidValueError } from '../../../errors/errors.ts';
import type { LoadBy, Levels } from '../../../sql/loading.ts';
import { kindOf } from '../../../util/brand.ts';
import { LoadSpec, type Branch } from '../strategy.ts';

/**
 * A relation of a model to itself, so many levels deep, in the same round trip.
 *
 * @example
 * const roots = await session.query(Folder).where(Folder.c.parentId.isNull()).with({ children: recursiveLoad(3) }).all()
 * roots[0].children.items[0].children.items[0].children.items
 * @throws ConfigurationError for a relation to another model.
 */
export function recursiveLoad<const N extends number>(depth: N): LoadBy<Levels<N>> {
  if (!Number.isSafeInteger(depth) || depth < 1)
    throw new InvalidValueError(`recursiveLoad(): expected a number of levels, 1 or more; got ${kindOf(depth)}`);
  const spec: object = new LoadSpec((relation, where) => {
    const { owner, target } = relation;
    if (!target.isA(owner))
      throw new ConfigurationError(
        `${where}: ${owner.name}.${relation.name} leads to ${target.name}, which has no such relation`,
      );
    let branches: Branch[] = [];
    for (let level = 0; level < depth; level++) branches = [{ relation, part: undefined, branches }];
    return branches;
  });
  return spec as LoadBy<Levels<N>>;
}
